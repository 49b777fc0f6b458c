"""Which open documents a payer named. Pure: a movement and an index of documents in, documents out."""

from collections import defaultdict
from collections.abc import Iterable

from ledger.bank.matching import Item, Movement, Named
from ledger.bank.matching_text import Token, keys, spans, structured, tail, tokens

SURE_LENGTH = 6
SHORTEST_TAIL = 3
SHORTEST_CUT = 6


class Index:
    """Documents by every way to write their number."""

    def __init__(self, items: Iterable[Item]) -> None:
        self.items = {item.pk: item for item in items}
        self._by_key: dict[str, list[int]] = defaultdict(list)
        self._by_loose: dict[str, list[int]] = defaultdict(list)
        self._by_digits: dict[str, list[int]] = defaultdict(list)
        self._by_tail: dict[str, list[int]] = defaultdict(list)
        for item in self.items.values():
            key, loose = keys(item.number)
            digits = "".join(filter(str.isdigit, key)).lstrip("0")
            self._by_key[key].append(item.pk)
            self._by_loose[loose].append(item.pk)
            if digits:
                self._by_digits[digits].append(item.pk)
                self._by_tail[tail(item.number)].append(item.pk)

    def whole(self, key: str, loose: str = "") -> list[Item]:
        """Those whose whole number it is."""
        found = self._by_key.get(key) or self._by_loose.get(loose or keys(key)[1], [])
        return [self.items[pk] for pk in found]

    def ending(self, word: str) -> list[Item]:
        """Those whose digits, or last digits, it is."""
        plain = word.lstrip("0")
        if not plain.isdigit() or len(plain) < SHORTEST_TAIL:
            short = self._by_tail.get(plain, []) if plain.isdigit() and len(word) >= SHORTEST_TAIL else []
            return [self.items[pk] for pk in short]
        found = self._by_digits.get(plain) or self._by_tail.get(plain, [])
        return [self.items[pk] for pk in found]

    def of(self, customers: set[int]) -> list[Item]:
        """Everything of these customers."""
        return [item for item in self.items.values() if item.customer in customers]


def named(movement: Movement, index: Index, customers: set[int]) -> tuple[list[Named], list[tuple[int, int]]]:
    """The documents that the movement names, surest first, and where the text says so.

    `customers` are those whom the payer's name or account tells: for them the end of a number is enough.
    """
    found: dict[int, Named] = {}
    for word in movement.named:
        _keep(found, index.whole(keys(word)[0]), 3, word)
    for reference in movement.references:
        for key in structured(reference):
            _keep(found, index.whole(key), 3 if len(key) >= SURE_LENGTH else 2, reference)
            if not index.whole(key):
                _keep(found, index.ending(key), 2 if len(key) >= SURE_LENGTH else 1, reference)
    marks: list[tuple[int, int]] = []
    ends: list[tuple[Token, list[Item]]] = []
    for token in tokens(movement.text):
        if any(token.start < end and start < token.end for start, end in marks):
            continue
        items = index.whole(token.key, token.loose)
        if items and (token.runs > 1 or len(token.key) >= SURE_LENGTH or token.said or len(token.key) > 3):
            sure = len(token.key) >= SURE_LENGTH or token.said
            _keep(found, items, 3 if sure else 2, movement.text[token.start : token.end])
            marks.append((token.start, token.end))
        elif token.runs == 1 and index.ending(token.key):
            ends.append((token, index.ending(token.key)))
    theirs = customers | {one.item.customer for one in found.values() if one.level >= 2}
    for token, items in ends:
        if any(token.start < end and start < token.end for start, end in marks):
            continue
        near = [item for item in items if item.customer in theirs]
        if near or (token.said and len(items) == 1) or len(token.key) >= SURE_LENGTH:
            level = 2 if near and (token.said or found) and len(near) == 1 else 1
            _keep(found, near or items, level, movement.text[token.start : token.end])
            marks.append((token.start, token.end))
    _ranges(movement, index, found, marks)
    _cut_off(movement, index, found, marks, theirs)
    return sorted(found.values(), key=lambda one: (-one.level, one.item.pk)), sorted(marks)


def _keep(found: dict[int, Named], items: Iterable[Item], level: int, words: str) -> None:
    for item in items:
        before = found.get(item.pk)
        if before is None or before.level < level:
            found[item.pk] = Named(item, level, words)


def _ranges(movement: Movement, index: Index, found: dict[int, Named], marks: list[tuple[int, int]]) -> None:
    """Both ends of a range are documents of one customer: so is what lies between."""
    for span in spans(movement.text):
        firsts = {item.customer: item for item in index.ending(span.first)}
        for last in index.ending(span.last):
            first = firsts.get(last.customer)
            if first is None or first.pk not in found:
                continue
            words = movement.text[span.start : span.end]
            for number in range(int(span.first), int(span.last) + 1):
                between = [one for one in index.ending(str(number)) if one.customer == last.customer]
                _keep(found, between, found[first.pk].level, words)
            marks[:] = [mark for mark in marks if mark[1] <= span.start or mark[0] >= span.end]
            marks.append((span.start, span.end))
            break


def _cut_off(
    movement: Movement,
    index: Index,
    found: dict[int, Named],
    marks: list[tuple[int, int]],
    customers: set[int],
) -> None:
    """The bank cut the text in the middle of a number: its start is enough when only one document has it."""
    for token in tokens(movement.text):
        if not token.last or len(token.key) < SHORTEST_CUT or any(token.start < end for _s, end in marks):
            continue
        whole = [
            item
            for item in index.of(customers)
            if keys(item.number)[0].startswith(token.key) and len(keys(item.number)[0]) - len(token.key) <= 3
        ]
        if len(whole) == 1:
            _keep(found, whole, 1, movement.text[token.start : token.end])
            marks.append((token.start, token.end))
            return
