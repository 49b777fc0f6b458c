"""Which of the open amounts add up to what was paid. Pure and bounded: it never searches for long."""

from collections.abc import Sequence

MOST_ITEMS = 40
MOST_STEPS = 20_000


def subsets(amounts: Sequence[int], wanted: int, most: int = 2) -> list[tuple[int, ...]]:
    """Up to `most` sets of places whose amounts (cents, > 0) add up to `wanted` exactly; earlier places first.

    Gives up after MOST_STEPS, then with what it found so far.
    """
    places = [place for place, amount in enumerate(amounts[:MOST_ITEMS]) if 0 < amount <= wanted]
    behind = [0] * (len(places) + 1)
    for index in range(len(places) - 1, -1, -1):
        behind[index] = behind[index + 1] + amounts[places[index]]
    found: list[tuple[int, ...]] = []
    stack: list[tuple[int, int, tuple[int, ...]]] = [(0, wanted, ())]
    steps = 0
    while stack and len(found) < most and steps < MOST_STEPS:
        steps += 1
        index, left, chosen = stack.pop()
        if left == 0:
            found.append(chosen)
            continue
        if index == len(places) or behind[index] < left:
            continue
        stack.append((index + 1, left, chosen))
        if amounts[places[index]] <= left:
            stack.append((index + 1, left - amounts[places[index]], (*chosen, places[index])))
    return found


def leading(amounts: Sequence[int], wanted: int) -> int:
    """How many amounts from the first add up to `wanted` exactly; 0 when none do."""
    total = 0
    for count, amount in enumerate(amounts, start=1):
        total += amount
        if total >= wanted:
            return count if total == wanted else 0
    return 0
