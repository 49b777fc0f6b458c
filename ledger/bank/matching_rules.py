"""The rules of matching: each turns what is known of a movement into proposals. Pure."""

from collections.abc import Iterator
from decimal import Decimal

from ledger.bank.matching import (
    CERTAIN,
    DISCOUNT,
    FEE,
    INVOICE,
    SMALL,
    Item,
    Movement,
    Named,
    Payer,
    Proposal,
    Reason,
    Rules,
    best_first,
    by_age,
    spread,
    total,
)
from ledger.bank.matching_sums import leading, subsets
from lib.money import q

NUMBERS_SHOWN = 12
MOST_LET_OFF = Decimal("0.05")  # what is missing beyond this share is not a fee


def propose(
    movement: Movement, items: dict[int, list[Item]], named: list[Named], payers: list[Payer], rules: Rules
) -> list[Proposal]:
    """What the money may be for, surest first. `items` are the open documents of each customer who may have paid."""
    known = {payer.customer: payer for payer in payers}
    candidates = sorted({one.item.customer for one in named} | set(known))
    found: list[Proposal] = []
    for customer in candidates:
        theirs = [one for one in named if one.item.customer == customer]
        usable = [item for item in items.get(customer, []) if item.currency == movement.currency]
        case = _Case(movement, customer, usable, theirs, known.get(customer), rules, len(known))
        found += case.proposals()
    return best_first(found)


