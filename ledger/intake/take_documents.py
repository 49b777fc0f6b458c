"""Takes a file of invoices and credit notes into the ledger: read, stage, decide, write."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from ledger.intake import match, write
from ledger.intake.again import with_words
from ledger.intake.changes import summary_of_changes
from ledger.intake.dealing import without_address
from ledger.intake.documents import Reject
from ledger.intake.files import keep_files
from ledger.intake.formats import Format
from ledger.intake.job import Job
from ledger.intake.keeping import close_batch, keep_rejects, open_batch, pieces
from ledger.intake.profiles import keep_profile
from ledger.intake.reading import Reading, open_reading
from ledger.intake.results import FileResult
from ledger.intake.sellers import Sellers
from ledger.intake.settle import settle
from ledger.intake.stage import SEPARATOR, Stage
from ledger.models import ImportBatch

USUAL_COLLECTIONS = gc.get_threshold()


@contextmanager
def few_collections() -> Iterator[None]:
    """Rows are many small lists without cycles: looking through them for garbage takes as long as reading them."""
    gc.set_threshold(200_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*USUAL_COLLECTIONS)


def take_documents(job: Job, found: Format, result: FileResult) -> None:
    """Import the documents of one file, in the transaction of the caller. Raises Unreadable."""
    reading = open_reading(job.path, job.entity, job.how, job.day)
    result.format = reading.format
    mapping = (
        reading.mapping.as_json(reading.header) | {"header": list(reading.header)} if reading.mapping else {}
    )
    batch = open_batch(job, format=reading.format, profile=reading.profile, mapping=mapping)
    result.batch_id = batch.pk
    stage, sellers = Stage(by_line=reading.scan is not None), Sellers(job.entity, reading.notices)
    seen = 0
    with few_collections():
        for chunk in reading.chunks():
            stage.add(sellers.ours(chunk))
            if chunk.bulk:
                stage.add_bulk(chunk.bulk)
            keep_rejects(batch, reading.header, chunk.rejects, result)
            seen += len(chunk.documents) + len(chunk.rejects) + len(chunk.bulk or ())
            if job.progress:
                job.progress(seen, reading.rows)
    stage.close()
    _write(job, batch, reading, result, stage.documents)
    keep_files(job, batch, reading.made)
    if reading.mapping and reading.scan and not reading.profile and result.documents > result.rejected:
        batch.profile = keep_profile(
            entity=job.entity, header=reading.header, mapping=reading.mapping, file_name=job.label, at=job.at
        )
    close_batch(job, batch, result, payments=result.payments, changes=summary_of_changes(batch.pk))


def _write(job: Job, batch: ImportBatch, reading: Reading, result: FileResult, staged: int) -> None:
    """Match, decide and write what was staged, and count it."""
    entity = job.entity
    terms = int(entity.settings.get("default_terms_days", write.DEFAULT_TERMS))
    target = write.Target(entity.pk, batch.pk, terms, job.at, job.day)
    unknown = match.find_customers(
        entity_id=entity.pk, batch_id=batch.pk, language=entity.language, at=job.at
    )
    result.created, assumed = write.write_documents(target, staged, rehearsal=job.rehearsal)
    result.payments = settle(target)
    wrong, first_wrong = without_address()
    if wrong:
        reading.notices.add("contact_no_address", first_wrong, wrong)
    if unknown:
        reading.notices.add("salesperson_unknown", 0, unknown)
    if assumed:
        reading.notices.add("due_assumed", 0, assumed, days=terms)
    counts = write.counts()
    result.updated = counts.get("updated", (0, 0))[0]
    repeated, first = counts.get("same_in_file", (0, 0))
    result.unchanged = counts.get("unchanged", (0, 0))[0] + repeated
    if repeated:
        reading.notices.add("same_in_file", first, repeated)
    refused: Iterator[Reject] = (
        Reject(line, code, "", params, tuple(raw.split(SEPARATOR)))
        for line, code, params, raw in write.refused()
    )
    if reading.scan:
        refused = with_words(reading.scan, refused)
    for piece in pieces(refused, write.PIECE):
        keep_rejects(batch, reading.header, piece, result)
    result.totals = write.totals()
    result.notices = list(reading.notices)
