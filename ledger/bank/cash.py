"""Cash application: matches what waits, books what is certain, proposes the rest."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.db.models import Q

from accounts.models import LegalEntity
from ledger.bank import bounce, decide
from ledger.bank.candidates import Around, gather, movement_of
from ledger.bank.known import UNDECIDED
from ledger.bank.matching import Item, Movement, Named, Proposal, Rules
from ledger.bank.matching_groups import together
from ledger.bank.matching_named import named
from ledger.bank.matching_rules import propose
from ledger.bank.proposals import as_data
from ledger.choices import TransactionStatus
from ledger.errors import LedgerError
from ledger.models import BankTransaction

# Movements that are solved at once; however many wait, all of them get their round.
ROUND = 2000
DEFAULTS = {"discount_percent": "0", "discount_days": "0", "fee": "10.00", "small": "1.00"}


def rules_of(entity: LegalEntity) -> Rules:
    """What the entity lets pass: `cash` in its settings."""
    told = DEFAULTS | dict(entity.settings.get("cash", {}))
    return Rules(
        Decimal(str(told["discount_percent"])),
        int(told["discount_days"]),
        Decimal(str(told["fee"])),
        Decimal(str(told["small"])),
    )


def match_new(*, entity: LegalEntity, at: datetime) -> None:
    """Match what is new, and whatever still waits: a later file may explain it. Then what the bank took back."""
    match_waiting(entity=entity, at=at)
    returned = BankTransaction.objects.filter(
        entity=entity, status__in=UNDECIDED, returned=True, amount__lt=0
    ).order_by("booked_on", "pk")
    for row in returned.iterator(chunk_size=ROUND):
        if not row.proposal.get("taken_back"):
            bounce.take_back(row=row, at=at)


def match_waiting(*, entity: LegalEntity, at: datetime, beside: BankTransaction | None = None) -> int:
    """Match what waits for a person, oldest first; how many were booked. Twice changes nothing.

    With `beside`, only that movement and the others of its payer. What a person took back gets proposals and is
    never booked by itself again.
    """
    waiting = BankTransaction.objects.filter(entity=entity, status__in=UNDECIDED, amount__gt=0)
    if beside:
        waiting = waiting.filter(Q(pk=beside.pk) | (Q(party_name=beside.party_name) & ~Q(party_name="")))
    ids = list(waiting.order_by("booked_on", "statement", "entry", "part").values_list("pk", flat=True))
    return sum(_round(entity, ids[start : start + ROUND], at) for start in range(0, len(ids), ROUND))


def _round(entity: LegalEntity, ids: list[int], at: datetime) -> int:
    """Solve these movements together; how many were booked."""
    rows = list(
        BankTransaction.objects.filter(pk__in=ids).order_by("booked_on", "statement", "entry", "part")
    )
    solved = solve(entity, rows)
    booked, changed = 0, []
    for row in rows:
        options, marks = solved[row.pk]
        if options and options[0].exact and not row.proposal.get("taken_back") and _book(row, options[0], at):
            booked += 1
            continue
        kept = {"taken_back": True} if row.proposal.get("taken_back") else {}
        data = as_data(options, marks) | kept
        status = TransactionStatus.PROPOSED if options else TransactionStatus.UNMATCHED
        if (row.proposal, row.status) != (data, status):
            row.proposal, row.status = data, status
            changed.append(row)
    BankTransaction.objects.bulk_update(changed, ["proposal", "status"], batch_size=500)
    return booked


def solve(
    entity: LegalEntity, rows: Sequence[BankTransaction]
) -> dict[int, tuple[list[Proposal], list[tuple[int, int]]]]:
    """The proposals for these movements and where their text names documents; nothing is written."""
    movements = [movement_of(row) for row in rows if row.amount > 0]
    around = gather(entity.pk, rows, movements)
    return _Matching(around, rules_of(entity)).run(movements)


class _Matching:
    """The movements of one round. What is certain takes its items first; the rest sees what is left."""

    def __init__(self, around: Around, rules: Rules) -> None:
        self.around, self.rules = around, rules
        self.left = {pk: item.open for pk, item in around.index.items.items()}

    def run(self, movements: list[Movement]) -> dict[int, tuple[list[Proposal], list[tuple[int, int]]]]:
        """Certain ones, then groups that add up together, then proposals."""
        ordered = sorted(movements, key=lambda movement: (movement.booked_on, movement.pk))
        told: dict[int, tuple[list[Named], list[tuple[int, int]]]] = {}
        for movement in ordered:
            customers = {payer.customer for payer in self.around.payers[movement.pk]}
            told[movement.pk] = named(movement, self.around.index, customers)
        certain: dict[int, list[Proposal]] = {}
        for movement in ordered:
            options = self._options(movement, told[movement.pk][0])
            if options and options[0].exact:
                certain[movement.pk] = self._take(options[:1])
        rest = [movement for movement in ordered if movement.pk not in certain]
        cases = [(movement, self._fresh(told[movement.pk][0])) for movement in rest]
        for pk, proposal in together(cases).items():
            certain[pk] = self._take([proposal])
        return {
            movement.pk: (
                certain.get(movement.pk) or self._options(movement, told[movement.pk][0]),
                told[movement.pk][1],
            )
            for movement in ordered
        }

    def _options(self, movement: Movement, names: list[Named]) -> list[Proposal]:
        payers = self.around.payers[movement.pk]
        customers = {payer.customer for payer in payers} | {one.item.customer for one in names}
        items = {
            pk: [one for one in map(self._now, self.around.items.get(pk, [])) if one.open > 0]
            for pk in customers
        }
        return propose(movement, items, self._fresh(names), payers, self.rules)

    def _now(self, item: Item) -> Item:
        left = self.left[item.pk]
        return item if left == item.open else replace(item, open=left)

    def _fresh(self, names: list[Named]) -> list[Named]:
        fresh = [replace(one, item=self._now(one.item)) for one in names]
        return [one for one in fresh if one.item.open > 0]

    def _take(self, options: list[Proposal]) -> list[Proposal]:
        for proposal in options:
            for pk, amount in proposal.parts:
                self.left[pk] -= amount
            for note, pk, amount in proposal.credits:
                self.left[note] -= amount
                self.left[pk] -= amount
        return options


def _book(row: BankTransaction, proposal: Proposal, at: datetime) -> bool:
    """Book what is certain, by nobody; a rule of the books that says no leaves it to a person."""
    try:
        decide.place(transaction=row, proposal=proposal, at=at)
    except LedgerError:
        return False
    return True
