"""Promises among ourselves: made, kept, broken at the end of their day, released."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.models import Department, LegalEntity, User
from disputes.choices_outcome import Promised, PromiseState
from disputes.errors import FieldErrors, IllegalAct, RoleMayNot
from disputes.lifecycle import Act
from disputes.models import CreditRequest, Dispute, InternalPromise
from disputes.services.common import allow, day_of, lock, moment_for, tell, write
from disputes.services.holding import take_part

S = PromiseState
FURTHEST = timedelta(days=365)


@transaction.atomic
def promise_internally(
    *,
    dispute: Dispute,
    what: str,
    due_on: date,
    by: User,
    at: datetime,
    keeper: User | None = None,
    department: Department | None = None,
    text: str = "",
    request: CreditRequest | None = None,
) -> InternalPromise:
    """Somebody here will have something done by the end of a day. The one who says it, unless named otherwise."""
    dispute = lock(dispute.pk)
    allow(dispute, Act.PROMISE, by)
    at = moment_for(dispute, at)
    if keeper is None and department is None:
        keeper = by
    _check(dispute, what, due_on, keeper, department, text, day_of(at, dispute.entity))
    promise = InternalPromise(
        dispute=dispute,
        keeper=keeper,
        department=department,
        what=what,
        text=text.strip(),
        due_on=due_on,
        request=request,
        made_by=by,
        made_at=at,
    )
    write(promise)
    take_part(dispute, [keeper], at)
    tell(dispute, "internal_promise.made", by=by, at=at, data=facts_of(promise))
    return promise


def _check(
    dispute: Dispute,
    what: str,
    due_on: date,
    keeper: User | None,
    department: Department | None,
    text: str,
    on: date,
) -> None:
    errors: dict[str, str] = {}
    if keeper is not None and department is not None:
        errors["keeper"] = _("Choose one person or one department.")
    elif keeper is not None and not (
        keeper.is_active and policy.may(keeper, "dispute.move", dispute.entity_id)
    ):
        errors["keeper"] = _("Choose a person who works on disputes of this legal entity.")
    if department is not None and department.entity_id != dispute.entity_id:
        errors["department"] = _("Choose a department of this legal entity.")
    if what not in Promised.values:
        errors["what"] = _("Say what is promised.")
    if what == Promised.OTHER and not text.strip():
        errors["text"] = _("Say what is promised.")
    if len(text.strip()) > 300:
        errors["text"] = _("At most 300 characters.")
    if not on <= due_on <= on + FURTHEST:
        errors["due_on"] = _("Choose a day from today on, within a year.")
    if errors:
        raise FieldErrors(errors)


@transaction.atomic
def keep_promise(*, promise_id: int, by: User, at: datetime) -> InternalPromise:
    """The keeper, or the office, says it is done. Twice is harmless; after its day it stays broken, done late."""
    promise, dispute = _locked(promise_id)
    _mine(promise, dispute, by)
    if promise.kept_at is not None:
        return promise
    if promise.state == S.RELEASED:
        raise _ended(promise)
    _keep(promise, dispute, by=by, at=max(at, promise.made_at))
    return promise


@transaction.atomic
def release_promise(*, promise_id: int, by: User, at: datetime) -> InternalPromise:
    """Nobody needs it any more. Who made it may, and the office; not the keeper alone."""
    promise, dispute = _locked(promise_id)
    if by.pk != promise.made_by_id:
        allow(dispute, Act.ASSIGN if dispute.is_open else Act.REOPEN, by)
    if promise.state == S.RELEASED:
        return promise
    if not promise.is_open:
        raise _ended(promise)
    _end(promise, S.RELEASED, by=by, at=max(at, promise.made_at))
    tell(dispute, "internal_promise.ended", by=by, at=at, data=facts_of(promise))
    return promise


@transaction.atomic
def keep_with_request(*, request_id: int, at: datetime) -> int:
    """The credit note is there: what was promised with the request, or of its dispute, is kept. Harmless twice."""
    request = CreditRequest.objects.get(pk=request_id)
    dispute = lock(request.dispute_id)
    mine = InternalPromise.objects.select_for_update(of=("self",)).filter(dispute=dispute, kept_at=None)
    rows = mine.filter(state__in=[S.MADE, S.BROKEN], what=Promised.CREDIT).order_by("pk")
    kept = [one for one in rows if one.request_id in (None, request.pk)]
    for promise in kept:
        _keep(promise, dispute, by=None, at=max(at, promise.made_at))
    return len(kept)


@transaction.atomic
def break_promises(*, entity: LegalEntity, on: date, at: datetime) -> int:
    """At the end of its day a promise that is not kept is broken, and its people are told. Harmless twice."""
    late = InternalPromise.objects.filter(dispute__entity=entity, state=S.MADE, due_on__lt=on)
    count = 0
    for pk in list(late.order_by("dispute_id", "pk").values_list("pk", flat=True)):
        promise, dispute = _locked(pk)
        if promise.is_open and promise.due_on < on:
            _end(promise, S.BROKEN, by=None, at=max(at, promise.made_at))
            tell(
                dispute, "internal_promise.broken", by=None, at=promise.ended_at or at, data=facts_of(promise)
            )
            count += 1
    return count


def _keep(promise: InternalPromise, dispute: Dispute, *, by: User | None, at: datetime) -> None:
    late = promise.state == S.BROKEN or day_of(at, dispute.entity) > promise.due_on
    promise.kept_at = at
    _end(promise, S.BROKEN if late else S.KEPT, by=by, at=promise.ended_at or at)
    tell(dispute, "internal_promise.ended", by=by, at=at, data=facts_of(promise))


def _mine(promise: InternalPromise, dispute: Dispute, by: User) -> None:
    mine = policy.scope(by)
    keeps = by.pk == promise.keeper_id or promise.department_id in mine.departments
    if not keeps and not mine.roles_in(dispute.entity_id) & policy.OFFICE:
        raise RoleMayNot(_("This promise is another's to keep."), code="role_may_not")


def _ended(promise: InternalPromise) -> IllegalAct:
    words = _("This promise has ended: %(state)s.") % {"state": promise.get_state_display()}
    return IllegalAct(words, code="promise_ended")


def _end(promise: InternalPromise, state: PromiseState, *, by: User | None, at: datetime) -> None:
    promise.state, promise.ended_at, promise.ended_by = state, at, by
    promise.save(update_fields=["state", "kept_at", "ended_at", "ended_by"])


def _locked(promise_id: int) -> tuple[InternalPromise, Dispute]:
    dispute = lock(InternalPromise.objects.values_list("dispute_id", flat=True).get(pk=promise_id))
    rows = InternalPromise.objects.select_for_update(of=("self",)).select_related("keeper", "department")
    return rows.get(pk=promise_id), dispute


def facts_of(promise: InternalPromise) -> dict[str, Any]:
    """A promise as events tell it."""
    return {
        "promise": promise.pk,
        "what": promise.what,
        "text": promise.text,
        "keeper": promise.keeper_name,
        "keeper_user": promise.keeper_id,
        "keeper_department": promise.department_id,
        "due_on": promise.due_on.isoformat(),
        "state": promise.state,
        "late": promise.kept_at is not None and promise.state == S.BROKEN,
    }
