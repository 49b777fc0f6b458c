"""The check of the books: every stored or derived total is computed again from its rows and compared.

Each room registers its own checks in its `books.py`, found when Django starts. A check is one statement, so it sees
one state of the database however much is written meanwhile; it gives what differs and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise

Words = str | Promise
PIECE = 2000
CODE = re.compile(r"[a-z_]+\.[a-z_]+")


class Difference(NamedTuple):
    """A row whose stored figure is not what its rows add up to.

    `kind` and `pk` name the row, `name` is what people call it. `page_kind` and `page_pk` say on whose page it is
    shown when it has none of its own.
    """

    entity: int | None
    kind: str
    pk: int | None
    name: str
    stored: str
    recomputed: str
    page_kind: str = ""
    page_pk: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference and the check that found it."""

    code: str
    difference: Difference

    @property
    def where(self) -> str:
        """The row, in words: `invoice 17 (F-2026-001)`."""
        row = self.difference
        place = f"{row.kind} {row.pk}" if row.pk is not None else row.kind
        return f"{place} ({row.name})" if row.name else place

    def as_json(self) -> dict[str, Any]:
        """Everything a program or the page needs."""
        row = self.difference
        return {
            "code": self.code,
            "where": self.where,
            "stored": row.stored,
            "recomputed": row.recomputed,
            "entity": row.entity,
            "kind": row.kind,
            "id": row.pk,
            "name": row.name,
            "page": [row.page_kind or row.kind, row.page_pk if row.page_kind else row.pk],
        }


@dataclass(frozen=True, slots=True)
class Check:
    """One rule of the books: its code, its sentence, and what finds the rows that break it."""

    code: str
    words: Words
    find: Callable[[], Iterator[Difference]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of row that findings name: what people call it, and the URL name of its page."""

    words: Words
    url_name: str = ""


CHECKS: dict[str, Check] = {}
KINDS: dict[str, Kind] = {}


def check(
    code: str, words: Words
) -> Callable[[Callable[[], Iterator[Difference]]], Callable[[], Iterator[Difference]]]:
    """Register a check under `code` (`invoice.allocated`); `words` says what must hold."""
    if not CODE.fullmatch(code):
        raise ValueError(f"{code!r} is not a code such as invoice.allocated.")

    def register(find: Callable[[], Iterator[Difference]]) -> Callable[[], Iterator[Difference]]:
        CHECKS[code] = Check(code, words, find)
        return find

    return register


def kind(code: str, words: Words, url_name: str = "") -> None:
    """Name a kind of row and the page that shows one."""
    KINDS[code] = Kind(words, url_name)


def page_of(kind_code: str, pk: int | None) -> str:
    """The address of the row's page; empty when it has none."""
    known = KINDS.get(kind_code)
    if known is None or not known.url_name or pk is None:
        return ""
    try:
        return reverse(known.url_name, args=[pk])
    except NoReverseMatch:
        return ""


def differences(query: str, params: dict[str, Any] | None = None) -> Iterator[Difference]:
    """The rows of a statement whose columns are those of Difference, streamed."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(query, params)
        while rows := cursor.fetchmany(PIECE):
            yield from (Difference(*row) for row in rows)


def run(codes: list[str] | None = None) -> Iterator[Finding]:
    """What every check finds (or those of `codes`), streamed, in the order of the codes."""
    for code in sorted(CHECKS) if codes is None else codes:
        for difference in CHECKS[code].find():
            yield Finding(code, difference)
