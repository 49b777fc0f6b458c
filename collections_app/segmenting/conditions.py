"""The conditions of segment rules: what they may say, and as SQL. Pure: no database, no request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from django.utils.translation import gettext as _

from collections_app.choices_segments import LISTED, RuleOp, SegmentFact
from collections_app.errors import SegmentError
from ledger.choices import Segment

LENGTHS = {SegmentFact.COUNTRY: 2, SegmentFact.CURRENCY: 3}
MOST_VALUE = Decimal(10) ** 12
MOST_WORDS = 40

# Each fact as SQL over a customer `c` and what is known of how they pay, `b`.
SQL = {
    SegmentFact.DECLARED: "c.segment",
    SegmentFact.COUNTRY: "COALESCE(NULLIF(c.country, ''), home.country)",
    SegmentFact.CURRENCY: "b.currencies",
    SegmentFact.OPEN: "b.open_amount",
    SegmentFact.SALES: "b.sales",
    SegmentFact.LIMIT_USED: "b.limit_used",
    SegmentFact.RELATION: (
        "(extract(year FROM age(b.learned_on, b.since)) * 12"
        " + extract(month FROM age(b.learned_on, b.since)))::int"
    ),
    SegmentFact.LATE: "b.late",
    SegmentFact.TREND: "b.late_recent - b.late_before",
    SegmentFact.ON_TIME: "b.on_time",
    SegmentFact.OVERDUE_SHARE: "round(100 * b.overdue_amount / NULLIF(b.open_amount, 0))::int",
    SegmentFact.BROKEN: "b.promises_broken",
    SegmentFact.PAID: "b.invoices",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison: `value` for numbers, `values` for words of a list."""

    fact: SegmentFact
    op: RuleOp
    value: Decimal | None = None
    values: tuple[str, ...] = ()

    @classmethod
    def read(cls, data: dict[str, Any]) -> Self:
        """Out of its stored or typed form. Raises SegmentError for what no condition can be."""
        fact, op = str(data.get("fact", "")), str(data.get("op", ""))
        if fact not in SegmentFact.values or op not in RuleOp.values:
            raise SegmentError(_("A condition names a fact and how it is compared."), code="condition")
        found = cls(SegmentFact(fact), RuleOp(op), _number(data.get("value")), _words(data.get("values")))
        found.check()
        return found

    def check(self) -> None:
        """Raises SegmentError unless the comparison fits the fact."""
        words = {"fact": self.fact.label}
        listed = self.op in {RuleOp.ONE_OF, RuleOp.NONE_OF}
        if listed != (self.fact in LISTED):
            raise SegmentError(_("“%(fact)s” cannot be compared like this.") % words, code="condition")
        if not listed:
            if self.value is None or not abs(self.value) < MOST_VALUE:
                raise SegmentError(_("“%(fact)s” needs a number.") % words, code="condition")
            return
        if not self.values or len(self.values) > MOST_WORDS or not all(map(self._known, self.values)):
            raise SegmentError(_("“%(fact)s” needs codes that exist.") % words, code="condition")

    def _known(self, word: str) -> bool:
        if self.fact == SegmentFact.DECLARED:
            return word in Segment.values
        return len(word) == LENGTHS[self.fact] and word.isascii() and word.isalpha() and word.isupper()

    @property
    def data(self) -> dict[str, Any]:
        """Its stored form."""
        said: dict[str, Any] = {"fact": self.fact.value, "op": self.op.value}
        return said | ({"values": list(self.values)} if self.values else {"value": str(self.value)})

    @property
    def sql(self) -> str:
        """The comparison as SQL; unknown facts make it null."""
        fact = SQL[self.fact]
        if self.fact in LISTED:
            codes = ", ".join(f"'{word}'" for word in self.values)
            inside = f"{fact} && ARRAY[{codes}]::varchar[]" if self.fact == SegmentFact.CURRENCY else ""
            inside = inside or f"{fact} IN ({codes})"
            return f"({inside})" if self.op == RuleOp.ONE_OF else f"(NOT ({inside}))"
        sign = ">=" if self.op == RuleOp.AT_LEAST else "<="
        return f"({fact} {sign} {self.value:f})"


def read_all(rows: Iterable[dict[str, Any]]) -> list[Condition]:
    """The conditions of a stored rule."""
    return [Condition.read(row) for row in rows]


def _number(value: Any) -> Decimal | None:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _words(values: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(str, values))) if isinstance(values, list | tuple) else ()
