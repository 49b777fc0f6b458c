"""Aging: what is owed, by how late it is. The edges of the buckets are data; disputed and undisputed stay
apart.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

NOT_DUE = "not_due"
ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Buckets:
    """The last day of each bucket but the open-ended one: 30, 60, 90 gives not due, 1-30, 31-60, 61-90, over
    90.
    """

    edges: tuple[int, ...] = (30, 60, 90)

    def __post_init__(self) -> None:
        if not self.edges or self.edges[0] < 1 or list(self.edges) != sorted(set(self.edges)):
            raise ValueError("Bucket edges must be growing numbers of days, the first at least 1.")

    @property
    def names(self) -> tuple[str, ...]:
        """The keys of the buckets, youngest first: not_due, 1_30, 31_60, 61_90, over_90."""
        starts = (1, *(edge + 1 for edge in self.edges[:-1]))
        closed = tuple(f"{start}_{edge}" for start, edge in zip(starts, self.edges, strict=True))
        return (NOT_DUE, *closed, f"over_{self.edges[-1]}")

    def name_of(self, days: int) -> str:
        """The bucket of something that is so many days past due (0 or less: not due)."""
        if days <= 0:
            return NOT_DUE
        return self.names[1 + sum(days > edge for edge in self.edges)]

    def due_dates(self, as_of: date) -> tuple[tuple[str, date | None, date | None], ...]:
        """Each bucket with its first and last due date at `as_of` (None: no limit), for those who filter by
        date.
        """
        first = (as_of, *(as_of - timedelta(days=edge) for edge in self.edges), None)
        last = (None, *(as_of - timedelta(days=edge + 1) for edge in (0, *self.edges)))
        return tuple(zip(self.names, first, last, strict=True))


DEFAULT = Buckets()


@dataclass(frozen=True, slots=True)
class OpenItem:
    """What is open of one invoice, and the part of that which is disputed (0 <= disputed <= open)."""

    due_on: date
    open: Decimal
    disputed: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Aging:
    """Open and disputed amounts by bucket, and the money not yet placed on an invoice (0 or negative)."""

    buckets: dict[str, Decimal]
    disputed: dict[str, Decimal]
    unapplied: Decimal = ZERO

    @property
    def open(self) -> Decimal:
        """All that is open on invoices."""
        return sum(self.buckets.values(), ZERO)

    @property
    def total(self) -> Decimal:
        """The balance: every bucket, `unapplied` among them."""
        return self.open + self.unapplied

    @property
    def disputed_total(self) -> Decimal:
        return sum(self.disputed.values(), ZERO)

    @property
    def overdue(self) -> Decimal:
        return self.open - self.buckets[NOT_DUE]

    @property
    def parts(self) -> "Parts":
        """What the DSO waterfall splits: a disputed amount is disputed, whatever its due date."""
        not_due = self.buckets[NOT_DUE] - self.disputed[NOT_DUE]
        return Parts(not_due, self.open - self.disputed_total - not_due, self.disputed_total)


@dataclass(frozen=True, slots=True)
class Parts:
    """The receivables in three: not due and undisputed, late and undisputed, disputed."""

    not_due: Decimal = ZERO
    late: Decimal = ZERO
    disputed: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.not_due + self.late + self.disputed


def days_past_due(due_on: date, as_of: date) -> int:
    """Positive when late; 0 on the due date itself."""
    return (as_of - due_on).days


def disputed_part(open_amount: Decimal, lines: Iterable[Decimal]) -> Decimal:
    """The disputed part of what is open: the live dispute lines, never more than what is open."""
    return min(open_amount, sum(lines, ZERO))


@dataclass(slots=True)
class Collector:
    """Adds amounts into buckets; `result` is the frozen sum."""

    names: tuple[str, ...] = DEFAULT.names
    unapplied: Decimal = ZERO
    buckets: dict[str, Decimal] = field(init=False)
    disputed: dict[str, Decimal] = field(init=False)

    def __post_init__(self) -> None:
        self.buckets = dict.fromkeys(self.names, ZERO)
        self.disputed = dict.fromkeys(self.names, ZERO)

    def add(self, bucket: str, open_amount: Decimal, disputed: Decimal) -> None:
        self.buckets[bucket] += open_amount
        self.disputed[bucket] += disputed

    def result(self) -> Aging:
        return Aging(dict(self.buckets), dict(self.disputed), self.unapplied)


def aging(
    items: Iterable[OpenItem], as_of: date, *, buckets: Buckets = DEFAULT, unapplied: Decimal = ZERO
) -> Aging:
    """Sort open items into buckets at `as_of`. `unapplied` is given as it is shown: 0 or negative."""
    sums = Collector(buckets.names, unapplied)
    for item in items:
        sums.add(buckets.name_of(days_past_due(item.due_on, as_of)), item.open, item.disputed)
    return sums.result()
