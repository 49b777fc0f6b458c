"""What a person looks at before it goes: which notices those are, and their yes or no."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from accounts.events import emit
from accounts.models import User
from collections_app.choices import NoticeStatus, Reason, Release
from collections_app.models import Notice, PlanVersion

S = NoticeStatus


def looked_at(version: PlanVersion, on: date) -> str:
    """Whether a person must release a message of this plan, as SQL over `amount` and `customer_id`.

    The sample is drawn by customer and day: the same however often it is asked, another one every day.
    """
    if version.release == Release.ALWAYS:
        return "TRUE"
    if version.release == Release.ABOVE:
        return f"amount >= {version.release_above}"
    if version.release == Release.SAMPLE:
        drawn = f"mod(abs(hashint8(customer_id::bigint * 1000003 + {on.toordinal()})::bigint), 100)"
        return f"{drawn} < {version.release_percent}"
    return "FALSE"


@transaction.atomic
def release(*, notice_ids: Sequence[int], by: User, at: datetime) -> list[int]:
    """A person's yes: these notices may go. Returns those that waited for it; what ended meanwhile stays ended."""
    waiting = _locked(notice_ids)
    for notice in waiting:
        notice.status, notice.released_by, notice.released_at = S.DECIDED, by, at
        notice.save(update_fields=["status", "released_by", "released_at"])
        _say(notice, "notice.released", by, at)
    return [notice.pk for notice in waiting]


@transaction.atomic
def refuse(*, notice_ids: Sequence[int], by: User, at: datetime) -> list[int]:
    """A person's no: nothing goes to these customers today. The next day's decision asks again."""
    waiting = _locked(notice_ids)
    for notice in waiting:
        notice.status, notice.reason, notice.ended_at = S.WITHDRAWN, Reason.REFUSED, at
        notice.released_by, notice.released_at = by, at
        notice.save(update_fields=["status", "reason", "ended_at", "released_by", "released_at"])
        _say(notice, "notice.refused", by, at)
    return [notice.pk for notice in waiting]


def _locked(notice_ids: Sequence[int]) -> list[Notice]:
    rows = Notice.objects.select_for_update(no_key=True).filter(pk__in=notice_ids, status=S.TO_APPROVE)
    return list(rows.order_by("pk"))


def _say(notice: Notice, kind: str, by: User, at: datetime) -> None:
    emit(
        stream="customer",
        object_id=notice.customer_id,
        entity_id=notice.entity_id,
        kind=kind,
        actor=by,
        at=at,
        data={"notice": notice.pk, "asked": str(notice.asked), "currency": notice.currency},
    )
