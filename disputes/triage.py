"""What the triage offers: the four verbs of a dispute, and one's views and macros. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, Q, QuerySet

from accounts import policy
from accounts.models import Event, User
from disputes import selectors, words
from disputes.choices import Status
from disputes.lifecycle import Act
from disputes.models import Dispute, Macro, Move, SavedView
from disputes.services.common import STREAM
from disputes.services.undoing import UNDO, WINDOW, undoable, why_not


@dataclass(frozen=True, slots=True)
class Triage:
    """Of one dispute, for one person: what its card offers beside the moves of the route."""

    accept: Move | None
    dismiss: Move | None
    may_merge: bool
    may_snooze: bool
    may_take: bool
    snoozed_until: datetime | None
    macros: list[Macro]
    seen: int


@dataclass(frozen=True, slots=True)
class Deed:
    """What a person did last and may take back: words, and from which event on for each dispute."""

    words: str
    disputes: dict[int, int]
    why_not: str = ""


def triage_of(dispute: Dispute, user: User, at: datetime) -> Triage:
    """The verbs are for disputes that nobody has taken on yet; the rest for every open one."""
    acts = selectors.acts_for(dispute, user)
    moves = selectors.moves_for(dispute, user) if dispute.status == Status.OPEN else []
    asleep = dispute.snoozed_until is not None and dispute.snoozed_until > at
    return Triage(
        accept=next((move for move in moves if move.to_stage_id and not move.demands), None),
        dismiss=next((move for move in moves if not move.to_stage_id), None),
        may_merge=bool(moves) and Act.MERGE in acts,
        may_snooze=Act.SNOOZE in acts,
        may_take=Act.ASSIGN in acts and dispute.holder_user_id != user.pk,
        snoozed_until=dispute.snoozed_until if asleep else None,
        macros=list(macros_for(user).filter(entity=dispute.entity_id)) if Act.MOVE in acts else [],
        seen=last_seqs([dispute.pk]).get(dispute.pk, 0),
    )


def last_seqs(ids: Iterable[int]) -> dict[int, int]:
    """The number of the newest event of each dispute."""
    rows = Event.objects.filter(stream=STREAM, object_id__in=list(ids)).order_by().values("object_id")
    return dict(rows.annotate(last=Max("seq")).values_list("object_id", "last"))


def views_for(user: User) -> QuerySet[SavedView]:
    """One's own views, and those shared in the legal entities one works in."""
    here = policy.scope(user).entities("dispute.read")
    return SavedView.objects.filter(Q(owner=user) | Q(entity__in=here)).select_related("entity", "owner")


def macros_for(user: User) -> QuerySet[Macro]:
    """One's own macros, and those shared in the legal entities one works in."""
    here = policy.scope(user).entities("dispute.move")
    mine = Q(owner=user) | Q(shared=True)
    return Macro.objects.filter(mine, entity__in=here).select_related("entity", "owner")


def last_deed(user: User, at: datetime) -> Deed | None:
    """What this person did last, when it can still be taken back: all that was done in one act."""
    mine = Event.objects.filter(actor=user, stream=STREAM, at__gte=at - WINDOW)
    here = policy.scope(user).entities("dispute.read")
    last = mine.filter(entity__in=here, kind__in=[*UNDO, "dispute.closed"]).order_by("-pk").first()
    if last is None or "undone" in last.data:
        return None
    together = mine.filter(at=last.at, entity__in=here).order_by("object_id", "-seq")
    since: dict[int, int] = {}
    for pk, seq in together.values_list("object_id", "seq"):
        since[pk] = seq - 1
    if not undoable(dispute_id=last.object_id, by=user, at=at, since=since[last.object_id]):
        why = why_not(dispute_id=last.object_id, by=user, at=at)
        return Deed(words.tell(last).text, {}, why) if why else None
    return Deed(words.tell(last).text, since)


def shown_filters(kept: dict[str, Any]) -> dict[str, str]:
    """The filter of the queue as a saved view keeps it."""
    return {name: str(value) for name, value in kept.items() if name not in ("saved", "after", "open")}
