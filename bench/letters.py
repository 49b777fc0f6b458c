"""What letters cost in CPU: e-mails written and queued, pages of paper, codes to scan; beside a floor in the same run.

    python bench/letters.py [N]        (default 1000 letters; needs DATABASE_URL of a scratch database server)

Makes a database of its own and drops it. The floors: for an e-mail, an f-string with the same figures and one INSERT of
the row as it is queued; for paper, typst itself with the same number of pages of the same words and nothing of ours.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

import typst
from django.db import connection, transaction
from pypdf import PdfReader

from accounts.models import LegalEntity
from collections_app.choices import Why
from collections_app.decision.book import Book
from collections_app.decision.items import Item
from collections_app.services import plans
from collections_app.services.letters import Reminder, recipient_of, write
from ledger.models import Contact, Customer
from mailroom.models import Letter
from mailroom.paper.press import press
from mailroom.paper.sheet import sheet_of
from mailroom.qr import Transfer, as_png
from mailroom.services import Draft, Paper, queue_letter

ON = date(2026, 11, 20)
AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
LINES = 10
PER_DOCUMENT = 100
POSTAL = "Comercial Norte, S.A.\nAna García\nCalle Mayor 12, 3.º B\n28013 Madrid"
IBAN = "ES9121000418450200051332"


def cpu(work: Callable[[], object]) -> float:
    """The CPU seconds of this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def company() -> tuple[LegalEntity, Customer, Contact]:
    """One entity and one customer: nothing here depends on how many there are."""
    entity = LegalEntity.objects.create(
        code="BEN", name="Bench, S.A.", country="ES", currency="EUR", iban=IBAN
    )
    plans.install(entity, at=AT)
    customer = Customer.objects.create(
        entity=entity, code="C", name="Norte", name_key="norte", recorded_at=AT
    )
    contact = Contact.objects.create(
        customer=customer, name="Ana", email="ana@norte.example", is_billing=True
    )
    return entity, customer, contact


def reminders(count: int) -> list[Reminder]:
    """So many reminders for ten invoices each."""
    entity, customer, contact = company()
    rule = next(iter(Book.of(entity).rules.values()))
    days = max(rule.steps)
    due = ON - timedelta(days=days)
    item = Item(
        1, "F-1", customer.pk, "EUR", rule.plan_id, due, days, Decimal("1210.00"), Decimal("0.00"),
        Decimal("0.00"), days, None, Why.ASKED,
    )  # fmt: skip
    recipient = recipient_of(customer, contact)
    return [
        Reminder(
            entity, customer, recipient, "EUR", ON, rule,
            [replace(item, invoice_id=n * LINES + k, number=f"F-2026/{n:05d}-{k}") for k in range(LINES)], n,
        )
        for n in range(count)
    ]  # fmt: skip


def queue(given: list[Reminder]) -> None:
    """Write each and put it into the outbox, as the day's run does."""
    texts: dict[tuple[int, str, str, str], object] = {}
    for reminder in given:
        words = write(reminder, texts)  # type: ignore[arg-type]
        draft = Draft(
            reminder.entity,
            f"bench:{reminder.notice_id}",
            "dunning.formal",
            "ana@norte.example",
            "Ana",
            words,
        )
        with transaction.atomic():
            queue_letter(draft=draft, at=AT)


def floor_of_mails(given: list[Reminder]) -> None:
    """The same figures in an f-string, and the row as the outbox has it."""
    rows = Letter.objects.order_by("pk").values()
    row = {name: value for name, value in rows[0].items() if name != "id"}
    columns = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join(["%s"] * len(row))
    with connection.cursor() as cursor:
        for n, reminder in enumerate(given):
            lines = "".join(f"<tr><td>{item.number}</td><td>{item.open}</td></tr>" for item in reminder.items)
            body = f"<p>Estimada Ana:</p><table>{lines}</table><p>{sum(item.open for item in reminder.items)}</p>"
            row |= {"key": f"floor:{n}", "message_id": f"<floor{n}@x>", "body_html": body}
            row |= {"enclosed": "[]", "paper": "{}"}
            cursor.execute(f"INSERT INTO mailroom_letter ({columns}) VALUES ({marks})", list(row.values()))


def floor_of_paper(sheets: list[dict[str, object]]) -> int:
    """typst alone: the same paragraphs and tables on pages without a letterhead; how many pages."""
    said = json.dumps([sheet["parts"] for sheet in sheets])
    source = """
    #set page(paper: "a4")
    #set text(font: ("Noto Sans", "DejaVu Sans", "Libertinus Serif"), size: 9.5pt)
    #for parts in json(bytes(sys.inputs.data)) {
      for part in parts {
        if part.kind == "text" { par[#part.text] }
        if part.kind == "table" {
          table(columns: part.head.len(), ..part.head, ..part.rows.flatten(), ..part.foot)
        }
      }
      pagebreak(weak: true)
    }"""
    made = typst.compile(source.encode(), sys_inputs={"data": said}, pdf_standards="a-2b")
    return len(PdfReader(BytesIO(bytes(made))).pages)


def measure(count: int) -> None:
    """All of it, once."""
    given = reminders(count)
    queue(given[:20])
    mails = cpu(lambda: queue([replace(one, notice_id=count + n) for n, one in enumerate(given)]))
    floor = cpu(lambda: floor_of_mails(given))
    print(
        f"e-mails written and queued: {count / mails:8.0f} a CPU second; floor {count / floor:8.0f};"
        f" {mails / floor:.1f}x"
    )

    transfer = Transfer("Bench, S.A.", IBAN, Decimal("12100.00"), "RF97K12")
    codes = cpu(lambda: [as_png(transfer) for _n in range(100)])
    print(f"codes to scan drawn:        {100 / codes:8.0f} a CPU second")

    words = [write(reminder) for reminder in given[:PER_DOCUMENT]]
    paper = Paper(POSTAL, ON, "RF97 K12", Decimal("12100.00"), "EUR")
    sheets = [sheet_of(entity=given[0].entity, words=one, paper=paper) for one in words]
    made: list[bytes] = []
    pages = cpu(lambda: made.append(press([(given[0].entity, one) for one in sheets], title="Bench", at=AT)))
    count_of = len(PdfReader(BytesIO(made[0])).pages)
    floors: list[int] = []
    bare = cpu(lambda: floors.append(floor_of_paper(sheets)))
    print(
        f"pages of paper:             {count_of / pages:8.0f} a CPU second; floor {floors[0] / bare:8.0f};"
        f" {(pages / count_of) / (bare / floors[0]):.1f}x  ({count_of} pages in one document)"
    )
    single = cpu(lambda: [press([(given[0].entity, one)], title="Bench", at=AT) for one in sheets[:20]])
    print(f"letters in a PDF of their own: {20 / single:5.0f} a CPU second")


if __name__ == "__main__":
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        measure(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
