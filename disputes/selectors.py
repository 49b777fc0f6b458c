"""What disputes tell. Everything for a person starts from `disputes_for`; dates are arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import DecimalField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Least

from accounts import events, policy
from accounts.choices import Role
from accounts.models import Absence, User
from disputes.choices import NudgeKind, Status
from disputes.evidence.sides import files_q
from disputes.guests import events_q, is_guest, others_in, questions_q
from disputes.lifecycle import Act, available
from disputes.models import (
    BranchRun,
    Dispute,
    DisputeLine,
    Evidence,
    Move,
    Nudge,
    Participation,
    PutOff,
    Question,
    Stage,
    Stay,
    TakenMail,
)
from disputes.services.changing import CHANGE_FOR
from disputes.services.common import STREAM
from disputes.services.waiting import pending
from disputes.waiting import WAIT_DIMENSIONS as WAIT_DIMENSIONS
from disputes.waiting import StayFacts as StayFacts
from disputes.waiting import add_up as add_up
from disputes.waiting import measure as measure
from disputes.waiting import waits_of as waits_of
from ledger.models import Invoice
from lib.money import ZERO

MONEY: DecimalField[Decimal, Decimal] = DecimalField(max_digits=14, decimal_places=2)
Person = User | AnonymousUser
Unread = Callable[[User, list[int]], dict[int, int]]
UNREAD: list[Unread] = []


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of the route as the page draws it."""

    stage: Stage
    done: bool
    here: bool


def disputes_for(user: Person) -> QuerySet[Dispute]:
    """The disputes the person may see.

    Credit managers, collectors, finance and administrators: all of their entities. Salespeople: those of their own
    customers. Everybody else: those they, or their department, take or took part in.
    """
    seen = policy.rows(user, "dispute.read", salesperson="customer__salesperson")
    mine = policy.scope(user)
    if mine.own("dispute.read"):
        parts = Participation.objects.filter(dispute=OuterRef("pk"), user=mine.user_id)
        stays = Stay.objects.filter(dispute=OuterRef("pk"), holder_department__in=mine.departments)
        runs = BranchRun.objects.filter(dispute=OuterRef("pk"), holder_department__in=mine.departments)
        part = Q(Exists(parts)) | (Q(Exists(stays)) | Q(Exists(runs)) if mine.departments else Q())
        seen |= Q(entity__in=mine.own("dispute.read")) & part
    rows: QuerySet[Dispute] = Dispute.objects.filter(seen)
    return rows


def with_people(rows: QuerySet[Dispute]) -> QuerySet[Dispute]:
    """The same disputes with everything a card or row shows, in one query."""
    return rows.select_related(
        "entity",
        "customer__salesperson",
        "reason",
        "root_cause",
        "mass",
        "merged_into",
        "split_from",
        "stage",
        "coordinator",
        "holder_user",
        "holder_department",
        "outcome__letter",
        "outcome__told_by",
    )


def open_questions_for(user: Person, at: datetime | None = None) -> QuerySet[Question]:
    """The questions that wait for this person, the most urgent first.

    With `at`, also those of people they stand in for that day, and those past their deadline whose fallback they
    are; what they put off until later is left out.
    """
    mine = Q(asked_of=policy.scope(user).user_id)
    if at is not None:
        told = Nudge.objects.filter(question=OuterRef("pk"), kind=NudgeKind.FALLBACK)
        mine |= Q(Q(due_at__lt=at) | Exists(told), fallback=policy.scope(user).user_id)
        mine |= Q(asked_of__in=_stood_in_for(user, at.date()))
    rows = questions_with_context().filter(mine, status="open")
    if at is not None:
        put_off = PutOff.objects.filter(question=OuterRef("pk"), user=user.pk, until__gt=at)
        rows = rows.exclude(Exists(put_off))
    return rows.order_by(F("due_at").asc(nulls_last=True), "pk")


def next_put_off(user: User, at: datetime) -> datetime | None:
    """When the first question that this person put off comes back."""
    waiting = PutOff.objects.filter(user=user, until__gt=at, question__status="open")
    return waiting.order_by("until").values_list("until", flat=True).first()


