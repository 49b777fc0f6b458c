"""What happened to questions in a legal entity, read from the events, and what people may see of the scores."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts import policy
from accounts.models import Department, Event, LegalEntity, Membership, User
from accounts.selectors import Offices
from disputes.models import Question
from lib.working import working_time
from reporting.choices import GoalKind, ScoreMode
from reporting.metrics.scores import Ended, Entry, Facts, Given, Score, entries, score
from reporting.models import ScoreRules, ScoreWishes, TeamGoal

# A figure of fewer people would be a figure of persons.
SMALLEST_TEAM = 3
# Answers older than this neither earn nor lose any more.
HORIZON = timedelta(days=400)
ANSWERED, ENDED, REOPENED = "question.answered", "dispute.closed", "dispute.reopened"


@dataclass(frozen=True, slots=True)
class Account:
    """One entity's facts and everybody's entries, with the day of a moment there."""

    entity: LegalEntity
    facts: Facts
    wanted: frozenset[int]

    def day_of(self, at: datetime) -> date:
        """The day of a moment where the entity is."""
        return at.astimezone(ZoneInfo(self.entity.time_zone)).date()

    def score(self, people: set[int], first: date, last: date) -> Score:
        """The score of those of the people who want to be counted."""
        return score(self.facts, people & self.wanted, first, last, self.day_of)

    def entries(self, person: int, first: date, last: date) -> list[Entry]:
        """One person's entries of a period, the newest first."""
        mine = [
            one
            for one in entries(self.facts, self.day_of)
            if one.person == person and first <= self.day_of(one.at) <= last
        ]
        return mine[::-1] if person in self.wanted else []

    def answerers(self, first: date, last: date) -> set[int]:
        """Who answered anything in the period and wants to be counted."""
        given = (one for one in self.facts.answers if first <= self.day_of(one.answered_at) <= last)
        return {one.person for one in given} & self.wanted


def account(entity: LegalEntity, until: datetime) -> Account:
    """Everything that counts, as it was known at `until`. A constant number of queries."""
    events = Event.objects.filter(
        entity=entity,
        kind__in=(ANSWERED, ENDED, REOPENED),
        at__gt=until - HORIZON,
        at__lte=until,
        stream="dispute",
    ).order_by("at", "pk")
    rows = list(events.values_list("kind", "object_id", "at", "actor_id", "data"))
    disputes = {pk for kind, pk, *_rest in rows if kind == ANSWERED}
    questions = {
        one.pk: one
        for one in Question.objects.filter(dispute__in=disputes, asked_at__lte=until).only(
            "dispute_id", "template_id", "target_field", "text", "asked_by_id", "asked_of_id",
            "fallback_id", "asked_at", "due_at",
        )
    }  # fmt: skip
    offices, deputies = Offices(entity), _deputies(entity)
    answers = []
    for kind, dispute, at, actor, data in rows:
        question = questions.get(data.get("question", 0)) if kind == ANSWERED else None
        if question is not None and actor and _was_asked(question, actor, at, data, deputies):
            answers.append(_given(question, dispute, actor, at, offices))
    facts = Facts(
        answers=answers,
        asked=[(one.dispute_id, _about(one), one.asked_at) for one in questions.values()],
        ended=[
            Ended(pk, at, Decimal(data.get("disputed") or 0), data.get("currency") or entity.currency)
            for kind, pk, at, _actor, data in rows
            if kind == ENDED
        ],
        reopened=[(pk, at) for kind, pk, at, _actor, _data in rows if kind == REOPENED],
    )
    away = ScoreWishes.objects.filter(on=False).values("user")
    staff = Membership.objects.filter(entity=entity, user__is_active=True).exclude(user__in=away)
    return Account(entity, facts, frozenset(staff.values_list("user", flat=True)))


def _given(question: Question, dispute: int, actor: int, at: datetime, offices: Offices) -> Given:
    office = offices.ours(actor)
    had = None
    if question.due_at and question.due_at > question.asked_at:
        had = working_time(question.asked_at, question.due_at, office)
    day = at.astimezone(ZoneInfo(office.time_zone)).date()
    return Given(
        question=question.pk,
        dispute=dispute,
        person=actor,
        asked_by=question.asked_by_id,
        about=_about(question),
        asked_at=question.asked_at,
        answered_at=at,
        took=working_time(question.asked_at, at, office) if at > question.asked_at else timedelta(),
        had=had,
        working=any(opens <= at <= closes for opens, closes in office.stretches(day)),
    )


