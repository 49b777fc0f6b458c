"""What became of promises: kept once they are paid, broken after their day and the days of grace."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.utils.translation import gettext as _

from accounts.models import LegalEntity
from collections_app.choices import PromiseStatus
from collections_app.models import Promise
from collections_app.people import People
from collections_app.services.limits import rules_of
from collections_app.services.promises import tell
from collections_app.services.reviewing_instalments import review_instalments

S = PromiseStatus


@transaction.atomic
def review(*, entity: LegalEntity, on: date, at: datetime) -> int:
    """Settle what is known on `on`; how many promises and agreements were settled."""
    settled = review_promises(entity=entity, on=on, at=at)
    return settled + review_instalments(entity=entity, on=on, at=at)


@transaction.atomic
def review_promises(*, entity: LegalEntity, on: date, at: datetime) -> int:
    """Settle the promises whose outcome is known on `on`; returns how many were settled.

    Who made a broken one and who collects from the customer are told. The decision of what to ask does not wait for
    this: it looks at the dates and payments itself. What still waits for an approval when its day has passed is over.
    """
    grace = timedelta(days=rules_of(entity).grace_days)
    kept = When(
        amount__lte=F("open_before") - F("invoice__amount") + F("invoice__allocated"), then=Value(S.KEPT)
    )
    late = When(promised_on__lt=on - grace, then=Value(S.BROKEN))
    running = Promise.objects.filter(entity=entity, status=S.MADE)
    known = running.annotate(outcome=Case(kept, late, default=Value(S.MADE))).exclude(outcome=S.MADE)
    ids = known.values_list("pk", flat=True)
    rows = Promise.objects.select_for_update(of=("self",)).filter(pk__in=list(ids), status=S.MADE)
    settled = list(rows.select_related("invoice", "customer").order_by("customer_id", "pk"))
    people = People.of({row.customer_id for row in settled})
    for row in settled:
        paid = row.open_before - row.invoice.amount + row.invoice.allocated
        row.status, row.settled_at = (S.KEPT if row.amount <= paid else S.BROKEN), at
        row.save(update_fields=["status", "settled_at"])
        if row.status == S.KEPT:
            tell(row, "promise.kept", None, at)
        else:
            facts = {
                "name": row.customer.name,
                "number": row.invoice.number,
                "currency": row.invoice.currency,
            }
            told = people.told(row.customer_id, row.made_by_id)
            tell(row, "promise.broken", None, at, customer=row.customer_id, people=told, **facts)
    return len(settled) + _too_late(entity, on, at)


def _too_late(entity: LegalEntity, on: date, at: datetime) -> int:
    """Nobody said yes or no in time."""
    waiting = Promise.objects.select_for_update(of=("self",)).filter(
        entity=entity, status=S.WAITING, promised_on__lt=on
    )
    rows = list(waiting.order_by("customer_id", "pk"))
    for row in rows:
        row.status, row.settled_at = S.REFUSED, at
        row.reason = _("Nobody approved it before its day.")
        row.save(update_fields=["status", "settled_at", "reason"])
        tell(row, "promise.refused", None, at)
    return len(rows)
