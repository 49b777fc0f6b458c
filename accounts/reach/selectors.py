"""The wishes of people, ready for the rule. A fixed number of queries, however many people."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from accounts.models import Absence, LegalEntity, User
from accounts.offices import Offices
from accounts.reach.choices import ReachChannel, ReachEvent
from accounts.reach.models import ReachRule, ReachWishes
from accounts.reach.rules import Wishes
from lib.phones import e164
from lib.working import Span

MAILED_QUESTIONS = (ReachEvent.QUESTION.value, ReachEvent.REMINDER.value)
# Who of these people (by id) can be reached over a channel that another room keeps.
Means = Callable[[set[int]], set[int]]
_means: dict[str, Means] = {}


def means(channel: ReachChannel) -> Callable[[Means], Means]:
    """Register who can be reached over a channel: `@means(ReachChannel.PUSH)`."""

    def register(function: Means) -> Means:
        _means[channel.value] = function
        return function

    return register


def mobile_of(user: User, country: str) -> str:
    """The person's number in international form; empty for one that cannot be dialled."""
    return e164(user.phone, country)


def wishes_for(people: Iterable[User], entity: LegalEntity) -> dict[int, Wishes]:
    """How each of these people wants to be told of something of this legal entity."""
    users = {user.pk: user for user in people}
    rules: dict[int, dict[tuple[str, str], tuple[bool, int]]] = {pk: {} for pk in users}
    house: dict[tuple[str, str], tuple[bool, int]] = {}
    rows = ReachRule.objects.filter(user__in=users) | ReachRule.objects.filter(entity=entity)
    for rule in rows:
        into = rules[rule.user_id] if rule.user_id else house
        into[rule.event, rule.channel] = (rule.on, rule.after_minutes)
    kept = ReachWishes.objects.in_bulk(list(users))
    offices = Offices(entity)
    elsewhere = {channel: ask(set(users)) for channel, ask in _means.items()}
    found = {}
    for pk, user in users.items():
        row = kept.get(pk) or ReachWishes(user=user)
        found[pk] = Wishes(
            zone=user.time_zone,
            rules={**house, **rules[pk], **_without_question_mails(user)},
            quiet=_quiet(row),
            office=offices.ours(pk) if row.only_working else None,
            cap=row.daily_cap,
            means=_means_of(user, row, entity, elsewhere),
            private=row.private,
        )
    return found


def wishes_of(user: User, entity: LegalEntity) -> Wishes:
    """The wishes of one person."""
    return wishes_for([user], entity)[user.pk]


def _without_question_mails(user: User) -> dict[tuple[str, str], tuple[bool, int]]:
    """The switch of the profile: no mails about questions at all."""
    if user.question_mails:
        return {}
    return {(event, ReachChannel.EMAIL.value): (False, 0) for event in MAILED_QUESTIONS}


def _quiet(row: ReachWishes) -> Span | None:
    if not row.quiet:
        return None
    since, until = row.quiet_from, row.quiet_until
    return since.hour * 60 + since.minute, until.hour * 60 + until.minute


def _means_of(
    user: User, row: ReachWishes, entity: LegalEntity, elsewhere: dict[str, set[int]]
) -> frozenset[str]:
    found = {channel for channel, people in elsewhere.items() if user.pk in people}
    if user.email:
        found.add(ReachChannel.EMAIL.value)
    if row.bridge:
        found.add(ReachChannel.BRIDGE.value)
    if user.phone and mobile_of(user, entity.country):
        found.add(ReachChannel.SMS.value)
    return frozenset(found)


def away_on(day: date) -> dict[int, int | None]:
    """Who is away that day, and who stands in for them."""
    rows = Absence.objects.filter(starts_on__lte=day, ends_on__gte=day, user__is_active=True)
    return {
        row.user_id: row.deputy_id if row.deputy and row.deputy.is_active else None
        for row in rows.select_related("deputy")
    }
