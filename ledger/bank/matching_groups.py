"""Several payments for the same invoices: none agrees alone, together they do. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from ledger.bank.matching import (
    CERTAIN,
    INVOICE,
    ZERO,
    Item,
    Movement,
    Named,
    Proposal,
    Reason,
    by_age,
)


def together(cases: list[tuple[Movement, list[Named]]]) -> dict[int, Proposal]:
    """Exact proposals, by movement, for the groups whose amounts are what all their named invoices ask for.

    A group is what hangs together by the invoices that are named; a group of one is not for here.
    """
    found: dict[int, Proposal] = {}
    for group in _groups(cases):
        found |= _placed(group)
    return found


def _groups(
    cases: list[tuple[Movement, list[Named]]],
) -> Iterable[list[tuple[Movement, list[Item]]]]:
    usable = [
        (movement, [one.item for one in named if one.item.currency == movement.currency])
        for movement, named in cases
        if named and min(one.level for one in named) >= 2
    ]
    home: dict[int, int] = {}
    shared: dict[int, list[tuple[Movement, list[Item]]]] = {}
    for place, (movement, items) in enumerate(usable):
        shared[place] = [(movement, items)]
        for other in {home[item.pk] for item in items if item.pk in home} - {place}:
            shared[place] = shared.pop(other) + shared[place]
        for _movement, theirs in shared[place]:
            home |= {item.pk: place for item in theirs}
    return [group for group in shared.values() if len(group) > 1]


def _placed(group: list[tuple[Movement, list[Item]]]) -> dict[int, Proposal]:
    items = {item.pk: item for _movement, theirs in group for item in theirs}
    customers = {item.customer for item in items.values()}
    paid = sum((movement.amount for movement, _theirs in group), ZERO)
    invoices = by_age(items.values())
    if len(customers) > 1 or any(item.kind != INVOICE for item in invoices):
        return {}
    if paid != sum((item.open for item in invoices), ZERO):
        return {}
    left = {item.pk: item.open for item in invoices}
    rest = {movement.pk: movement.amount for movement, _theirs in group}
    parts: dict[int, dict[int, Decimal]] = defaultdict(dict)
    ordered = sorted(group, key=lambda case: (case[0].booked_on, case[0].pk))
    # First each on the invoices it names, then what remains on what remains.
    for only_named in (True, False):
        for movement, theirs in ordered:
            for item in by_age(theirs) if only_named else invoices:
                part = min(rest[movement.pk], left[item.pk])
                if part > 0:
                    mine = parts[movement.pk]
                    mine[item.pk] = mine.get(item.pk, ZERO) + part
                    left[item.pk] -= part
                    rest[movement.pk] -= part
    customer = next(iter(customers))
    return {
        movement.pk: Proposal(
            customer,
            CERTAIN,
            (_names(theirs), Reason("adds_up_together")),
            parts=tuple(parts[movement.pk].items()),
            exact=True,
        )
        for movement, theirs in group
    }


def _names(items: list[Item]) -> Reason:
    numbers = sorted(item.number for item in items)
    return Reason("names", {"numbers": ", ".join(numbers), "count": len(numbers)})
