"""Each customer is reminded in their own way, a statement in French or a Spanish SMS; what is disputed is left out."""

from __future__ import annotations

import email
import email.policy
import re
from datetime import timedelta
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from python_calamine import CalamineWorkbook

from collections_app.models import Notice, Plan
from collections_app.services.plans import Rules, StepInput, publish_version
from disputes.models import Dispute
from ledger import services as ledger
from ledger.models import Contact
from lib import clock
from mailroom.choices import Channel
from tests.browser.stage import DESKTOP, quiet, window
from tests.factories import Cast, make_cast, make_customer, make_invoice
from tests.journeys.test_story import letters, manage
from tests.live import Live

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast() -> Cast:
    """The people, committed. Small invoices are asked for by SMS; the story may be told on any day of the week."""
    people = make_cast()
    at = clock.now()
    steps = {
        "standard": [StepInput(1, "dunning.friendly", channel=Channel.SMS)],
        "gentle": [StepInput(3, "dunning.statement", attach=["statement_pdf", "statement_xlsx"])],
    }
    for code, each in steps.items():
        plan = Plan.objects.get(entity=people.entity, code=code)
        publish_version(plan=plan, steps=each, by=None, at=at, rules=Rules())
    return people


def send_the_day(page: Page, live: Live) -> None:
    """The day is sent, and Alice sees on its page that it went."""
    manage(live, "dun", "--entity", "ACM", "--json")
    page.goto("/collections/")
    expect(page.get_by_role("region", name="What went")).to_contain_text("Sent")


def mails(live: Live) -> dict[str, EmailMessage]:
    """What was sent, by where to."""
    found = {}
    for path in (Path(live.env["VAR_DIR"]) / "mail").glob("**/*.eml"):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        found[str(mail["To"])] = mail
    return found


def test_a_strategic_customer_gets_a_statement_in_french_and_a_small_one_an_sms_in_spanish(
    cast: Cast, live: Live, chromium: Browser
) -> None:
    today = clock.today(cast.entity.time_zone)
    garonne = make_customer(
        cast.entity, "C-009", "Garonne Outillage SAS", country="FR", segment="strategic", language="fr"
    )
    Contact.objects.filter(customer=garonne).update(language="fr")
    ledger.change_contact(contact=Contact.objects.get(customer=cast.sur), phone="612 345 678")
    late = {"issued_on": today - timedelta(days=40), "due_on": today - timedelta(days=5)}
    make_invoice(garonne, "84000.00", number="G-1", **late)
    make_invoice(garonne, "12500.50", number="G-2", issued_on=today, due_on=today + timedelta(days=30))
    make_invoice(cast.sur, "95.20", number="S-1", **late)
    page = window(chromium, live, cast.alice, viewport=DESKTOP)
    send_the_day(page, live)

    sent = mails(live)
    (statement,) = [mail for to, mail in sent.items() if "c-009" in to]
    body = statement.get_body(("plain",))
    assert body is not None
    assert "84" in body.get_content()
    assert re.search(r"relevé", str(statement["Subject"]) + body.get_content(), re.IGNORECASE)
    files = {part.get_content_type(): part.get_content() for part in statement.iter_attachments()}
    assert files["application/pdf"][:5] == b"%PDF-"
    (sheet,) = [data for kind, data in files.items() if "spreadsheet" in kind]
    rows = CalamineWorkbook.from_filelike(BytesIO(sheet)).get_sheet_by_index(0).to_python()
    cells = {cell for row in rows for cell in row}
    assert {"G-1", "G-2", 84000, 12500.5} <= cells

    (sms,) = [mail for to, mail in sent.items() if "34612345678" in to]
    text = sms.get_body(("plain",))
    assert text is not None
    assert "95,20 € han vencido" in text.get_content()
    assert re.search(r"Ref\. RF\d\d S1", text.get_content())
    assert len(sent) == 2
    quiet(page)


def test_a_dispute_stops_its_line_of_the_letter_and_not_the_others(
    cast: Cast, live: Live, chromium: Browser
) -> None:
    today = clock.today(cast.entity.time_zone)
    plan = Plan.objects.get(entity=cast.entity, code="standard")
    steps = [StepInput(1, "dunning.friendly"), StepInput(8, "dunning.firm")]
    publish_version(plan=plan, steps=steps, by=None, at=clock.now(), rules=Rules())
    for number, amount in (("N-1", "100.00"), ("N-2", "230.00"), ("N-3", "370.00")):
        late = {"issued_on": today - timedelta(days=40), "due_on": today - timedelta(days=5)}
        make_invoice(cast.norte, amount, number=number, **late)
    page = window(chromium, live, cast.alice, viewport=DESKTOP)
    page.goto("/invoices/")
    page.get_by_role("link", name="N-2").first.click()
    page.get_by_role("link", name="Open a dispute").click()
    page.get_by_role("radio", name="Price").check()
    page.get_by_role("button", name="Open the dispute").click()
    expect(page).to_have_url(re.compile(r"/disputes/\d+/$"))
    assert Dispute.objects.count() == 1

    page.goto("/collections/")
    expect(page.get_by_role("main")).to_contain_text("470.00")
    send_the_day(page, live)
    (text,) = letters(live)
    assert "N-1" in text
    assert "N-3" in text
    assert "470,00" in text
    assert "N-2" not in text
    lines = {line.invoice.number: line.why for line in Notice.objects.get().lines.select_related("invoice")}
    assert lines == {"N-1": "asked", "N-2": "disputed", "N-3": "asked"}
    quiet(page)
