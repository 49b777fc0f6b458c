"""The life of a legal file as one table. Pure: no database, no request."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from django.utils.translation import gettext as _

from collections_app.choices_contentious import FileAct, FileStatus
from collections_app.errors import ContentiousError

A, S = FileAct, FileStatus
ACT, FOLLOW = "contentious.act", "contentious.follow"
# Everything that is not closed, and everything after the formal notice.
OPEN: Set[FileStatus] = frozenset(S) - {S.CLOSED}
NOTIFIED: Set[FileStatus] = OPEN - {S.PREPARED}
# Nobody else has it: the agency and the court come from here.
WITH_US: Set[FileStatus] = frozenset({S.NOTIFIED, S.RETURNED, S.REJECTED})


@dataclass(frozen=True, slots=True)
class Move:
    """From where an act is possible, where it leads (None: nowhere), who may, and what it cannot do without."""

    sources: Set[FileStatus]
    target: FileStatus | None
    action: str = ACT
    needs: tuple[str, ...] = ()
    # Takes the claim out of the house: above one's own limit two people agree.
    weighs: bool = False


MOVES: dict[FileAct, Move] = {
    A.NOTIFY: Move(frozenset({S.PREPARED, S.NOTIFIED, S.RETURNED}), S.NOTIFIED, needs=("deadline",)),
    A.TRACK: Move(NOTIFIED, None, FOLLOW, ("tracking",)),
    A.SECOND: Move(OPEN, None),
    A.AGREE: Move(NOTIFIED - {S.AGREED}, S.AGREED, FOLLOW, ("note",)),
    A.RESUME: Move(frozenset({S.AGREED}), S.NOTIFIED, FOLLOW),
    A.HAND_OVER: Move(WITH_US, S.AGENCY, needs=("agency",), weighs=True),
    A.RETURN: Move(frozenset({S.AGENCY}), S.RETURNED, FOLLOW, ("note",)),
    A.FILE: Move(WITH_US, S.COURT, needs=("court",), weighs=True),
    A.ORDER: Move(frozenset({S.COURT, S.OPPOSED}), S.ORDERED, FOLLOW),
    A.OPPOSE: Move(frozenset({S.COURT, S.ORDERED}), S.OPPOSED, FOLLOW),
    A.ENFORCE: Move(frozenset({S.ORDERED}), S.ENFORCED, FOLLOW),
    A.REJECT: Move(frozenset({S.COURT, S.OPPOSED}), S.REJECTED, FOLLOW, ("note",)),
    A.REPORT: Move(OPEN, None, FOLLOW, ("note",)),
    A.CLOSE: Move(OPEN, S.CLOSED, needs=("end",)),
}


def check(status: str, act: str) -> Move:
    """The move of an act at this status. Raises ContentiousError when there is none."""
    move = MOVES.get(FileAct(act)) if act in FileAct.values else None
    if move is None or status not in move.sources:
        sentence = _("“%(act)s” is not possible while the file stands at “%(status)s”.")
        words = FileAct(act).label if act in FileAct.values else act
        raise ContentiousError(
            sentence % {"act": words, "status": FileStatus(status).label}, code="file_status"
        )
    return move


def available(status: str, allowed: Set[str]) -> list[FileAct]:
    """What may be done now by who has these actions: the buttons of the page, and the API's `acts`."""
    return [act for act, move in MOVES.items() if status in move.sources and move.action in allowed]
