"""Takes a file of bank statements into the ledger: recognised, held or booked, then matched with what is open."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from accounts import policy
from accounts.models import LegalEntity
from ledger.bank import cash
from ledger.bank.balance import Held, as_listed, why_held
from ledger.bank.held import book_held
from ledger.bank.identity import Numbering, bare, same_account, statement_identity
from ledger.bank.known import Chains, Known, add_entries, known_statements
from ledger.bank.profiles import read_statements
from ledger.bank.readers import READERS
from ledger.bank.rows import KnownEntry, details, entries_of, statement_row, transaction_row
from ledger.bank.statements import Statement
from ledger.bank.unnamed import with_currency
from ledger.choices import StatementStatus
from ledger.intake import write
from ledger.intake.documents import NoticeBook, Reject
from ledger.intake.formats import STATEMENTS, Format, format_of
from ledger.intake.job import Job
from ledger.intake.keeping import close_batch, keep_rejects, open_batch, tell
from ledger.intake.results import FileResult
from ledger.models import BankStatement, BankTransaction, ImportBatch


@dataclass(slots=True)
class _Paper:
    """One statement of the file on its way into the ledger."""

    statement: Statement
    account: str
    identity: str
    entries: list[KnownEntry] = field(default_factory=list)


def take_statements(job: Job, found: Format, result: FileResult) -> None:
    """Import the statements of one file, in the transaction of the caller. Raises Unreadable."""
    notices = NoticeBook()
    statements = read_statements(job, found, notices)
    batch = open_batch(job, format=found.name)
    result.batch_id = batch.pk
    desk = _Desk(job, batch, result, notices)
    for entity, papers in desk.by_entity(statements):
        desk.book(entity, papers)
    result.notices = list(notices)
    close_batch(job, batch, result, statements=len(statements))


def entity_of_file(path: Path, wanted: str) -> LegalEntity | None:
    """The entity whose account the file is about; None when it is no bank file or no account of ours."""
    found = format_of(path, wanted)
    if found.kind != STATEMENTS:
        return None
    entities = list(LegalEntity.objects.exclude(iban=""))
    for statement in READERS[found.name](path, NoticeBook()):
        owner = next((entity for entity in entities if same_account(entity.iban, statement.account)), None)
        if owner:
            return owner
    return None


class _Desk:
    """Where the statements of one file are taken in."""

    def __init__(self, job: Job, batch: ImportBatch, result: FileResult, notices: NoticeBook) -> None:
        self.job, self.batch, self.result, self.notices = job, batch, result, notices
        self.seen, self.all = 0, 0

    def by_entity(self, statements: list[Statement]) -> Iterator[tuple[LegalEntity, list[_Paper]]]:
        """The statements of each entity: the one whose IBAN the account is, else the one that was chosen."""
        entities = list(LegalEntity.objects.exclude(iban=""))
        self.all = len(statements)
        shared: dict[int, tuple[LegalEntity, list[_Paper]]] = {}
        for statement in statements:
            known = next((e for e in entities if same_account(e.iban, statement.account)), None)
            owner = known or self.job.entity
            if owner.pk != self.job.entity.pk and not self._may(owner):
                params = {"account": statement.account, "code": owner.code}
                self._refuse(statement, Reject(statement.line, "account_of_other", "", params))
                continue
            account = bare(known.iban) if known else "".join(statement.account.split())[:80]
            named = with_currency(statement, owner.currency, self.notices)
            paper = _Paper(named, account, statement_identity(named, account))
            shared.setdefault(owner.pk, (owner, []))[1].append(paper)
        yield from (shared[pk] for pk in sorted(shared))

    def _may(self, owner: LegalEntity) -> bool:
        """Whether who imports may book for this entity too; the command may."""
        return self.job.by is None or policy.may(self.job.by, "ledger.import", owner.pk)

    def book(self, entity: LegalEntity, papers: list[_Paper]) -> None:
        """The statements of one entity, then the matching of everything new."""
        if entity.pk != self.job.entity.pk:
            write.lock_entity(entity.pk)
        known = self._known(entity, papers)
        for paper in papers:
            self._one(entity, paper, known)
            self.seen += 1
            if self.job.progress:
                self.job.progress(self.seen, self.all)
        cash.match_new(entity=entity, at=self.job.at)

    def _known(self, entity: LegalEntity, papers: list[_Paper]) -> Known:
        own = {paper.identity for paper in papers}
        known = Known(known_statements(entity.pk, own))
        chains = Chains(entity.pk, [(paper.statement, paper.account) for paper in papers], own)
        numbering = Numbering()
        for paper in papers:
            numbering.taken = chains.before(paper.statement, paper.account)
            paper.entries = entries_of(paper.statement, paper.account, numbering)
        add_entries(known, entity.pk, (entry for paper in papers for entry in paper.entries))
        return known

    def _one(self, entity: LegalEntity, paper: _Paper, known: Known) -> None:
        """One statement: known, held or booked."""
        held = why_held(paper.statement)
        self.result.statements.append(as_listed(paper.statement, held))
        keep_rejects(self.batch, (), paper.statement.rejects, self.result)
        # What the bank has not booked yet is counted, and left for the statement that books it.
        self.result.unchanged += sum(entry.pending for entry in paper.statement.entries)
        recorded = known.statements.get(paper.identity)
        if recorded and recorded.status == StatementStatus.BOOKED:
            self.result.unchanged += len(paper.entries)
            self._add_up(paper)
            return
        if held and not self.job.how.allow_unbalanced:
            self._hold(entity, paper, held, recorded, known)
            return
        self._add_up(paper)
        if held:
            self.notices.add(
                "booked_unbalanced",
                paper.statement.line,
                account=paper.account,
                number=paper.statement.number,
            )
        if recorded:
            booked = book_held(statement=recorded, at=self.job.at, by=self.job.by)
            places = {row.entry for row in booked}
            self.result.created += len(places)
            self.result.unchanged += len(paper.entries) - len(places)
            return
        row = self._statement(entity, paper, held, StatementStatus.BOOKED)
        known.statements[paper.identity] = row
        self._movements(row, paper, known)

    def _hold(
        self, entity: LegalEntity, paper: _Paper, held: Held, recorded: BankStatement | None, known: Known
    ) -> None:
        """Keep the statement for a person; nothing of it is booked."""
        if recorded is None:
            row = self._statement(entity, paper, held, StatementStatus.HELD)
            known.statements[paper.identity] = row
            BankTransaction.objects.bulk_create(
                (
                    transaction_row(row, entry, movement, held=True)
                    for entry in paper.entries
                    for movement in entry.movements
                ),
                batch_size=1000,
            )
            tell(self.job, self.batch, "statement.held", {"statement": row.pk, "why": held.code})
        params = {"account": paper.account, "number": paper.statement.number, "why": held.code, **held.params}
        self._refuse(paper.statement, Reject(paper.statement.line, "unbalanced", "", params))

    def _refuse(self, statement: Statement, reject: Reject) -> None:
        """One reject for the statement; each of its entries counts as rejected."""
        keep_rejects(self.batch, (), [reject], self.result)
        self.result.rejected += sum(1 for _entry in statement.booked) - 1

    def _statement(
        self, entity: LegalEntity, paper: _Paper, held: Held | None, status: StatementStatus
    ) -> BankStatement:
        row = statement_row(
            paper.statement,
            entity=entity,
            account=paper.account,
            identity=paper.identity,
            batch=self.batch,
            format=self.result.format,
            status=status,
            held_for=held.code if held else "",
            held_facts=held.params if held else {},
            decided_by=self.job.by if held and status == StatementStatus.BOOKED else None,
            decided_at=self.job.at if held and status == StatementStatus.BOOKED else None,
            recorded_at=self.job.at,
        )
        row.save(force_insert=True)
        return row

    def _movements(self, row: BankStatement, paper: _Paper, known: Known) -> None:
        """Write what is new; put the parts of a batch entry under the sum that stood for them."""
        new: list[BankTransaction] = []
        for entry in paper.entries:
            summary = known.summary_of(entry)
            if summary:
                new += _itemise(summary, entry)
                self.result.updated += 1
            elif entry.identity in known.entries:
                self.result.unchanged += 1
            else:
                fresh = [one for one in entry.movements if one.identity not in known.movements]
                new += [transaction_row(row, entry, movement, held=False) for movement in fresh]
                self.result.created += bool(fresh)
                self.result.unchanged += not fresh
        BankTransaction.objects.bulk_create((one for one in new if not one.pk), batch_size=1000)

    def _add_up(self, paper: _Paper) -> None:
        totals = self.result.totals
        for entry in paper.statement.booked:
            totals[entry.currency] = totals.get(entry.currency, Decimal(0)) + entry.amount


def _itemise(summary: BankTransaction, entry: KnownEntry) -> list[BankTransaction]:
    """The sum of a batch becomes its first part; the others follow, in the statement that had the sum."""
    place = KnownEntry(entry.entry, summary.entry, entry.identity, entry.movements)
    rows = [transaction_row(summary.statement, place, movement, held=False) for movement in entry.movements]
    first = rows[0]
    kept = {"amount": first.amount, "identity": first.identity, "status": first.status, "proposal": {}}
    for name, value in (kept | details(entry.movements[0].part)).items():
        setattr(summary, name, value)
    summary.save()
    return [summary, *rows[1:]]
