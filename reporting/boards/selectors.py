"""The boards a person may look at, and the one the address or their habit names."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts import policy
from accounts.models import User
from reporting.boards.choices import FIRST_FOR, STANDARD_TILES, Standard
from reporting.boards.models import Board, FirstBoard
from reporting.selectors.frame import READ


@dataclass(frozen=True, slots=True)
class Opened:
    """A board as it is shown: its key in the address, its name, its tiles; `owner` of one that is a colleague's."""

    key: str
    name: str
    tiles: tuple[str, ...]
    mine: bool = False
    owner: str = ""
    board: Board | None = None
    first: bool = False


def boards_for(user: User | AnonymousUser) -> QuerySet[Board]:
    """One's own and those shared, where one may read figures; `first` says which one opens first. One query."""
    seen = Board.objects.filter(entity__in=policy.scope(user).entities(READ))
    first = FirstBoard.objects.filter(user=user.pk, board=OuterRef("pk"))
    rows = seen.filter(Q(owner=user.pk) | Q(shared=True)).annotate(first=Exists(first))
    return rows.select_related("owner", "entity")


def boards_of(user: User) -> QuerySet[Board]:
    """One's own."""
    return boards_for(user).filter(owner=user)


def all_boards(user: User, entity_id: int) -> list[Opened]:
    """Every board a person can open: the standard ones, then one's own, then those of colleagues. Two queries."""
    chosen = FirstBoard.objects.filter(user=user).values_list("standard", "board").first()
    rows = list(boards_for(user))
    first = "" if chosen is None else chosen[0] or str(chosen[1])
    known = {*Standard.values, *(str(row.pk) for row in rows)}
    if first not in known:
        first = standard_for(user, entity_id)
    found = [
        Opened(key, str(Standard(key).label), STANDARD_TILES[key], first=key == first)
        for key in Standard.values
    ]
    for row in sorted(rows, key=lambda row: row.owner_id != user.pk):
        mine = row.owner_id == user.pk
        owner = "" if mine else row.owner.name
        key = str(row.pk)
        found.append(Opened(key, row.name, tuple(row.tiles), mine, owner, row, key == first))
    return found


def standard_for(user: User, entity_id: int) -> str:
    """The board a person opens first while they chose none."""
    roles = policy.scope(user).roles_in(entity_id)
    return next((str(board) for role, board in FIRST_FOR.items() if role in roles), Standard.FINANCE)


def opened(boards: list[Opened], key: str) -> Opened | None:
    """The board of this key, without one the first; None for one the person may not see."""
    if not key:
        return next(board for board in boards if board.first)
    return next((board for board in boards if board.key == key), None)
