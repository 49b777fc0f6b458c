"""The cast with its plans and dispute reasons, a mail directory of its own, and short ways to say things."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.utils import translation

from collections_app.models import Notice, Run
from collections_app.services import dunning, plans
from collections_app.services.day import CustomerRow, preview
from collections_app.services.promises import make_promise
from disputes import services as disputes
from disputes.models import Dispute, Reason
from ledger.models import Invoice
from tests.factories import AT, ON, Cast


@dataclass(slots=True)
class House:
    """The cast at work: decides and sends, opens disputes, reads the mail that left."""

    cast: Cast
    mail_dir: Path

    def dun(self, on: date = ON, at: datetime | None = None) -> Run:
        """Decide and send a day, as the command does."""
        at = at or AT + (on - ON)
        run = dunning.decide(entity=self.cast.entity, on=on, at=at)
        dunning.send_batch(notice_ids=dunning.waiting(run=run), at=at)
        return run

    def day(self, on: date = ON) -> list[CustomerRow]:
        """What a run of the day would do, customer by customer."""
        return preview(entity=self.cast.entity, on=on)

    def mails(self) -> list[EmailMessage]:
        """What left the house, oldest first."""
        files = sorted(self.mail_dir.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]  # type: ignore[misc]

    def texts(self) -> list[str]:
        """The plain parts of what left."""
        return [mail.get_body(("plain",)).get_content() for mail in self.mails()]  # type: ignore[union-attr]

    def dispute(self, invoice: Invoice, amount: str | None = None, *, at: datetime = AT) -> Dispute:
        """A dispute about a part of the invoice, all of it by default."""
        line = disputes.LineInput(invoice_id=invoice.pk, amount=Decimal(amount) if amount else invoice.amount)
        reason = Reason.objects.filter(entity=self.cast.entity).order_by("pk").first()
        return disputes.open_dispute(
            customer=invoice.customer,
            lines=[line],
            reason=reason,
            by=self.cast.alice,
            at=at,
            statement="Wrong price",
        )

    def promise(self, invoice: Invoice, amount: str, days: int, *, on: date = ON) -> None:
        """The customer will pay `amount` so many days after `on`."""
        make_promise(
            invoice=invoice,
            amount=Decimal(amount),
            promised_on=on + timedelta(days=days),
            by=self.cast.carl,
            on=on,
            at=AT + (on - ON),
        )

    def notice(self) -> Notice:
        """The only notice there is."""
        return Notice.objects.get()


@pytest.fixture
def house(cast: Cast, tmp_path: Path, settings: object) -> House:
    """ACM with the shipped plans and reasons; letters go to files."""
    settings.EMAIL_URL, settings.EMAIL_FILE_PATH = "file:", tmp_path / "mail"  # type: ignore[attr-defined]
    for entity in (cast.entity, cast.other):
        plans.install(entity, at=AT)
        disputes.catalogue.install(entity)
    return House(cast, tmp_path / "mail")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Sentences of refusals are compared in English, whatever an earlier test has left."""
    with translation.override("en"):
        yield