def _stood_in_for(user: Person, on: date) -> QuerySet[Absence, Any]:
    away = Absence.objects.filter(deputy=policy.scope(user).user_id, starts_on__lte=on, ends_on__gte=on)
    return away.values("user")


def questions_for(user: Person) -> QuerySet[Question]:
    """Every question of the disputes the person may see (a guest: of their own company), or that was put to them."""
    mine = Q(asked_of=policy.scope(user).user_id) | Q(fallback=policy.scope(user).user_id)
    theirs = questions_q(user) & Q(dispute__in=disputes_for(user).values("pk"))
    return questions_with_context().filter(theirs | mine)


def question_cards(user: Person) -> QuerySet[Question]:
    """The questions whose cards this person may be shown, of a dispute or conversation that they may see."""
    return questions_with_context().filter(questions_q(user))


def questions_with_context() -> QuerySet[Question]:
    """Questions with what their cards show."""
    return Question.objects.select_related(
        "template",
        "asked_of",
        "asked_by",
        "fallback",
        "answer__answered_by",
        "dispute__customer",
        "dispute__reason",
        "dispute__entity",
        "dispute__stage",
    ).prefetch_related("dispute__lines__invoice", "passes__from_user", "passes__to_user")


def waits_for_approval(dispute: Dispute) -> bool:
    """Whether a request for approval waits. Asks the database only where a route has a stage of that status too."""
    if dispute.status != Status.TO_APPROVE:
        return False
    return dispute.stage.status != Status.TO_APPROVE or pending(dispute) is not None


def moves_for(dispute: Dispute, user: Person) -> list[Move]:
    """The moves this person may make now: the buttons of the page and the `moves` of the API."""
    roles = policy.scope(user).roles_in(dispute.entity_id)
    if Act.MOVE not in available(dispute.status, roles) or waits_for_approval(dispute):
        return []
    return [move for move in dispute.stage.moves.all() if roles & {*move.roles, Role.ADMIN}]


def acts_for(dispute: Dispute, user: Person) -> list[Act]:
    """What else this person may do now."""
    return available(dispute.status, policy.scope(user).roles_in(dispute.entity_id))


def timeline(dispute: Dispute, user: Person) -> QuerySet[events.Event]:
    """What happened to the dispute, in order, with who did it; a guest hears nothing of other companies."""
    rows = events.timeline(STREAM, dispute.pk)
    return rows.filter(events_q(user, dispute)) if is_guest(user, dispute.entity_id) else rows


def evidence_for(user: Person) -> QuerySet[Evidence]:
    """The files of the disputes the person may see: all of them for our side, a guest's own for a guest."""
    rows = Evidence.objects.filter(files_q(user), dispute__in=disputes_for(user).values("pk"))
    return rows.select_related("dispute__entity", "dispute__customer", "party", "added_by", "redacted_by")


def live_lines(on: date, known_at: datetime | None = None) -> QuerySet[DisputeLine]:
    """The lines that count as disputed at the end of `on`, as known at `known_at` (now by default)."""
    if known_at is None:
        return DisputeLine.objects.filter(Q(closed_on=None) | Q(closed_on__gt=on), opened_on__lte=on)
    over = Q(closed_on__lte=on, closed_recorded_at__lte=known_at)
    return DisputeLine.objects.filter(opened_on__lte=on, recorded_at__lte=known_at).exclude(over)


def disputed_subquery(on: date, known_at: datetime | None = None, *, invoice: str = "pk") -> Coalesce:
    """The disputed sum of each invoice at the end of `on`, to annotate invoices with; zero without any.

    Not capped: `with_disputed` caps it at what is open. `invoice` is the path to the invoice's key.
    """
    lines = live_lines(on, known_at).filter(invoice=OuterRef(invoice)).order_by().values("invoice")
    total = Subquery(lines.annotate(total=Sum("amount")).values("total"), output_field=MONEY)
    return Coalesce(total, Value(ZERO), output_field=MONEY)


def with_disputed(
    invoices: QuerySet[Invoice], on: date, known_at: datetime | None = None
) -> QuerySet[Invoice]:
    """Invoices that carry `open_amount`, with `disputed`: the disputed part of what is open."""
    capped = Least(disputed_subquery(on, known_at), F("open_amount"), output_field=MONEY)
    return invoices.annotate(disputed=capped)