def _about(question: Question) -> str:
    """What it asks for: its field, the question of the route it comes from, or its words."""
    return question.target_field or (
        f"template:{question.template_id}" if question.template_id else question.text
    )


def _was_asked(
    question: Question, actor: int, at: datetime, data: dict[str, object], deputies: dict[int, set[int]]
) -> bool:
    """Whether the answer was this person's to give: the one asked, a deputy, and from the deadline on the fallback."""
    asked = {question.asked_of_id, data.get("asked_of")}
    if question.due_at and at >= question.due_at:
        asked.add(question.fallback_id)
    return actor in asked or any(actor in deputies.get(int(str(pk)), ()) for pk in asked if pk)


def _deputies(entity: LegalEntity) -> dict[int, set[int]]:
    """Who ever stood in for whom."""
    found: dict[int, set[int]] = defaultdict(set)
    members = Membership.objects.filter(entity=entity, user__absences__deputy__isnull=False)
    for user, deputy in members.values_list("user", "user__absences__deputy").distinct():
        found[user].add(deputy)
    return found


def mode_of(entity: LegalEntity) -> str:
    """How far the entity counts answers."""
    kept = ScoreRules.objects.filter(entity=entity).values_list("mode", flat=True).first()
    return kept or ScoreMode.TEAM


def wishes_of(user: User) -> ScoreWishes:
    """What the person wants; the usual when they never said."""
    return ScoreWishes.objects.filter(user=user).first() or ScoreWishes(user=user)


def entities_that_count(user: User | AnonymousUser) -> QuerySet[LegalEntity]:
    """Where answers are counted and the person may see it; a manager also sees where it is off."""
    mine = LegalEntity.objects.filter(pk__in=policy.scope(user).entities("score.see"))
    off = ScoreRules.objects.filter(entity=OuterRef("pk"), mode=ScoreMode.OFF)
    rules = policy.scope(user).entities("score.rules")
    return mine.filter(Q(pk__in=rules) | ~Exists(off)).order_by("code")


def goals(entity: LegalEntity) -> QuerySet[TeamGoal]:
    """The goals that were not dropped, those that end first before the others."""
    return TeamGoal.objects.filter(entity=entity, dropped_at=None).select_related("department")


def team(entity: LegalEntity, department: Department | None = None) -> set[int]:
    """The people of a team, or everybody of the entity."""
    members = Membership.objects.filter(entity=entity)
    if department is not None:
        members = members.filter(department=department)
    return set(members.values_list("user", flat=True))


def sharing(entity: LegalEntity) -> QuerySet[User]:
    """Who lets colleagues see their points, by name: there are no places."""
    people = User.objects.filter(memberships__entity=entity, is_active=True)
    return people.filter(score_wishes__on=True, score_wishes__shared=True).distinct().order_by("name", "pk")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a goal is. `reached` is None while there is nothing to tell, or too few people to tell it of."""

    goal: TeamGoal
    reached: Decimal | None
    met: bool
    # 0 to 100, for the bar.
    share: int


def progress(counted: Account, goal: TeamGoal, until: date) -> Progress:
    """What was reached of a goal up to a day."""
    people = team(counted.entity, goal.department)
    last = min(goal.last_day, until)
    if len(people & counted.answerers(goal.first_day, last)) < SMALLEST_TEAM and goal.kind != GoalKind.FREED:
        return Progress(goal, None, met=False, share=0)
    made = counted.score(people, goal.first_day, last)
    if goal.kind == GoalKind.FREED:
        freed = made.freed.get(counted.entity.currency, Decimal("0.00"))
        return Progress(goal, freed, freed >= goal.target, min(100, int(100 * freed / goal.target)))
    if goal.kind == GoalKind.IN_TIME:
        part = round(100 * (made.share_in_time or Decimal(0)), 1)
        return Progress(goal, part, part >= goal.target, min(100, int(100 * part / goal.target)))
    hours = round(Decimal((made.median or timedelta()).total_seconds()) / 3600, 1)
    share = 100 if hours <= goal.target else int(100 * goal.target / hours)
    return Progress(goal, hours, hours <= goal.target, share)
