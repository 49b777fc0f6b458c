"""Every figure that can have a target, at the end of a period: of the whole, and of each value of a dimension."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Protocol, TypeVar

from reporting.choices import Measure
from reporting.metrics.aging import Aging
from reporting.metrics.dso import DsoFamily
from reporting.metrics.rounding import rounded, share
from reporting.reports.cei import effectiveness, whole_of
from reporting.reports.disputing import resolution_times
from reporting.reports.dso import by_key, dso_figures
from reporting.reports.table import Options, in_days, name_of
from reporting.selectors.answers import Reply, questions
from reporting.selectors.collecting import PromiseRow, promises
from reporting.selectors.flow import Life, Period, lives
from reporting.selectors.frame import Frame

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
Measures = dict[str, Decimal | None]


@dataclass(slots=True)
class Found:
    """What the figures are made of. Without a family nothing is owed."""

    aging: Aging | None = None
    family: DsoFamily | None = None
    cei: Fraction | Decimal | None = None
    replies: list[Reply] = field(default_factory=list)
    promises: list[PromiseRow] = field(default_factory=list)
    lives: list[Life] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of one value of a dimension, by its key and its name."""

    key: str
    label: str
    figures: Measures


def measures_of(frame: Frame, period: Period) -> Measures:
    """The figures of the whole; None where there is nothing to tell."""
    frame = frame.at(period.last)
    position, _book, family = dso_figures(frame, Options())
    cei = whole_of(effectiveness(frame, period, "entity")[0]).cei if position.items else None
    given = [one for one in questions(frame, period) if one.answered_at]
    found = Found(position.total, family, cei, given, promises(frame, period), lives(frame, period))
    return _figures(found, frame, period)


def measures_by(frame: Frame, period: Period, by: str) -> list[Measured]:
    """The figures of each value of a dimension of customers, by name. As many queries as for the whole."""
    frame = frame.at(period.last)
    position, book, whole = dso_figures(frame, Options(by=by))
    found: dict[str, Found] = defaultdict(Found)
    labels: dict[str, str] = {}
    for row in position.rows:
        found[row.key].aging = row.aging
        labels[row.key] = row.label
    for key, _name, family in by_key(frame, by, position, book, whole):
        found[key].family = family
    for one in effectiveness(frame, period, by)[0]:
        found[one.key].cei = one.cei
        labels.setdefault(one.key, one.label)
    given = [one for one in questions(frame, period, by) if one.answered_at]
    for key, group in _grouped(given, labels).items():
        found[key].replies = group
    for key, made in _grouped(promises(frame, period, by), labels).items():
        found[key].promises = made
    for key, lived in _grouped(lives(frame, period, by), labels).items():
        found[key].lives = lived
    rows = [
        Measured(key, name_of(frame, by, key, labels.get(key, "")), _figures(one, frame, period))
        for key, one in found.items()
    ]
    return sorted(rows, key=lambda row: (row.label, row.key))


class Keyed(Protocol):
    """A row with its key and its name in one dimension."""

    @property
    def key(self) -> str: ...
    @property
    def label(self) -> str: ...


K = TypeVar("K", bound=Keyed)


def _grouped(rows: Iterable[K], labels: dict[str, str]) -> dict[str, list[K]]:
    """The rows by their key; what each key is called is noted in `labels`."""
    groups: dict[str, list[K]] = defaultdict(list)
    for row in rows:
        groups[row.key].append(row)
        labels.setdefault(row.key, row.label)
    return groups


def _figures(found: Found, frame: Frame, period: Period) -> Measures:
    states = Counter(row.state(frame.as_of) for row in found.promises)
    settled = resolution_times(found.lives, period)
    due = states["kept"] + states["broken"]
    aging, family = found.aging, found.family
    in_time = sum(reply.in_time for reply in found.replies)
    return {
        Measure.DSO: _two(family.dso.days) if family else ZERO,
        Measure.DISPUTE_DSO: _two(family.dispute_dso) if family else ZERO,
        Measure.DELINQUENT: _two(family.average_days_delinquent) if family else ZERO,
        Measure.DISPUTED: aging.disputed_total if aging else ZERO,
        Measure.OVERDUE: share(aging.overdue, aging.open, 2) if aging else share(ZERO, ZERO, 2),
        Measure.CEI: None if found.cei is None else _two(found.cei),
        Measure.KEPT: share(Decimal(states["kept"]), Decimal(due), 2) if due else None,
        Measure.IN_TIME: share(Decimal(in_time), Decimal(len(found.replies)), 2) if found.replies else None,
        Measure.RESOLUTION: None if settled.median is None else _cut(in_days(settled.median)),
    }


def _two(value: Fraction | Decimal) -> Decimal:
    return rounded(Fraction(value), 2)


def _cut(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(CENT)
