"""The order of a bank's rows, and the balances before the first and after the last of them."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby, pairwise
from operator import attrgetter

from ledger.bank.readers.table_money import ZERO, steps
from ledger.bank.readers.table_rows import Movement

# A column whose steps are all wrong over this many rows is no running balance.
WRONG_STEPS = 3


def oldest_first(movements: Sequence[Movement]) -> list[Movement]:
    """The movements in the order in which they happened: as the running balance proves, else as their dates say."""
    ahead = list(movements)
    back = ahead[::-1]
    proof = [
        steps([one.amount for one in order], [one.balance for one in order])[1] for order in (ahead, back)
    ]
    if proof[0] != proof[1]:
        return ahead if proof[0] > proof[1] else back
    rising = sum(1 for first, second in pairwise(ahead) if first.day < second.day)
    falling = sum(1 for first, second in pairwise(ahead) if first.day > second.day)
    return back if falling > rising else ahead


def balances(movements: Sequence[Movement]) -> tuple[Decimal | None, Decimal | None, bool]:
    """Opening and closing balance that the running balance gives, and whether it is a running balance at all.

    The movements stand oldest first. Where the rows of a day are shuffled, the days are proven instead of the rows.
    """
    count, right = steps([one.amount for one in movements], [one.balance for one in movements])
    known = [one for one in movements if one.balance is not None]
    if not known:
        return None, None, True
    if right < count:
        found = _by_days(movements) or _by_ends(movements)
        if found:
            return *found, True
        if not right and count >= WRONG_STEPS:
            return None, None, False
    return _ends(movements)


def _ends(movements: Sequence[Movement]) -> tuple[Decimal | None, Decimal | None, bool]:
    """From the first and the last row that have a balance."""
    before = after = ZERO
    opening = closing = None
    for one in movements:
        before += one.amount
        if one.balance is not None:
            opening = one.balance - before
            break
    for one in reversed(movements):
        if one.balance is not None:
            closing = one.balance + after
            break
        after += one.amount
    return opening, closing, True


def _by_days(movements: Sequence[Movement]) -> tuple[Decimal, Decimal] | None:
    """The balances when every day adds up, whatever the order of its rows; None when one does not."""
    days = [list(group) for _day, group in groupby(movements, key=attrgetter("day"))]
    if any(one.balance is None for one in movements):
        return None
    for first in days[0]:
        opening = (first.balance or ZERO) - first.amount
        after = opening
        for group in days:
            after += sum((one.amount for one in group), ZERO)
            if after not in {one.balance for one in group}:
                break
        else:
            return opening, after
    return None


def _by_ends(movements: Sequence[Movement]) -> tuple[Decimal, Decimal] | None:
    """The balances when some row of the first day and some of the last one fit everything between them."""
    whole = sum((one.amount for one in movements), ZERO)
    first = [one for one in movements if one.day == movements[0].day and one.balance is not None]
    last = {one.balance for one in movements if one.day == movements[-1].day}
    for one in first:
        opening = (one.balance or ZERO) - one.amount
        if opening + whole in last:
            return opening, opening + whole
    return None
