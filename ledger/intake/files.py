"""Keeps the document of an invoice: the PDF or XML that it came as, and the files that it carries.

A file is stored under the digest of its content, before its row is committed: a row never points at nothing, and a file
whose row did not make it is harmless. A rehearsal stores nothing.
"""

import hashlib
import os
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings

from accounts.models import LegalEntity
from ledger.intake.documents import Document
from ledger.intake.einvoice import Attachment, EFile, Extra
from ledger.intake.einvoice_files import MAX_ATTACHMENTS, clean
from ledger.intake.job import Job
from ledger.intake.source import open_bytes
from ledger.models import ImportBatch, Invoice, InvoiceFile

FOLDER = "invoices"
PDF, XML = "application/pdf", "application/xml"


def keep_files(job: Job, batch: ImportBatch, made: EFile | None) -> None:
    """Store the files of every document that is in the ledger now. Once per invoice and content."""
    if made is None or job.rehearsal:
        return
    pairs = _recorded(job.entity, batch, made)
    if not pairs:
        return
    whole = _whole(job, made)
    rows = [
        _row(batch, invoice, file, job)
        for invoice, document, extra in pairs
        for file in (*_own(document, extra, whole), *extra.attachments[:MAX_ATTACHMENTS])
    ]
    InvoiceFile.objects.bulk_create(rows, ignore_conflicts=True)


def path_of(file: InvoiceFile) -> Path:
    """Where the file is kept."""
    return Path(settings.MEDIA_ROOT) / file.stored_as


def store(data: bytes) -> tuple[str, str]:
    """Put the content on disk, whole or not at all; where it is, relative to the files folder, and its digest."""
    digest = hashlib.sha256(data).hexdigest()
    stored = f"{FOLDER}/{digest[:2]}/{digest}"
    path = Path(settings.MEDIA_ROOT) / stored
    if not path.exists() or path.stat().st_size != len(data):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{digest}.{uuid.uuid4().hex}")
        with draft.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    return stored, digest


def _row(batch: ImportBatch, invoice: Invoice, file: Attachment, job: Job) -> InvoiceFile:
    stored, digest = store(file.data)
    return InvoiceFile(
        invoice=invoice,
        name=file.name[-250:],
        media_type=file.media_type,
        stored_as=stored,
        sha256=digest,
        size=len(file.data),
        batch=batch,
        recorded_at=job.at,
    )


def _recorded(entity: LegalEntity, batch: ImportBatch, made: EFile) -> list[tuple[Invoice, Document, Extra]]:
    """The documents that were not refused, each with its row."""
    refused = set(batch.rejects.values_list("line", flat=True))
    wanted = [
        (document, extra)
        for document, extra in zip(made.chunk.documents, made.extras, strict=True)
        if document.line not in refused
    ]
    numbers = {document.number for document, _extra in wanted}
    found = {
        (row.kind, row.number, row.issued_on, row.amount): row
        for row in Invoice.objects.filter(entity=entity, number__in=numbers)
    }
    keys = [(document.kind, document.number, document.issued_on, document.amount) for document, _ in wanted]
    return [
        (found[key], document, extra)
        for key, (document, extra) in zip(keys, wanted, strict=True)
        if key in found
    ]


def _own(document: Document, extra: Extra, whole: Attachment | None) -> Iterator[Attachment]:
    """The document itself: its own part of a file with several, else the file."""
    if extra.own:
        yield Attachment(f"{clean(document.number.replace('/', '-')) or 'invoice'}.xml", XML, extra.own)
    elif whole:
        yield whole


def _whole(job: Job, made: EFile) -> Attachment | None:
    """The file as it came; not when it speaks of several customers, because each may see only its own part."""
    if len(_customers(made.chunk.documents)) > 1:
        return None
    with open_bytes(job.path) as stream:
        data = stream.read()
    kind = PDF if b"%PDF-" in data[:1024] else XML
    return Attachment(clean(job.file_name) or "invoice", kind, data)


def _customers(documents: Iterable[Document]) -> set[tuple[str, str, str]]:
    return {
        (document.customer.tax_id, document.customer.endpoint, document.customer.name)
        for document in documents
    }
