"""Overdue invoices of Norte, and short ways to open a legal file over them and take it further."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from accounts.models import User
from collections_app.models import LegalFile
from collections_app.services import contentious, plans
from collections_app.services.contentious_steps import Said
from disputes import services as disputes
from ledger.models import Customer, Invoice
from tests.factories import AT, ON, Cast, make_invoice


@dataclass(slots=True)
class Desk:
    """Acme's contentious desk on ON."""

    cast: Cast
    mail_dir: Path

    def bill(self, amount: str = "1000.00", *, customer: Customer | None = None, late: int = 60) -> Invoice:
        """An invoice so many days late on ON."""
        due = ON - timedelta(days=late)
        return make_invoice(
            customer or self.cast.norte, amount, issued_on=due - timedelta(days=30), due_on=due
        )

    def open(self, *invoices: Invoice, by: User | None = None, on: date = ON) -> LegalFile:
        """A legal file over these invoices (one of 400, within Alice's limit, without any)."""
        chosen = invoices or (self.bill("400.00"),)
        return contentious.open_file(
            customer=chosen[0].customer,
            currency="EUR",
            invoices=[one.pk for one in chosen],
            law="ES",
            by=by or self.cast.alice,
            on=on,
            at=moment(on),
        )

    def act(
        self, file: LegalFile, act: str, *, by: User | None = None, on: date = ON, **said: Any
    ) -> LegalFile:
        """One step by Alice."""
        return contentious.act(
            file_id=file.pk, act=act, said=Said(**said), by=by or self.cast.alice, on=on, at=moment(on)
        )

    def notified(self, *invoices: Invoice) -> LegalFile:
        """A file whose formal notice is out, without its letters."""
        return self.act(self.open(*invoices), "notify", deadline=ON + timedelta(days=10))


def moment(on: date) -> datetime:
    """Nine o'clock of a day."""
    return AT + (on - ON)


def D(text: str) -> Decimal:
    """An amount."""
    return Decimal(text)


@pytest.fixture
def desk(cast: Cast, tmp_path: Path, settings: Any) -> Desk:
    """ACM with the shipped plans and reasons; letters go to files."""
    settings.EMAIL_URL, settings.EMAIL_FILE_PATH = "file:", tmp_path / "mail"
    plans.install(cast.entity, at=AT)
    disputes.catalogue.install(cast.entity)
    return Desk(cast, tmp_path / "mail")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Sentences of refusals are compared in English, whatever an earlier test has left."""
    with translation.override("en"):
        yield
