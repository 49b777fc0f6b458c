"""A dispute to work on, opened as a person would."""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils.translation import override

from accounts import services as people
from accounts.choices import Role
from accounts.models import User
from disputes import services
from disputes.models import Dispute, Question, Reason
from ledger.models import Invoice
from tests.factories import AT, Cast, make_invoice, make_person

Opener = Callable[..., Dispute]


def settle_constraints() -> None:
    """Let the deferred guards speak now, as they would at commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def open_one(
    cast: Cast, *, amount: str = "300.00", reason: str = "price", invoice: Invoice | None = None, **more: Any
) -> Dispute:
    """A dispute on a part of one invoice of Comercial Norte, opened by Alice."""
    invoice = invoice or make_invoice(cast.norte)
    return services.open_dispute(
        customer=invoice.customer,
        lines=[services.LineInput(invoice.pk, Decimal(amount))],
        reason=Reason.objects.get(entity=cast.entity, code=reason),
        by=more.pop("by", cast.alice),
        at=more.pop("at", AT),
        **more,
    )


@pytest.fixture
def catalogue(cast: Cast) -> Cast:
    """The cast, with the reasons and routes of the catalogue in Acme."""
    services.catalogue.install(cast.entity)
    return cast


@pytest.fixture
def dispute(catalogue: Cast) -> Iterator[Dispute]:
    """A price dispute of 300.00 on an invoice of 1000.00; at the end every deferred guard is asked."""
    yield open_one(catalogue)
    settle_constraints()


@pytest.fixture
def question(dispute: Dispute, catalogue: Cast, at: datetime) -> Question:
    """The question that Sam is asked once the dispute has moved to sales."""
    services.make_move(dispute=dispute, move_code="ask_sales", by=catalogue.alice, at=at)
    dispute.refresh_from_db()
    return Question.objects.get(dispute=dispute)


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    """Every test has a storage of its own."""
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def partner(catalogue: Cast) -> User:
    """Paula, who carries goods for Acme: a guest who sees what she takes part in."""
    return make_person("Paula", catalogue.entity, Role.PARTNER)


@pytest.fixture
def lara(catalogue: Cast, dispute: Dispute, partner: User) -> User:
    """Lara of the laboratory, who takes part beside Paula the carrier and was there first."""
    labs = people.add_department(entity=catalogue.entity, code="labs", name="Labs", outside=True)
    lara = make_person("Lara", catalogue.entity, Role.PARTNER, labs)
    for guest in (lara, partner):
        services.involve(dispute=dispute, user=guest, by=catalogue.alice, at=AT)
    return lara


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Sentences are compared in English."""
    with override("en"):
        yield
