"""What changes boards: make, change, delete, open first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.events import emit
from accounts.models import LegalEntity, User
from lib.errors import FieldErrors
from reporting.boards.choices import Standard, Tile
from reporting.boards.models import Board, FirstBoard
from reporting.boards.selectors import boards_for
from reporting.selectors.frame import READ

MOST_EACH = 50


@dataclass(frozen=True, slots=True)
class Draft:
    """A board as somebody wants it."""

    name: str
    tiles: tuple[str, ...]
    shared: bool = False


@transaction.atomic
def make_board(*, entity: LegalEntity, draft: Draft, by: User, at: datetime) -> Board:
    """A board of one's own. Raises PermissionDenied, FieldErrors."""
    if not policy.may(by, READ, entity.pk):
        raise PermissionDenied
    if Board.objects.filter(owner=by).count() >= MOST_EACH:
        raise FieldErrors({"name": _("You have many boards already. Delete one of them first.")})
    row = Board(entity=entity, owner=by, created_at=at)
    _take(row, draft, at)
    if row.shared:
        _say(row, "board.shared", by, at)
    return row


@transaction.atomic
def change_board(*, board: Board, draft: Draft, by: User, at: datetime) -> Board:
    """Another name, other tiles or order; share it or keep it to oneself. Raises PermissionDenied, FieldErrors."""
    row = _mine(board, by)
    if not policy.may(by, READ, row.entity_id):
        raise PermissionDenied
    before = row.shared
    _take(row, draft, at)
    if before != row.shared:
        _say(row, "board.shared" if row.shared else "board.kept_private", by, at)
    return row


@transaction.atomic
def delete_board(*, board: Board, by: User, at: datetime) -> None:
    """Delete it, for colleagues too; deleting it twice is harmless."""
    row = Board.objects.select_for_update().filter(pk=board.pk).first()
    if row is None:
        return
    if row.owner_id != by.pk:
        raise PermissionDenied
    if row.shared:
        _say(row, "board.deleted", by, at)
    row.delete()


def open_first(*, key: str, by: User) -> None:
    """Open this board first from now on: the key of a standard one, or of a board the person may see.

    Raises FieldErrors for any other.
    """
    if key in Standard.values:
        FirstBoard.objects.update_or_create(user=by, defaults={"standard": key, "board": None})
        return
    row = boards_for(by).filter(pk=key if key.isdecimal() and len(key) < 19 else 0).first()
    if row is None:
        raise FieldErrors({"board": _("Choose a board from the list.")})
    FirstBoard.objects.update_or_create(user=by, defaults={"standard": "", "board": row})


def _take(row: Board, draft: Draft, at: datetime) -> None:
    row.name, row.shared, row.changed_at = draft.name.strip(), draft.shared, at
    row.tiles = list(draft.tiles)
    _check(row.name, row.tiles)
    try:
        row.full_clean(exclude=["owner", "entity"])
        with transaction.atomic():
            row.save()
    except ValidationError as wrong:
        raise FieldErrors(_sentences(wrong)) from None
    except IntegrityError:  # the same name, sent twice at once
        raise FieldErrors({"name": _("You have a board of this name already.")}) from None


def _check(name: str, tiles: Sequence[str]) -> None:
    """The sentence for what is wrong, before the database has to say it."""
    wrong: dict[str, str] = {}
    if not name:
        wrong["name"] = _("Give the board a name.")
    if not tiles:
        wrong["tiles"] = _("Choose at least one tile.")
    elif set(tiles) - set(Tile.values):
        wrong["tiles"] = _("Choose tiles from the list.")
    elif len(set(tiles)) < len(tiles):
        wrong["tiles"] = _("Each tile comes once.")
    if wrong:
        raise FieldErrors(wrong)


def _sentences(wrong: ValidationError) -> dict[str, str]:
    """By field; what is about the whole row is about its name, the only thing it shares with others."""
    return {
        "name" if field == "__all__" else field: " ".join(said) for field, said in wrong.message_dict.items()
    }


def _mine(board: Board, by: User) -> Board:
    """The row, locked; only its owner changes it."""
    row = Board.objects.select_for_update().get(pk=board.pk)
    if row.owner_id != by.pk:
        raise PermissionDenied
    return row


def _say(row: Board, kind: str, by: User, at: datetime) -> None:
    """What colleagues see is told; what one arranges for oneself is nobody's business."""
    facts = {"board": row.pk, "name": row.name, "tiles": row.tiles}
    emit(
        stream="entity", object_id=row.entity_id, entity_id=row.entity_id, kind=kind, actor=by, at=at, data=facts
    )  # fmt: skip