class _Case:
    """One customer who may have paid."""

    def __init__(
        self,
        movement: Movement,
        customer: int,
        items: list[Item],
        named: list[Named],
        payer: Payer | None,
        rules: Rules,
        rivals: int,
    ) -> None:
        self.movement, self.customer, self.payer, self.rules = movement, customer, payer, rules
        self.amount = movement.amount
        self.open = by_age(item for item in items if item.kind == INVOICE)
        self.notes = by_age(item for item in items if item.kind != INVOICE)
        usable = {item.pk for item in items}
        self.named = [one for one in named if one.item.pk in usable]
        self.level = min((one.level for one in self.named), default=0)
        chosen = {one.item.pk for one in self.named}
        self.asked = [item for item in self.open if item.pk in chosen]
        self.asked_notes = [item for item in self.notes if item.pk in chosen]
        self.ambiguous = payer is not None and rivals > 1 and payer.sure < 90
        self.why = ([payer.reason] if payer else []) + self._numbers()

    def _numbers(self) -> list[Reason]:
        if not self.named:
            return []
        ordered = sorted(self.named, key=lambda one: one.item.number)
        shown = ", ".join(one.item.number for one in ordered[:NUMBERS_SHOWN])
        codes = {3: "names", 2: "names", 1: "names_end"}
        return [Reason(codes[self.level], {"numbers": shown, "count": len(ordered)})]

    def proposals(self) -> Iterator[Proposal]:
        """Everything that fits, in no order."""
        if self.asked:
            yield from self._with_numbers()
        elif self.payer:
            yield from self._without_numbers()

    def _made(
        self,
        confidence: int,
        invoices: list[Item],
        *reasons: Reason,
        notes: list[Item] | None = None,
        off: Decimal = Decimal(0),
        why: str = "",
        exact: bool = False,
    ) -> Proposal:
        if self.ambiguous and not self.named:
            confidence -= 15
        placed = spread(invoices, notes or [], self.amount, off, why)
        return Proposal(self.customer, max(confidence, 5), (*self.why, *reasons), exact=exact, **placed)

    def _with_numbers(self) -> Iterator[Proposal]:
        asked, notes = self.asked, self.asked_notes
        gap = total([*asked, *notes]) - self.amount
        sure = self.level >= 2 or (self.payer is not None and self.payer.sure >= 70)
        if gap == 0:
            score = CERTAIN if sure else 90
            yield self._made(score, asked, Reason("amount_agrees"), notes=notes, exact=sure)
            return
        base = 88 if sure else 70
        if gap > 0:
            yield from self._less(asked, notes, gap, base)
        else:
            yield from self._more(asked, notes, -gap, base)

    def _less(self, asked: list[Item], notes: list[Item], gap: Decimal, base: int) -> Iterator[Proposal]:
        """Less was paid than the named documents ask for."""
        for note in (one for one in self.notes if one not in notes and one.open == gap):
            yield self._made(
                base + 5, asked, Reason("note_taken", {"number": note.number}), notes=[*notes, note]
            )
        yield from self._let_off(asked, notes, gap, base)
        within = subsets([_cents(item.open) for item in asked], _cents(self.amount)) if len(asked) > 1 else []
        if len(within) == 1 and not notes:
            yield self._made(base - 3, [asked[place] for place in within[0]], Reason("some_of_named"))
        code = "part_of_one" if len(asked) == 1 else "part_of_several"
        yield self._made(
            base - 1,
            asked,
            Reason(code, {"missing": str(gap), "currency": self.movement.currency}),
            notes=notes,
        )

    def _let_off(self, asked: list[Item], notes: list[Item], gap: Decimal, base: int) -> Iterator[Proposal]:
        """The difference is a discount, a fee, or too small to write about."""
        rules, currency = self.rules, self.movement.currency
        params = {"amount": str(gap), "currency": currency}
        if self.movement.charges and self.movement.charges == gap:
            yield self._made(base + 7, asked, Reason("charges_told", params), notes=notes, off=gap, why=FEE)
        if rules.discount_percent and self._in_time(asked):
            whole = total(asked)
            most = q(whole * rules.discount_percent / 100, currency)
            agreed = gap == most
            if gap <= most:
                percent = str(q(gap * 100 / whole, "EUR").normalize() + 0)
                reason = Reason("discount", params | {"percent": percent})
                yield self._made(
                    base + (6 if agreed else 2), asked, reason, notes=notes, off=gap, why=DISCOUNT
                )
        if gap > total(asked) * MOST_LET_OFF:
            return
        if gap <= rules.small:
            yield self._made(base + 4, asked, Reason("small", params), notes=notes, off=gap, why=SMALL)
        elif gap <= rules.fee:
            yield self._made(base + 1, asked, Reason("fee", params), notes=notes, off=gap, why=FEE)

    def _in_time(self, asked: list[Item]) -> bool:
        days = self.rules.discount_days
        return all((self.movement.booked_on - item.issued_on).days <= days for item in asked)

    def _more(self, asked: list[Item], notes: list[Item], rest: Decimal, base: int) -> Iterator[Proposal]:
        """More was paid than the named documents ask for."""
        others = [item for item in self.open if item not in asked]
        for places in subsets([_cents(item.open) for item in others], _cents(rest), 1):
            more = [others[place] for place in places]
            numbers = ", ".join(item.number for item in more[:NUMBERS_SHOWN])
            yield self._made(
                base - 4, [*asked, *more], Reason("rest_adds_up", {"numbers": numbers}), notes=notes
            )
        params = {"amount": str(rest), "currency": self.movement.currency}
        yield self._made(base - 8, asked, Reason("paid_more", params), notes=notes)

    def _without_numbers(self) -> Iterator[Proposal]:
        """Nothing but the payer and the amount."""
        sure = self.payer.sure if self.payer else 0
        equal = [item for item in self.open if item.open == self.amount]
        alone = len(equal) == 1
        for item in equal[:3]:
            reason = Reason("amount_of_one" if alone else "amount_of_several", {"number": item.number})
            yield self._made(min(88, sure) if alone else min(60, sure), [item], reason)
        everything = [*self.open, *self.notes]
        if len(self.open) > 1 and total(everything) == self.amount:
            yield self._made(min(86, sure), self.open, Reason("all_open"), notes=self.notes)
        overdue = [item for item in self.open if item.due_on <= self.movement.booked_on]
        if 1 < len(overdue) < len(self.open) and total(overdue) == self.amount:
            yield self._made(min(84, sure), overdue, Reason("all_due"))
        cents = [_cents(item.open) for item in self.open]
        count = leading(cents, _cents(self.amount))
        if count > 1:
            yield self._made(min(80, sure), self.open[:count], Reason("oldest_add_up", {"count": count}))
        sums = [] if equal else subsets(cents, _cents(self.amount), 3)
        for places in sums:
            chosen = [self.open[place] for place in places]
            score = 75 if len(sums) == 1 else 55
            yield self._made(min(score, sure), chosen, Reason("some_add_up", {"count": len(chosen)}))
        yield from self._guesses(sure)

    def _guesses(self, sure: int) -> Iterator[Proposal]:
        """A note or a discount explains the amount; else the customer alone is what we know."""
        pairs = ((item, note) for item in self.open for note in self.notes)
        for item, note in pairs:
            if item.open - note.open == self.amount:
                params = {"number": item.number, "note": note.number}
                yield self._made(min(72, sure), [item], Reason("one_less_note", params), notes=[note])
                break
        for item in self.open:
            gap = item.open - self.amount
            if gap > 0 and gap == q(item.open * self.rules.discount_percent / 100, item.currency):
                if self._in_time([item]):
                    params = {"amount": str(gap), "currency": item.currency}
                    percent = str(self.rules.discount_percent.normalize() + 0)
                    reason = Reason("discount", params | {"percent": percent})
                    yield self._made(min(74, sure), [item], reason, off=gap, why=DISCOUNT)
                break
        reason = Reason("oldest_first") if self.open else Reason("nothing_open")
        yield self._made(min(40, sure), self.open[:NUMBERS_SHOWN], reason)


def _cents(amount: Decimal) -> int:
    return int(amount * 100)
