"""Pages by key: page N costs what page 1 costs, and nothing is skipped or shown twice when rows arrive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)
SEPARATOR = "~"
SIZE = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows of one page. `after` is the key of the next one (empty at the end); `first` is whether this is page 1."""

    rows: Sequence[Row]
    after: str
    first: bool


def page_by(rows: QuerySet[Row], fields: tuple[str, str], after: str, size: int = SIZE) -> Page[Row]:
    """The page behind the key `after`. `fields` are an ordering field and `id`, each with its sign.

    A key that makes no sense gives the first page.
    """
    key = _key(after)
    ordered = rows.order_by(*fields)
    if key:
        name, backwards = fields[0].lstrip("-"), fields[0].startswith("-")
        way = "lt" if backwards else "gt"
        behind = Q(**{f"{name}__{way}": key[0]}) | Q(**{name: key[0], f"id__{way}": key[1]})
        # The first condition lets the index start at the key.
        ordered = ordered.filter(Q(**{f"{name}__{way}e": key[0]}) & behind)
    found = list(ordered[: size + 1])
    last = found[size - 1] if len(found) > size else None
    value: Any = getattr(last, fields[0].lstrip("-")) if last else None
    return Page(found[:size], f"{value}{SEPARATOR}{last.pk}" if last else "", not key)


def _key(after: str) -> tuple[Any, int] | None:
    value, found, number = after.rpartition(SEPARATOR)
    if not found or not number.isdigit() or len(number) > 18:
        return None
    try:
        return date.fromisoformat(value), int(number)
    except ValueError:
        return (value, int(number)) if not value[:4].isdigit() else None
