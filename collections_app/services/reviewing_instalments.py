"""What became of agreements on instalments: paid in full, or an instalment missed."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import LegalEntity
from collections_app.agreed import paid_of
from collections_app.choices import InstalmentStatus
from collections_app.models import Instalment, InstalmentPlan
from collections_app.people import People
from collections_app.services.instalments import say
from collections_app.services.limits import rules_of

S = InstalmentStatus


@transaction.atomic
def review_instalments(*, entity: LegalEntity, on: date, at: datetime) -> int:
    """Settle the running agreements whose outcome is known on `on`; how many ended.

    Paid in full: fulfilled. An instalment that is not paid when its day and the days of grace are over is missed, once:
    who made the agreement and who collects from the customer are told; where the entity's rules say so the agreement is
    broken by it, and the whole is asked for again. What nobody agreed to before its first day is over.
    """
    rules = rules_of(entity)
    latest = on - timedelta(days=rules.grace_days)
    held = InstalmentPlan.objects.select_for_update(of=("self",)).filter(entity=entity, status=S.RUNNING)
    plans = list(
        held.select_related("customer").prefetch_related("instalments").order_by("customer_id", "pk")
    )
    paid, people = paid_of(plans), People.of({plan.customer_id for plan in plans})
    ended = 0
    for plan in plans:
        if paid[plan.pk] >= plan.amount:
            plan.status = S.FULFILLED
        missed = [row for row in plan.instalments.all() if row.due_on < latest and row.upto > paid[plan.pk]]
        fresh = [row for row in missed if row.missed_at is None]
        _miss(plan, fresh, people, at)
        if missed and rules.whole_comes_back:
            plan.status, plan.reason = S.BROKEN, _("An instalment was not paid.")
        if plan.status != S.RUNNING:
            plan.ended_on, plan.ended_at = on, at
            plan.save(update_fields=["status", "ended_on", "ended_at", "reason"])
            say(
                plan,
                "instalments.fulfilled" if plan.status == S.FULFILLED else "instalments.broken",
                None,
                at,
            )
            ended += 1
    return ended + _never_agreed(entity, on, at)


def _miss(plan: InstalmentPlan, rows: Iterable[Instalment], people: People, at: datetime) -> None:
    for row in rows:
        row.missed_at = at
        row.save(update_fields=["missed_at"])
        told = people.told(plan.customer_id, plan.made_by_id)
        facts = {"number": str(row.number), "due_on": str(row.due_on), "instalment": str(row.amount)}
        facts |= {"name": plan.customer.name, "amount": str(row.amount)}
        say(plan, "instalment.missed", None, at, customer=plan.customer_id, people=told, **facts)


def _never_agreed(entity: LegalEntity, on: date, at: datetime) -> int:
    """Proposals whose first day has passed: nobody can agree to them any more."""
    open_ones = InstalmentPlan.objects.select_for_update(of=("self",)).filter(
        entity=entity, status__in=[S.WAITING, S.PROPOSED]
    )
    late = list(
        open_ones.filter(instalments__number=1, instalments__due_on__lt=on).order_by("customer_id", "pk")
    )
    for plan in late:
        plan.status, plan.ended_on, plan.ended_at = S.CANCELLED, on, at
        plan.reason = _("Nobody agreed before the first instalment.")
        plan.save(update_fields=["status", "ended_on", "ended_at", "reason"])
        say(plan, "instalments.cancelled", None, at)
    return len(late)
