"""The whole job, as the people do it: a file, a dispute, a question, an answer, a reminder, a figure."""

from __future__ import annotations

import email
import email.policy
import json
import re
import subprocess
import sys
from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from disputes.models import Dispute, Question
from lib import clock
from tests.browser.stage import DESKTOP, PHONE, live_now, quiet, window
from tests.factories import Cast, make_cast
from tests.live import Live

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast() -> Cast:
    """The people, committed, so that the running application sees them; the clock on the wall is theirs."""
    return make_cast()


def last_month(today: date) -> tuple[date, int]:
    """The first day of the month before `today`'s, and its number of days."""
    first = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    return first, monthrange(first.year, first.month)[1]


def write_invoices(path: Path, today: date) -> Path:
    """The ERP's export, in Spanish: three invoices of last month, the second one paid."""
    first, _ = last_month(today)
    later = today + timedelta(days=30)
    rows = [
        "Nº factura;Cód. cliente;Nombre cliente;Fecha factura;Vencimiento;Importe total;Moneda;Fecha cobro",
        f"A-1;C-001;Comercial Norte, S.A.;{first:%d/%m/%Y};{first + timedelta(days=9):%d/%m/%Y};1.500,00;EUR;",
        f"A-2;C-001;Comercial Norte, S.A.;{first:%d/%m/%Y};{first + timedelta(days=9):%d/%m/%Y};1.000,00;EUR;"
        f"{first + timedelta(days=12):%d/%m/%Y}",
        f"A-3;C-001;Comercial Norte, S.A.;{first + timedelta(days=4):%d/%m/%Y};{later:%d/%m/%Y};1.500,00;EUR;",
        "mal;C-001;Comercial Norte, S.A.;31/02/2026;;doce;EUR;",
    ]
    path.write_bytes("\r\n".join(rows).encode("cp1252"))
    return path


def manage(live: Live, *words: str, code: int = 0) -> Any:
    """The JSON a command prints, run as a person would beside the running application."""
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=settings.BASE_DIR,
        env=live.env,
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


def letters(live: Live) -> list[str]:
    """The text of every mail sent."""
    found = []
    for path in sorted((Path(live.env["VAR_DIR"]) / "mail").glob("**/*.eml")):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        body = mail.get_body(("plain",))
        assert body is not None
        found.append(f"{mail['To']}\n{mail['Subject']}\n{body.get_content()}")
    return found


def open_the_dispute(page: Page) -> Dispute:
    """Alice disputes 400.00 of A-1 because of its price, starting from the invoice."""
    page.goto("/invoices/")
    page.get_by_role("link", name="A-1").first.click()
    page.get_by_role("link", name="Open a dispute").click()
    page.get_by_label("An amount").check()
    page.get_by_label("Disputed amount, tax included").fill("400")
    page.get_by_role("radio", name="Price").check()
    page.get_by_label("What the customer says").fill("The order says 11.00, the invoice 15.00.")
    expect(page.locator("#summary output")).to_contain_text("400.00")
    page.get_by_role("button", name="Open the dispute").click()
    expect(page).to_have_url(re.compile(r"/disputes/\d+/$"))
    return Dispute.objects.get()


def phone_of(chromium: Browser, live: Live, user: User) -> Page:
    """The salesperson between two visits, looking at their customers."""
    page = window(chromium, live, user, viewport=PHONE)
    page.goto("/customers/")
    live_now(page)
    return page


def test_from_the_file_to_the_reminder_and_the_figure(
    cast: Cast, live: Live, chromium: Browser, tmp_path: Path
) -> None:
    today = clock.today(cast.entity.time_zone)
    read = manage(
        live, "intake", str(write_invoices(tmp_path / "erp.csv", today)), "--entity", "ACM", "--json", code=1
    )
    file = read["files"][0]
    assert (file["documents"], file["created"], file["rejected"]) == (4, 3, 1)
    assert file["totals"] == {"EUR": "4000.00"}
    assert file["rejects"][0]["at"] == "line 5, column Fecha factura"

    desk, phone = window(chromium, live, cast.alice, viewport=DESKTOP), phone_of(chromium, live, cast.sam)
    dispute = open_the_dispute(desk)
    live_now(desk)
    desk.get_by_role("button", name="Ask sales").click()
    desk.evaluate("document.body.dataset.kept = 'yes'")

    popup = phone.get_by_role("dialog")
    expect(popup).to_contain_text("Which price did you agree?")
    expect(popup).to_contain_text("400.00")
    popup.get_by_role("button", name="The customer's price was agreed").tap()
    expect(popup).to_have_count(0)

    # Alice's page shows the answer and the new stage; it was not loaded again.
    expect(desk.locator(f"#card-{dispute.pk}")).to_contain_text("Prepare credit note")
    expect(desk.get_by_role("log")).to_contain_text("The customer's price was agreed")
    assert desk.evaluate("document.body.dataset.kept") == "yes"
    dispute.refresh_from_db()
    assert (dispute.stage.code, dispute.facts["agreed_price"]) == ("prepare_credit", "customer")
    assert Question.objects.get().answer.answered_by == cast.sam

    for _ in range(2):
        manage(live, "dun", "--entity", "ACM", "--json")
    sent = letters(live)
    assert len(sent) == 1
    assert "<payables@c-001.example>" in sent[0]
    assert "1.100,00" in sent[0]
    assert "A-3" not in sent[0]

    check_the_figures(live, today)
    quiet(desk)
    quiet(phone)


def check_the_figures(live: Live, today: date) -> None:
    """By hand: this month has no sales and adds its days; last month's 4,000 cover the open 3,000 by three quarters.

    Of the 3,000, 400 are in dispute, 1,100 late and 1,500 not due.
    """
    _, days = last_month(today)
    dso = Decimal(today.day) + Decimal(days) * 3 / 4
    told = manage(live, "report", "dso", "--entity", "ACM", "--format", "json")
    assert told["as_of"] == today.isoformat()
    assert (told["receivables"], told["currency"], told["exhausted"]) == ("3000.00", "EUR", False)
    assert told["dso"] == pytest.approx(float(dso), abs=0.0006)
    assert told["dispute_dso"] == pytest.approx(float(dso * 400 / 3000), abs=0.0006)
    assert told["parts"]["late"] == pytest.approx(float(dso * 1100 / 3000), abs=0.0011)
    assert told["parts"]["not_due"] == pytest.approx(float(dso * 1500 / 3000), abs=0.0011)
    assert sum(Decimal(str(part)) for part in told["parts"].values()) == Decimal(str(told["dso"]))
    marginal = dso - (Decimal(today.day) + Decimal(days) * 2600 / 4000)
    assert told["dispute_dso_marginal"] == pytest.approx(float(marginal), abs=0.0006)
    aging = manage(live, "report", "aging", "--entity", "ACM", "--format", "json")
    assert (aging["total"], aging["buckets"]["not_due"]) == ("3000.00", "1500.00")
    assert sum(Decimal(amount) for amount in aging["disputed"].values()) == Decimal("400.00")
