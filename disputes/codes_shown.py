"""The code table as its page shows it: unknown codes with how often they came, and the rows in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import Count, Max

from accounts.models import LegalEntity
from disputes.choices import CodeKind, Standard
from disputes.models import ExternalCode, Told
from ledger import answer_words

LATELY = 50


@dataclass(frozen=True, slots=True)
class Unknown:
    """A code that came and that nobody has mapped."""

    standard: str
    standard_words: str
    kind: str
    code: str
    words: str
    times: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Group:
    """The codes of one standard and kind."""

    standard: str
    kind: str
    rows: list[tuple[ExternalCode, str]]


def unknown_codes(entity: LegalEntity) -> list[Unknown]:
    """The unmapped codes, the one that came last first."""
    rows = (
        Told.objects.filter(entity=entity)
        .exclude(unmapped="")
        .values("unmapped")
        .annotate(times=Count("pk"), last_at=Max("at"))
        .order_by("-last_at")
    )
    found = []
    for row in rows[:LATELY]:
        standard, kind, code = row["unmapped"].split(":", 2)
        label = str(Standard(standard).label) if standard in Standard.values else standard
        words = _words(standard, kind, code)
        found.append(Unknown(standard, label, kind, code, words, row["times"], row["last_at"]))
    return found


def shown_codes(entity: LegalEntity, standard: str) -> list[Group]:
    """The codes of one standard by kind, each with what it means there."""
    rows = ExternalCode.objects.filter(entity=entity, standard=standard).select_related("reason")
    ordered = sorted(rows, key=lambda row: (row.kind != CodeKind.STATUS, row.code))
    return [
        Group(
            str(Standard(standard).label),
            str(CodeKind(kind).label),
            [(row, _words(standard, kind, row.code)) for row in group],
        )
        for kind, group in groupby(ordered, key=lambda row: row.kind)
    ]


def _words(standard: str, kind: str, code: str) -> str:
    """What the standard means by it; nothing when it does not know it."""
    known = answer_words.STATUSES if kind == CodeKind.STATUS else answer_words.REASONS
    words = known.get(standard, {}).get(code)
    return str(words) if words else ""
