"""Who gets a mail about a question, when, and how often: once when asked, before the deadline, at it, and by hand.

How soon, and outside of which hours, is what each person wishes. Other channels than mail stand above this room.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.models import Absence, LegalEntity, User
from accounts.reach.choices import ReachChannel, ReachEvent
from accounts.reach.rules import allowed, plan
from accounts.reach.selectors import wishes_of
from accounts.selectors import Offices
from disputes.choices import NudgeKind, QuestionStatus
from disputes.errors import IllegalAct
from disputes.lifecycle import Act
from disputes.models import Nudge, Question
from disputes.services.common import allow, day_of, due, lock, tell
from disputes.services.holding import stand_in
from lib import formats
from lib.working import add_working

# After so much working time in which the person asked has not even seen it, the fallback hears of it.
UNSEEN_FOR = timedelta(hours=2)
# Two reminders by hand are at least so far apart.
PATIENCE = timedelta(minutes=30)
# A deadline that passed earlier than this (the jobs did not run) is nobody's news any more.
OLD_NEWS = timedelta(days=3)


def moment_to_remind(at: datetime, due_at: datetime | None, entity: LegalEntity) -> datetime | None:
    """When to remind: after three quarters of the time, during working hours; None when there is too little."""
    if due_at is None or due_at <= at:
        return None
    wanted = due(at + (due_at - at) * 3 / 4, 0, entity)
    return wanted if wanted and at < wanted < due_at else None


@transaction.atomic
def expect_mail(*, question_id: int, at: datetime) -> None:
    """The person asked gets a mail unless they answer soon. Harmless when repeated."""
    question = Question.objects.select_related("asked_of").filter(pk=question_id).first()
    if question is not None and question.is_open:
        _nudge(question, question.asked_of, NudgeKind.ASKED, at)


@transaction.atomic
def remind_now(*, question_id: int, by: User, at: datetime) -> Question:
    """Remind the person asked, or whoever stands in for them today. Raises IllegalAct when they just were."""
    question = _locked(question_id)
    allow(question.dispute, Act.ASK, by)
    if not question.is_open:
        raise IllegalAct(_("This question no longer needs an answer."), code="question_over")
    last = question.nudges.filter(created_at__gt=at - PATIENCE).exclude(kind=NudgeKind.FALLBACK)
    told = last.order_by("-created_at").select_related("person").first()
    if told is not None:
        raise IllegalAct(
            _("%(name)s was told at %(time)s. Leave them half an hour.")
            % {"name": told.person.name, "time": formats.clock(told.created_at)},
            code="reminded_already",
        )
    _remind(question, NudgeKind.HAND, by=by, at=at)
    return question


@transaction.atomic
def remind(*, question_id: int, kind: NudgeKind, at: datetime) -> bool:
    """The reminder before the deadline, or what happens at it; False when it is no longer needed or was made."""
    question = _locked(question_id)
    if not question.is_open or question.nudges.filter(kind=kind).exists():
        return False
    _remind(question, kind, by=None, at=at)
    return True


def remind_due(*, at: datetime) -> int:
    """Every reminder whose moment has come; how many were made. Each asks again, under the lock."""
    made = 0
    opened = Question.objects.filter(status=QuestionStatus.OPEN)
    told = Nudge.objects.filter(question=OuterRef("pk"))
    before = opened.filter(remind_at__lte=at, due_at__gt=at).exclude(Exists(told.filter(kind="before")))
    late = opened.filter(due_at__lte=at, due_at__gt=at - OLD_NEWS).exclude(Exists(told.filter(kind="due")))
    for kind, rows in ((NudgeKind.BEFORE, before), (NudgeKind.DUE, late)):
        for pk in list(rows.order_by("due_at", "pk").values_list("pk", flat=True)[:500]):
            made += remind(question_id=pk, kind=kind, at=at)
    return made + _tell_fallbacks(at) + _tell_deputies(at)


def _tell_fallbacks(at: datetime) -> int:
    """Nobody looks at it: whoever stands behind the person asked is told, unless they ask themselves."""
    told = Nudge.objects.filter(question=OuterRef("pk"), kind=NudgeKind.FALLBACK)
    asked = Question.objects.filter(status=QuestionStatus.OPEN, seen_at=None, fallback__isnull=False)
    rows = asked.filter(asked_at__lte=at - UNSEEN_FOR, asked_at__gt=at - OLD_NEWS)
    rows = rows.exclude(fallback=F("asked_by")).exclude(due_at__lte=at).exclude(Exists(told))
    offices: dict[int, Offices] = {}
    made = 0
    for question in rows.select_related("dispute__entity").order_by("pk")[:500]:
        entity = question.dispute.entity
        office = offices.setdefault(entity.pk, Offices(entity)).ours(question.asked_of_id)
        if add_working(question.asked_at, UNSEEN_FOR, office) <= at:
            made += _tell_fallback(question.pk, at)
    return made


@transaction.atomic
def _tell_fallback(question_id: int, at: datetime) -> int:
    question = _locked(question_id)
    if not question.is_open or question.seen_at is not None or question.fallback is None:
        return 0
    if not _nudge(question, question.fallback, NudgeKind.FALLBACK, at):
        return 0
    _say(question, "question.unseen", question.fallback, NudgeKind.FALLBACK, by=None, at=at)
    return 1


def _tell_deputies(at: datetime) -> int:
    """Whoever came to stand in for somebody after they were asked hears of it too."""
    on = at.date()
    away = Absence.objects.filter(starts_on__lte=on, ends_on__gte=on, deputy__is_active=True)
    told = Nudge.objects.filter(question=OuterRef("questions"), person=OuterRef("deputy"))
    rows = (
        away.filter(user__questions_asked_of__status=QuestionStatus.OPEN)
        .annotate(questions=F("user__questions_asked_of"))
        .exclude(Exists(told))
    )
    made = 0
    for question_id, deputy_id in list(rows.values_list("questions", "deputy")[:500]):
        question = Question.objects.get(pk=question_id)
        made += _nudge(question, User.objects.get(pk=deputy_id), NudgeKind.ASKED, at, soon=True)
    return made


def _remind(question: Question, kind: NudgeKind, *, by: User | None, at: datetime) -> None:
    """Write the reminder, and say so. The caller holds the locks."""
    person = stand_in(question.asked_of, day_of(at, question.dispute.entity))
    _nudge(question, person, kind, at, by=by)
    late = kind == NudgeKind.DUE
    if late and question.fallback and question.fallback_id != person.pk:
        _nudge(question, question.fallback, NudgeKind.FALLBACK, at)
    _say(question, "question.overdue" if late else "question.reminded", person, kind, by=by, at=at)


def _say(
    question: Question, event: str, person: User, kind: NudgeKind, *, by: User | None, at: datetime
) -> None:
    tell(
        question.dispute,
        event,
        by=by,
        at=at,
        data={
            "question": question.pk,
            "asked_of": question.asked_of_id,
            "told": person.pk,
            "told_name": person.name,
            "fallback": question.fallback_id,
            "fallback_name": question.fallback.name if question.fallback else "",
            "kind": kind.value,
            "text": question.text,
            "labels": question.labels_told,
            "due_at": question.due_at.isoformat() if question.due_at else None,
        },
    )


def _nudge(
    question: Question,
    person: User,
    kind: NudgeKind,
    at: datetime,
    *,
    by: User | None = None,
    soon: bool = False,
) -> int:
    """One mail to come, unless the database knows of it already; 1 when it is new."""
    row = Nudge(question=question, person=person, kind=kind, by=by, created_at=at, send_at=at)
    same = Q(question=question, kind=kind) & (Q(person=person) if kind == NudgeKind.ASKED else Q())
    if kind != NudgeKind.HAND and Nudge.objects.filter(same).exists():
        return 0
    row.send_at = _moment_to_send(question, person, kind, at, soon)
    Nudge.objects.bulk_create([row], ignore_conflicts=True)
    return 1


def _moment_to_send(question: Question, person: User, kind: NudgeKind, at: datetime, soon: bool) -> datetime:
    """When the person wants this mail, `soon` when it waited long enough; whether they want it is asked later."""
    wishes = wishes_of(person, question.dispute.entity)
    if soon:
        return allowed(wishes, at, urgent=question.urgent)[0]
    step = plan(event_of(kind), wishes, at, urgent=question.urgent).step(ReachChannel.EMAIL)
    return step.at if step else at


def event_of(kind: str) -> ReachEvent:
    """What the mail is about, as people set it."""
    return ReachEvent.QUESTION if kind == NudgeKind.ASKED else ReachEvent.REMINDER


def _locked(question_id: int) -> Question:
    """The question under its lock and the dispute's."""
    dispute = lock(Question.objects.values_list("dispute", flat=True).get(pk=question_id))
    question = (
        Question.objects.select_for_update(of=("self",))
        .select_related("asked_of", "fallback", "template")
        .get(pk=question_id)
    )
    question.dispute = dispute
    return question
