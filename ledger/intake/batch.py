"""Takes one file into the ledger, whatever it holds: one transaction, one lock per legal entity."""

from collections.abc import Callable
from dataclasses import replace

from django.db import DataError, IntegrityError, transaction

from ledger.answers.take_answers import take_answers
from ledger.bank.booking import take_statements
from ledger.fx.take_rates import take_rates
from ledger.intake import write
from ledger.intake.customers_take import take_customers
from ledger.intake.documents import Unreadable
from ledger.intake.formats import ANSWERS, CUSTOMERS, DOCUMENTS, RATES, STATEMENTS, Format, format_of
from ledger.intake.job import Job
from ledger.intake.keeping import note_unreadable
from ledger.intake.results import FileResult
from ledger.intake.tables import kept_open
from ledger.intake.take_documents import take_documents

# What a kind of file does. It opens the import's row, fills the result and closes the row.
Taker = Callable[[Job, Format, FileResult], None]
TAKERS: dict[str, Taker] = {
    DOCUMENTS: take_documents,
    STATEMENTS: take_statements,
    ANSWERS: take_answers,
    RATES: take_rates,
    CUSTOMERS: take_customers,
}


def import_file(job: Job) -> FileResult:
    """Read the file into the ledger. An unreadable file comes back as a result with `error`; nothing of it is in."""
    result = FileResult(path=job.label)
    try:
        with kept_open(), transaction.atomic():
            found = format_of(job.path, job.how.format)
            result.format = found.name
            write.lock_entity(job.entity.pk)
            TAKERS[found.kind](job, found, result)
    except Unreadable as error:
        result = FileResult(path=job.label, format=result.format, error=error)
        note_unreadable(job, result)
    except (DataError, IntegrityError) as error:
        detail = str(error).splitlines()[0]
        result = FileResult(
            path=job.label, format=result.format, error=Unreadable("not_accepted", detail=detail)
        )
        note_unreadable(job, result)
    return result


def rehearse(jobs: list[Job], look: Callable[[FileResult], None] | None = None) -> list[FileResult]:
    """Import the files one after the other, report, and take everything back: nothing is written.

    `look` may look at what one file did to the tables before that.
    """
    results = []
    with transaction.atomic():
        for job in jobs:
            results.append(import_file(replace(job, rehearsal=True)))
            if look:
                look(results[-1])
        transaction.set_rollback(True)
    return results
