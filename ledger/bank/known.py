"""What the ledger knows already of the statements of a file: asked once for all of them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ledger.bank.rows import KnownEntry, first_day
from ledger.bank.statements import Statement
from ledger.choices import StatementStatus, TransactionStatus
from ledger.models import BankStatement, BankTransaction

UNDECIDED = (TransactionStatus.UNMATCHED, TransactionStatus.PROPOSED)


@dataclass(slots=True)
class Known:
    """The recorded statements by identity, movements by their own and by their entry's identity."""

    statements: dict[str, BankStatement] = field(default_factory=dict)
    movements: set[str] = field(default_factory=set)
    entries: dict[str, list[BankTransaction]] = field(default_factory=lambda: defaultdict(list))

    def summary_of(self, entry: KnownEntry) -> BankTransaction | None:
        """The one undecided movement that stands for this batch entry until its parts are known."""
        rows = self.entries.get(entry.identity, [])
        if len(rows) == 1 and len(entry.movements) > 1 and rows[0].status in UNDECIDED:
            return rows[0]
        return None


def known_statements(entity_id: int, identities: Iterable[str]) -> dict[str, BankStatement]:
    """The recorded statements with these identities."""
    rows = BankStatement.objects.filter(entity_id=entity_id, identity__in=list(identities))
    return {row.identity: row for row in rows}


def add_entries(known: Known, entity_id: int, entries: Iterable[KnownEntry]) -> None:
    """Look up the entries and their movements. Held ones do not count: nothing of them is booked."""
    listed = list(entries)
    rows = BankTransaction.objects.filter(
        entity_id=entity_id, entry_identity__in=[entry.identity for entry in listed]
    ).select_related("statement")
    for row in rows:
        known.entries[row.entry_identity].append(row)
    wanted = [movement.identity for entry in listed for movement in entry.movements]
    found = BankTransaction.objects.filter(entity_id=entity_id, identity__in=wanted)
    known.movements = set(found.values_list("identity", flat=True))


@dataclass(frozen=True, slots=True)
class _Link:
    pk: int
    opening: Decimal
    closing: Decimal


class Chains:
    """Statements of one day that follow each other: the closing balance of one is the opening of the next.

    Equal movements of the two are two movements, so the later statement counts on where the earlier stopped.
    """

    def __init__(self, entity_id: int, statements: list[tuple[Statement, str]], own: set[str]) -> None:
        days = {first_day(statement) for statement, _account in statements} - {None}
        accounts = {account for _statement, account in statements}
        rows = BankStatement.objects.filter(
            entity_id=entity_id,
            account__in=accounts,
            closed_on__in=days,
            status=StatementStatus.BOOKED,
            opening__isnull=False,
            closing__isnull=False,
        ).exclude(identity__in=own)
        self._links: dict[tuple[str, date | None], list[_Link]] = defaultdict(list)
        for row in rows:
            if row.opening != row.closing and row.opening is not None and row.closing is not None:
                self._links[row.account, row.closed_on].append(_Link(row.pk, row.opening, row.closing))
        self._identities: dict[int, set[str]] = defaultdict(set)
        pks = [link.pk for links in self._links.values() for link in links]
        found = BankTransaction.objects.filter(statement__in=pks) if pks else BankTransaction.objects.none()
        for pk, identity, entry in found.values_list("statement_id", "identity", "entry_identity"):
            self._identities[pk] |= {identity, entry}

    def before(self, statement: Statement, account: str) -> set[str]:
        """The identities that the statements before this one, of the same day, hold."""
        links = list(self._links.get((account, first_day(statement)), []))
        wanted, taken = statement.opening, set[str]()
        while wanted is not None:
            link = next((link for link in links if link.closing == wanted), None)
            if link is None:
                break
            links.remove(link)
            taken |= self._identities[link.pk]
            wanted = link.opening
        return taken
