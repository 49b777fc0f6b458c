"""Passing a dispute on within its stage, for good or for a time, and giving it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.models import User
from disputes.choices import ACTIVE, Asks, HandedBy, HolderSide, QuestionStatus, RunState
from disputes.errors import FieldErrors, IllegalAct, RoleMayNot
from disputes.lifecycle import Act, check_status
from disputes.models import Dispute, HandOver, Question
from disputes.services.common import (
    allow,
    day_of,
    first_run,
    holder_facts,
    lock,
    moment_for,
    start_stay,
    tell,
)
from disputes.services.holding import Holder, give_to, is_away, replacement, take_part
from disputes.services.timing import set_due

LONGEST_DELEGATION = timedelta(days=90)
LONGEST_NOTE = 1000


@dataclass(frozen=True, slots=True)
class Passing:
    """Why a dispute is passed on, by whom, and until when."""

    kind: HandedBy
    by: User | None
    note: str = ""
    until: datetime | None = None


@transaction.atomic
def hand_over(
    *, dispute: Dispute, to: User, by: User, at: datetime, note: str = "", until: datetime | None = None
) -> Dispute:
    """Pass the dispute on to a colleague; with `until` it comes back by itself then (a delegation).

    Who has it may, everybody of the department that has it, and the office. A colleague who is away is replaced by
    their deputy. The stage's clock goes on. Raises FieldErrors, RoleMayNot, IllegalAct.
    """
    dispute = lock(dispute.pk)
    allow(dispute, Act.HAND_OVER, by)
    if dispute.holder_side != HolderSide.OURS:
        raise IllegalAct(
            _("None of us has this dispute now: there is nothing to hand over."), code="not_ours"
        )
    if not holds(dispute, by) and not _is_office(by, dispute):
        raise RoleMayNot(
            _("Only who has the dispute, or the credit team, may hand it over."), code="not_the_holder"
        )
    at = moment_for(dispute, at)
    to = _receiver(dispute, to, at, note, until)
    kind = HandedBy.DELEGATION if until else HandedBy.HAND_OVER
    pass_on(dispute, to, Passing(kind, by, note.strip(), until), at)
    return dispute


@transaction.atomic
def give_back(
    *, dispute: Dispute, by: User | None, at: datetime, note: str = "", passed_id: int | None = None
) -> Dispute:
    """The dispute goes back to who passed it on: given back by who got it, taken back by who gave it.

    `passed_id` names the passing on that is meant; when it is no longer the latest one, IllegalAct.
    `by` is None when a delegation's time is up: whoever stands in for an absent person gets it then.
    """
    dispute = lock(dispute.pk)
    check_status(dispute.status, Act.GIVE_BACK) if by is None else allow(dispute, Act.GIVE_BACK, by)
    passed = open_hand_over(dispute)
    if passed is None or passed_id not in (None, passed.pk):
        raise IllegalAct(_("There is nothing to give back: the dispute went on meanwhile."), code="moved_on")
    if by is not None and not may_give_back(passed, dispute, by):
        raise RoleMayNot(_("Only who passed the dispute on, or who got it, may give it back."))
    at = moment_for(dispute, at)
    holder = _back_to(passed, dispute, by, day_of(at, dispute.entity))
    HandOver.objects.filter(pk=passed.pk).update(ended_at=at)
    before = dispute.holder_name
    _branches_too(dispute, holder, passed.branches)
    first = first_run(dispute)
    if first is not None:
        # Another branch may be due first by now: the dispute is with whoever has that.
        holder = Holder(HolderSide(first.holder_side), first.holder_user, first.holder_department)
        dispute.due_at = first.due_at
    give_to(dispute, holder)
    set_due(dispute, at)
    dispute.save()
    start_stay(dispute, at)
    take_part(dispute, [holder.user], at)
    data = {
        "from": passed.to_user_id,
        "from_name": before,
        "how": "given" if by is not None and by.pk == passed.to_user_id else "taken" if by else "time",
        "note": note.strip()[:LONGEST_NOTE],
        **holder_facts(dispute),
    }
    tell(dispute, "dispute.given_back", by=by, at=at, data=data)
    return dispute


def holds(dispute: Dispute, user: User) -> bool:
    """Whether the person has the dispute now, or their department."""
    if dispute.holder_side != HolderSide.OURS:
        return False
    mine = policy.scope(user)
    return user.pk == dispute.holder_user_id or dispute.holder_department_id in mine.departments


def open_hand_over(dispute: Dispute) -> HandOver | None:
    """What could be given back now: the newest passing on, if the dispute did not go on since."""
    rows = HandOver.objects.filter(dispute=dispute.pk, ended_at=None)
    passed = rows.select_related("from_user", "from_department", "to_user", "stay").order_by("-pk").first()
    if passed is None or not dispute.is_open:
        return None
    same = dispute.holder_user_id == passed.to_user_id and dispute.stage_id == passed.stay.stage_id
    if (
        passed.branches
        and not dispute.branch_runs.filter(pk__in=passed.branches, state=RunState.OPEN).exists()
    ):
        return None  # What was passed on is done.
    later = dispute.stays.filter(seq__gt=passed.stay.seq).exclude(stage=dispute.stage_id)
    return passed if same and not later.exists() else None


def may_give_back(passed: HandOver, dispute: Dispute, user: User) -> bool:
    """Whether this person may: who got it, who gave it (or is of the department that did), the office."""
    mine = policy.scope(user)
    gave = passed.from_user_id == user.pk or passed.from_department_id in mine.departments
    return gave or passed.to_user_id == user.pk or _is_office(user, dispute)


def pass_on(dispute: Dispute, to: User, passing: Passing, at: datetime) -> HandOver:
    """Make `to` the holder and say so. The caller holds the dispute's lock and checked who may."""
    former, team, before = dispute.holder_user, dispute.holder_department, dispute.holder_name
    runs = dispute.branch_runs.filter(holder_user=former, holder_department=team, state=RunState.OPEN)
    went = list(runs.order_by("pk").values_list("pk", flat=True))
    _branches_too(dispute, Holder(HolderSide.OURS, to), went)
    give_to(dispute, Holder(HolderSide.OURS, to))
    set_due(dispute, at)
    dispute.save()
    passed = HandOver.objects.create(
        dispute=dispute,
        stay=start_stay(dispute, at),
        kind=passing.kind,
        from_user=former,
        from_department=team,
        to_user=to,
        by=passing.by,
        at=at,
        note=passing.note,
        until=passing.until,
        branches=went,
    )
    take_part(dispute, [to], at)
    data = {
        "why": passing.kind,
        "from": former.pk if former else None,
        "from_name": before,
        "note": passing.note,
        "until": passing.until.isoformat() if passing.until else None,
        **holder_facts(dispute),
    }
    tell(dispute, "dispute.handed_over", by=passing.by, at=at, data=data)
    if former is not None:
        mine = dispute.questions.filter(asked_of=former, template__asks=Asks.HOLDER)
        pass_questions(list(mine.values_list("pk", flat=True)), to, passing, at)
    return passed


