"""Count-back DSO of many at once: the definition of `dso.count_back`, on arrays. Pure.

Amounts are whole cents (int64), so that nothing is lost: what comes out are the exact parts of each fraction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from reporting.metrics.dso import Dso

Cents = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CountedBack:
    """Of each: whole days, then the part of the last month (left / sales * days); all arrays of one length."""

    whole: Cents
    left: Cents
    sales: Cents
    month: Cents
    exhausted: npt.NDArray[np.bool_]

    @property
    def days(self) -> npt.NDArray[np.float64]:
        """The days as floating point numbers, for pictures and orders."""
        return self.whole + self.left * self.month / np.maximum(self.sales, 1)

    def exact(self) -> list[Dso]:
        """The same as `dso.count_back` gives one by one."""
        rows = zip(
            self.whole.tolist(), self.left.tolist(), self.sales.tolist(), self.month.tolist(),
            self.exhausted.tolist(), strict=True,
        )  # fmt: skip
        return [
            Dso(Fraction(whole * sales + left * month, sales) if left else Fraction(whole), exhausted)
            for whole, left, sales, month, exhausted in rows
        ]


def count_back_many(
    receivables: Cents, sales: Cents, days: Sequence[int], known: Cents | None = None
) -> CountedBack:
    """Count back row by row.

    `receivables`: (n,). `sales`: (n, m) net sales by month, newest first. `days`: (m,) days of each month. `known`:
    (n,) how many months of each row are known at all (its oldest sale); all of them when left out.
    """
    count, months = sales.shape
    reached = np.cumsum(np.maximum(sales, 0), axis=1)
    before = np.concatenate(([0], np.cumsum(np.asarray(days, np.int64))))
    # Prefix sums never fall: the number of those below the receivables is the place a search would find.
    place = (reached < receivables[:, None]).sum(axis=1)
    last = np.full(count, months) if known is None else known
    exhausted = (place >= last) & (receivables > 0)
    inside = (receivables > 0) & ~exhausted
    rows, column = np.arange(count), np.minimum(place, max(months - 1, 0))
    if not months:
        nothing = np.zeros(count, np.int64)
        return CountedBack(nothing, nothing, nothing, nothing, exhausted)
    used = np.where(column > 0, reached[rows, np.maximum(column - 1, 0)], 0)
    whole = np.where(inside, before[column], np.where(exhausted, before[last], 0))
    return CountedBack(
        whole=whole,
        left=np.where(inside, receivables - used, 0),
        sales=np.where(inside, sales[rows, column], 0),
        month=np.where(inside, np.asarray(days, np.int64)[column], 0),
        exhausted=exhausted,
    )