def disputed_as_of(
    on: date, known_at: datetime | None = None, entity_ids: Iterable[int] | None = None
) -> QuerySet[Any, dict[str, Any]]:
    """`{"invoice", "disputed"}` for each invoice with disputed lines at the end of `on`; not capped."""
    lines = live_lines(on, known_at)
    if entity_ids is not None:
        lines = lines.filter(dispute__entity__in=list(entity_ids))
    sums: Any = lines.order_by("invoice").values("invoice").annotate(disputed=Sum("amount"))
    return sums  # type: ignore[no-any-return]


def path_of(dispute: Dispute) -> list[Step]:
    """The stages of the dispute's route, with where it has been and where it is: the drawing of the route."""
    been = set(dispute.stays.values_list("stage_id", flat=True))
    stages = Stage.objects.filter(version=dispute.route_version_id).select_related("department")
    return [
        Step(stage=stage, done=stage.pk in been, here=dispute.is_open and stage.pk == dispute.stage_id)
        for stage in stages.order_by("position")
    ]


def participants(dispute: Dispute, user: Person) -> list[User]:
    """Who takes part, in the order they came; to a guest the people of other companies are not there."""
    rows = dispute.participations.select_related("user").order_by("joined_at", "pk")
    if is_guest(user, dispute.entity_id):
        rows = rows.exclude(user__in=others_in(user, dispute.entity_id))
    return [row.user for row in rows]


def with_rights(questions: list[Question], user: User, at: datetime | None = None) -> list[Question]:
    """The same questions, each with `for_me` (it waits for this person) and `may_answer` (their answer counts).

    Without `at`, absences and deadlines are not looked at.
    """
    deputies = _stood_in_for(user, at.date()).values_list("user", flat=True) if at and questions else []
    deputy_of = set(deputies)
    for question in questions:
        asked = user.pk == question.asked_of_id or question.asked_of_id in deputy_of
        late = at is not None and question.due_at is not None and question.due_at < at
        question.for_me = asked or (user.pk == question.fallback_id and late)
        decides = policy.may(user, "dispute.decide", question.dispute.entity_id)
        question.may_change = can_change(question, user, at)
        question.may_answer = question.is_open and (asked or user.pk == question.fallback_id or decides)
    return questions


def can_change(question: Question, user: User, at: datetime | None) -> bool:
    """Whether to offer changing: one's own answer, minutes old, and the dispute open. The service asks the rest."""
    answer = getattr(question, "answer", None) if at and question.status == "answered" else None
    if (
        answer is None
        or at is None
        or question.kind == "document"
        or answer.answered_by_id != user.pk
        or not question.dispute.is_open
    ):
        return False
    return bool(at <= answer.answered_at + CHANGE_FOR)


def answered_since(user: User, since: datetime) -> list[Question]:
    """What this person answered since then, latest first."""
    rows = questions_with_context().filter(answer__answered_by=user, answer__answered_at__gte=since)
    return list(rows.order_by("-answer__answered_at")[:50])


def unblocked_since(user: User, since: datetime) -> list[tuple[str, Decimal]]:
    """The amounts, per currency, of the disputes this person's answers moved on since then."""
    asked = Question.objects.filter(answer__answered_by=user, answer__answered_at__gte=since)
    rows = Dispute.objects.filter(pk__in=asked.values("dispute")).order_by("currency").values("currency")
    return [(row["currency"], row["total"]) for row in rows.annotate(total=Sum("amount"))]


def add_unread(count: Unread) -> None:
    """A room above tells how much a person has not read yet of these disputes."""
    UNREAD.append(count)


def unread_in(user: User, ids: list[int]) -> dict[int, int]:
    """How many messages the person has not read, of those of these disputes where there are any."""
    found = [count(user, ids) for count in UNREAD] if ids else []
    return {pk: sum(one.get(pk, 0) for one in found) for one in found for pk in one}


def mails_waiting(user: User) -> int:
    """How many e-mails wait for somebody to say where they belong."""
    return int(TakenMail.objects.visible_to(user).waiting().count())
