"""People and papers for tests, made through the services a user would reach."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.hashers import make_password

from accounts import services as people
from accounts.choices import Role
from accounts.models import Department, LegalEntity, Membership, User
from collections_app.services import plans
from disputes.services import catalogue
from ledger import services as ledger
from ledger.models import Allocation, Customer, Invoice, Payment
from tests import furnishing

AT = datetime(2026, 3, 16, 9, 0, tzinfo=ZoneInfo("Europe/Madrid"))
ON = date(2026, 3, 16)
PASSWORD = "a good long password"
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Cast:
    """The people of the tests. Mallory works elsewhere and must see nothing of ACM.

    Alice manages credit at ACM, Carl collects, Sam and Sofia sell, Eva is logistics, Bill is billing, Fin reads
    the figures, Adam administers. Customer `norte` is Sam's, `sur` is Sofia's.
    """

    entity: LegalEntity
    other: LegalEntity
    alice: User
    carl: User
    sam: User
    sofia: User
    eva: User
    bill: User
    fin: User
    adam: User
    mallory: User
    norte: Customer
    sur: Customer
    foreign: Customer
    logistics: Department
    billing: Department


def make_person(name: str, entity: LegalEntity, role: Role, department: Department | None = None) -> User:
    """Somebody with a role, who can sign in with PASSWORD."""
    language = "en"
    user = people.add_person(
        email=f"{name.lower()}@{entity.code.lower()}.example", name=name, language=language, password=PASSWORD
    )
    people.give_role(user=user, entity=entity, role=role, department=department, at=AT)
    return user


def make_customer(entity: LegalEntity, code: str, name: str, **fields: Any) -> Customer:
    """A customer with a billing contact."""
    customer = ledger.record_customer(entity=entity, code=code, name=name, at=AT, **fields)
    ledger.record_contact(
        customer=customer, name=f"Payables {name}", email=f"payables@{code.lower()}.example", is_billing=True
    )
    return customer


def _make_people(*rows: tuple[str, LegalEntity, Role, Department | None]) -> list[User]:
    """What make_person makes, for many at once: nearly every test begins with them."""
    password = make_password(PASSWORD)
    users = User.objects.bulk_create(
        User(
            email=f"{name.lower()}@{entity.code.lower()}.example", name=name, language="en", password=password
        )
        for name, entity, _role, _department in rows
    )
    Membership.objects.bulk_create(
        Membership(user=user, entity=entity, role=role, department=department)
        for user, (_name, entity, role, department) in zip(users, rows, strict=True)
    )
    return users


def make_cast() -> Cast:
    """Two legal entities, their people and three customers."""
    entity = people.open_entity(code="ACM", name="Acme Ibérica, S.L.", country="ES", currency="EUR", at=AT)
    french = {"language": "fr", "time_zone": "Europe/Paris"}
    other = people.open_entity(code="OTH", name="Autre SAS", country="FR", currency="EUR", at=AT, **french)
    logistics = people.add_department(entity=entity, code="logistics", name="Logistics")
    billing = people.add_department(entity=entity, code="billing", name="Billing")
    sam, sofia, alice, carl, eva, bill, fin, adam, mallory = _make_people(
        ("Sam", entity, Role.SALES, None),
        ("Sofia", entity, Role.SALES, None),
        ("Alice", entity, Role.CREDIT_MANAGER, None),
        ("Carl", entity, Role.COLLECTOR, None),
        ("Eva", entity, Role.EXPERT, logistics),
        ("Bill", entity, Role.EXPERT, billing),
        ("Fin", entity, Role.FINANCE, None),
        ("Adam", entity, Role.ADMIN, None),
        ("Mallory", other, Role.CREDIT_MANAGER, None),
    )
    return Cast(
        entity=entity,
        other=other,
        alice=alice,
        carl=carl,
        sam=sam,
        sofia=sofia,
        eva=eva,
        bill=bill,
        fin=fin,
        adam=adam,
        mallory=mallory,
        norte=make_customer(entity, "C-001", "Comercial Norte, S.A.", country="ES", salesperson=sam),
        sur=make_customer(entity, "C-002", "Distribuciones Sur, S.L.", country="ES", salesperson=sofia),
        foreign=make_customer(other, "F-001", "Maison Étrangère", country="FR"),
        logistics=logistics,
        billing=billing,
    )


def make_invoice(
    customer: Customer,
    amount: str = "1000.00",
    *,
    number: str = "",
    issued_on: date | None = None,
    due_on: date | None = None,
    **facts: Any,
) -> Invoice:
    """An invoice, by default issued 60 and due 30 days before ON."""
    issued_on = issued_on or ON - timedelta(days=60)
    return ledger.record_document(
        customer=customer,
        facts=ledger.DocumentFacts(
            number=number or f"INV-{next(_numbers):05d}",
            issued_on=issued_on,
            due_on=due_on or issued_on + timedelta(days=30),
            amount=Decimal(amount),
            currency=facts.pop("currency", customer.entity.currency),
            **facts,
        ),
        at=facts.get("at", AT),
    )


def make_payment(customer: Customer, amount: str, *, on: date = ON, identity: str = "") -> Payment:
    """Money received, not yet placed."""
    return ledger.record_payment(
        customer=customer,
        received_on=on,
        amount=Decimal(amount),
        currency=customer.entity.currency,
        identity=identity or f"PAY-{next(_numbers):05d}",
        at=AT,
    )


def pay(invoice: Invoice, amount: str | None = None, *, on: date = ON) -> Allocation:
    """A payment placed on the invoice: what is open of it, or `amount`."""
    invoice.refresh_from_db()
    sum_paid = Decimal(amount) if amount else invoice.amount - invoice.allocated
    payment = ledger.record_payment(
        customer=invoice.customer,
        received_on=on,
        amount=sum_paid,
        currency=invoice.currency,
        identity=f"PAY-{next(_numbers):05d}",
        at=AT,
    )
    return ledger.allocate(invoice=invoice, amount=sum_paid, on=on, at=AT, payment=payment)


# Laid out once by the product, then copied.
catalogue.install = furnishing.install
# Tests say themselves which figures of a plan they are about.
plans.CATALOGUE = Path(__file__).with_name("plans.yaml")


@pytest.fixture
def cast(db: None) -> Cast:
    """The people of the tests, fresh."""
    return make_cast()


@pytest.fixture
def at() -> datetime:
    """The moment of the tests: a Monday morning in Madrid."""
    return AT


@pytest.fixture
def on() -> date:
    """The day of the tests."""
    return ON
