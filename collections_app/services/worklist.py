"""Putting customers off one's worklist, and into a collector's portfolio."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.events import emit
from accounts.models import User
from accounts.policy import ACTIONS
from collections_app.errors import CallError
from collections_app.models import Portfolio, Rest
from ledger.models import Customer

FURTHEST = timedelta(days=90)


@transaction.atomic
def put_off(*, customer: Customer, until: date, by: User, on: date, at: datetime) -> Rest:
    """The customer leaves the person's worklist until that day. Raises CallError for a day past or too far."""
    if not on < until <= on + FURTHEST:
        raise CallError(_("Choose a day from tomorrow on, within three months."), code="rest_day")
    rest, _fresh = Rest.objects.update_or_create(
        customer=customer, user=by, defaults={"until": until, "set_at": at}
    )
    return rest


@transaction.atomic
def take_up(*, customer: Customer, by: User) -> None:
    """The customer is on the person's worklist again; harmless when it is."""
    Rest.objects.filter(customer=customer, user=by).delete()


@transaction.atomic
def set_collector(*, customers: Iterable[Customer], collector: User | None, by: User, at: datetime) -> int:
    """Put customers into a collector's portfolio, or out of everybody's; how many changed hands.

    Raises CallError for somebody who does not make calls in the customer's legal entity.
    """
    ids = [customer.pk for customer in customers]
    held = list(Customer.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    before = dict(Portfolio.objects.filter(customer__in=ids).values_list("customer_id", "collector_id"))
    changed = 0
    for customer in held:
        if before.get(customer.pk) == (collector.pk if collector else None):
            continue
        if collector is None:
            Portfolio.objects.filter(customer=customer).delete()
        else:
            _give(customer, collector, by, at)
        emit(
            stream="customer",
            object_id=customer.pk,
            entity_id=customer.entity_id,
            kind="customer.collector",
            actor=by,
            at=at,
            data={
                "collector": collector.pk if collector else None,
                "name": collector.name if collector else "",
            },
        )
        changed += 1
    return changed


def _give(customer: Customer, collector: User, by: User, at: datetime) -> None:
    may = collector.memberships.filter(entity=customer.entity_id, role__in=ACTIONS["call.make"])
    if not collector.is_active or not may.exists():
        raise CallError(_("This person makes no calls for this legal entity."), code="portfolio_person")
    facts = {"collector": collector, "set_by": by, "set_at": at}
    Portfolio.objects.update_or_create(customer=customer, defaults=facts)