def _branches_too(dispute: Dispute, holder: Holder, runs: list[int]) -> None:
    """These branches, as far as they run with the present holder, go along with the dispute."""
    dispute.branch_runs.filter(
        pk__in=runs,
        state=RunState.OPEN,
        holder_user=dispute.holder_user,
        holder_department=dispute.holder_department,
    ).update(holder_side=holder.side, holder_user=holder.user, holder_department=holder.department)


def pass_questions(ids: list[int], to: User, passing: Passing, at: datetime) -> None:
    """Ask somebody else the questions that are still open. The caller holds the lock of their dispute."""
    rows = Question.objects.select_for_update(of=("self",)).select_related("asked_of", "dispute", "template")
    for question in rows.filter(pk__in=ids, status=QuestionStatus.OPEN).order_by("pk"):
        former, question.asked_of = question.asked_of, to
        question.seen_at = None
        if question.fallback_id == to.pk:
            question.fallback = None
        question.save(update_fields=["asked_of", "fallback", "seen_at"])
        take_part(question.dispute, [to], at)
        data = {
            "question": question.pk,
            "why": passing.kind,
            "from": former.pk,
            "from_name": former.name,
            "asked_of": to.pk,
            "asked_of_name": to.name,
            "text": question.text,
            "labels": question.template.labels if question.template else {},
            "due_at": question.due_at.isoformat() if question.due_at else None,
        }
        tell(question.dispute, "question.passed_on", by=passing.by, at=at, data=data)


def _receiver(dispute: Dispute, to: User, at: datetime, note: str, until: datetime | None) -> User:
    """Who really gets it; raises FieldErrors."""
    errors: dict[str, str] = {}
    if not (to.is_active and policy.may(to, "dispute.move", dispute.entity_id)):
        errors["to"] = _("Choose a person who works on disputes of this legal entity.")
    elif to.pk == dispute.holder_user_id:
        errors["to"] = _("Choose somebody else: this person has it already.")
    if len(note.strip()) > LONGEST_NOTE:
        errors["note"] = _("A note has at most 1000 characters.")
    if until is not None and not at < until <= at + LONGEST_DELEGATION:
        errors["until"] = _("A delegation ends later than now, and within 90 days.")
    on = day_of(at, dispute.entity)
    if not errors and is_away(to, on):
        deputy = replacement(to, dispute.entity_id, on)
        if deputy is None or deputy.pk == dispute.holder_user_id:
            errors["to"] = _("%(name)s is away, and nobody stands in.") % {"name": to.name}
        else:
            return deputy
    if errors:
        raise FieldErrors(errors)
    return to


def _back_to(passed: HandOver, dispute: Dispute, by: User | None, on: date) -> Holder:
    """Who gets it back; a person is told when that is not possible now."""
    if passed.from_department is not None:
        return Holder(HolderSide.OURS, department=passed.from_department)
    person = passed.from_user
    assert person is not None
    able = person.is_active and policy.may(person, "dispute.move", dispute.entity_id)
    if able and not is_away(person, on):
        return Holder(HolderSide.OURS, person)
    if by is not None:
        raise IllegalAct(
            _("%(name)s is away: keep it, or hand it over.") % {"name": person.name}, code="away"
        )
    return Holder(HolderSide.OURS, replacement(person, dispute.entity_id, on) or dispute.coordinator)


def _is_office(user: User, dispute: Dispute) -> bool:
    return bool(policy.scope(user).roles_in(dispute.entity_id) & policy.OFFICE)


def end_delegations(*, at: datetime, limit: int = 500) -> int:
    """Give back what was delegated until now; how many came back. Harmless twice, and from two workers."""
    due = HandOver.objects.filter(ended_at=None, until__lte=at, dispute__status__in=ACTIVE).order_by(
        "until", "pk"
    )
    back = 0
    for pk, dispute_id in list(due.values_list("pk", "dispute_id")[:limit]):
        with transaction.atomic():
            dispute = lock(dispute_id)
            passed = HandOver.objects.filter(pk=pk, ended_at=None).first()
            if passed is None:
                continue
            current = open_hand_over(dispute)
            if current is not None and current.pk == pk:
                give_back(dispute=dispute, by=None, at=at)
                back += 1
            else:
                HandOver.objects.filter(pk=pk).update(ended_at=max(at, passed.at))
    return back
