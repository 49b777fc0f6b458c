"""How large a demo company is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """Counts for the whole group; `closed` disputes lie in the last 14 months, `days` of reminders are replayed."""

    name: str
    customers: int
    invoices: int
    months: int
    closed: int
    promises: int
    days: int


# Small is what `up` makes. Tiny is for tests and not offered by the command.
TINY = Size("tiny", customers=22, invoices=900, months=12, closed=8, promises=8, days=12)
SIZES = {
    size.name: size
    for size in (
        Size("small", customers=60, invoices=3_300, months=36, closed=54, promises=14, days=13),
        Size("medium", customers=400, invoices=20_000, months=36, closed=200, promises=30, days=13),
        Size("large", customers=2_500, invoices=205_000, months=36, closed=400, promises=60, days=6),
    )
}
