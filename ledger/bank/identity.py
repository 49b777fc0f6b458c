"""What makes a statement, an entry or a movement itself, whichever file it comes in. No database here.

The same movement stands in a CAMT.054 and in the CAMT.053 of the day, and in two exports that overlap. It is known by
account, day, amount and its strongest reference; equal ones are told apart by a running number.
"""

import hashlib
import json
import re
from collections import Counter
from datetime import date
from decimal import Decimal

from ledger.bank.statements import Entry, Statement, Transaction
from lib.text import fold

NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Z]+")
EMPTY_WORDS = frozenset({"NONREF", "NOTPROVIDED", "NOTAVAILABLE", "NOREF", "NONE", "UNKNOWN"})
TEXT_LENGTH = 80
DIGEST_LENGTH = 40


def bare(text: str) -> str:
    """Letters and digits only, in capitals."""
    return NOT_ALPHANUMERIC.sub("", text.upper())


def same_account(iban: str, account: str) -> bool:
    """Whether the bank's way to write the account means this IBAN: the IBAN itself, or its national part."""
    iban, account = bare(iban), bare(account)
    if not iban or not account:
        return False
    if iban == account:
        return True
    national = iban[4:]
    # Norma 43 leaves out the two check digits of the Spanish account number.
    if iban.startswith("ES") and account == national[:8] + national[10:]:
        return True
    # Germany: bank code and account number, which is written without leading zeros.
    if iban.startswith("DE") and account[:8] == national[:8] and account[8:].zfill(10) == national[8:]:
        return True
    return len(account) >= 10 and account.isdigit() and account in {national, national.lstrip("0")}


def strongest(bank_reference: str, others: tuple[str, ...], text: str) -> str:
    """The reference that tells the movement best: the bank's, else the payer's, else what was written."""
    for word in (bank_reference, *others):
        plain = bare(word)
        if plain and plain not in EMPTY_WORDS and plain.strip("0"):
            return plain
    return bare(fold(text))[:TEXT_LENGTH]


def amount_word(amount: Decimal) -> str:
    """The amount without zeros at its end, so that 10.0 and 10.00 are the same."""
    return format(amount.normalize() + 0, "f")


def digest(*facts: object) -> str:
    """A short hash of the facts."""
    text = json.dumps(facts, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_LENGTH]


def statement_identity(statement: Statement, account: str) -> str:
    """The same statement in another format is the same one when its balances and sums tell it well enough."""
    figures = [
        amount_word(statement.credits),
        amount_word(statement.debits),
        sum(1 for _ in statement.booked),
    ]
    if statement.opening is not None and statement.closing is not None:
        balances = [amount_word(statement.opening), amount_word(statement.closing)]
        told = statement.number if not figures[2] else ""
        return digest("balanced", account, statement.currency, statement.closed_on, balances, figures, told)
    moves = [[entry.booked_on, amount_word(entry.amount), entry_word(entry)] for entry in statement.booked]
    period = [statement.opened_on, statement.closed_on]
    return digest("listed", account, statement.currency, statement.number, period, figures, moves)


def parts_of(entry: Entry) -> tuple[Transaction, ...]:
    """The movements of an entry; an entry without any is its own."""
    if entry.transactions:
        return entry.transactions
    return (Transaction(amount=entry.amount, currency=entry.currency, bank_reference=entry.bank_reference),)


def movement_word(part: Transaction, entry: Entry) -> str:
    """The strongest reference of a movement; that of its entry when it is the only one."""
    alone = len(entry.transactions) <= 1
    reference = part.bank_reference or (entry.bank_reference if alone else "")
    return strongest(
        reference, (part.end_to_end_id, part.reference, part.mandate_id), f"{part.party_name} {part.text}"
    )


def entry_word(entry: Entry) -> str:
    """The strongest reference of an entry; that of its movement when there is only one."""
    plain = strongest(entry.bank_reference, (), "")
    if plain or len(entry.transactions) > 1:
        return plain
    return movement_word(parts_of(entry)[0], entry)


class Numbering:
    """Gives movements and entries their identities; equals of one account, day, amount and reference are counted.

    `taken` are the identities that earlier statements of the same day hold already (see known.Chains).
    """

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()
        self.taken: set[str] = set()

    def give(self, key: str) -> str:
        """The identity of the next movement with this key."""
        while True:
            self._seen[key] += 1
            identity = digest(key, self._seen[key])
            if identity not in self.taken:
                return identity


def key(account: str, currency: str, day: date, amount: Decimal, word: str, what: str = "m") -> str:
    """What equals have in common. `what` is m for a movement, e for an entry."""
    return digest(what, account, currency, day, amount_word(amount), word)
