"""Takes a message of a customer's system into the ledger: kept as it came, told to the invoice it answers."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import LegalEntity
from ledger.answers.attach import find_invoices, tell_answer
from ledger.answers.cdar import read_cdar
from ledger.answers.messages import Answered, Message
from ledger.answers.peppol import read_peppol
from ledger.intake.documents import NoticeBook, Reject
from ledger.intake.formats import ANSWERS, Format, format_of
from ledger.intake.job import Job
from ledger.intake.keeping import close_batch, digest, keep_rejects, open_batch
from ledger.intake.results import FileResult
from ledger.intake.sellers import entity_by_seller
from ledger.models import ImportBatch, Invoice, InvoiceAnswer

READERS: dict[str, Callable[[Path, NoticeBook], Message]] = {
    "peppol_response": read_peppol,
    "cdar": read_cdar,
}
FOLDER = "answers"
HEADER = ("number", "status")


def take_answers(job: Job, found: Format, result: FileResult) -> None:
    """Import one message, in the transaction of the caller. Raises Unreadable."""
    notices = NoticeBook()
    message = READERS[found.name](job.path, notices)
    batch = open_batch(job, format=found.name)
    result.batch_id = batch.pk
    rejects = message.rejects
    other = entity_by_seller(message.receiver)
    if other is not None and other.pk != job.entity.pk:
        params = {"receiver": message.receiver.name or other.name, "code": other.code}
        rejects += [
            Reject(one.line, "answer_other_entity", "", params, (one.number,)) for one in message.answers
        ]
        message.answers = []
    if not message.id:
        notices.add("answer_without_id")
        message.id = digest(job.path)
    rejects += _keep(job, batch, message, notices, result)
    keep_rejects(batch, HEADER, rejects, result)
    result.notices = list(notices)
    close_batch(job, batch, result, answers=result.created)


def entity_of_answer(path: Path, wanted: str) -> LegalEntity | None:
    """The entity that the message is sent to, or the only one that has its invoices; None when it does not tell."""
    found = format_of(path, wanted)
    if found.kind != ANSWERS:
        return None
    message = READERS[found.name](path, NoticeBook())
    numbers = [answered.number for answered in message.answers]
    owners = LegalEntity.objects.filter(invoices__number__in=numbers).distinct()[:2]
    return entity_by_seller(message.receiver) or (owners[0] if len(owners) == 1 else None)


def _keep(
    job: Job, batch: ImportBatch, message: Message, notices: NoticeBook, result: FileResult
) -> list[Reject]:
    """Write what is new; what is not said as it was said before is refused."""
    known = {
        row.position: row
        for row in InvoiceAnswer.objects.filter(
            entity=job.entity,
            standard=message.standard,
            sender=message.sender[:200],
            message_id=message.id[:200],
        )
    }
    invoices = find_invoices(job.entity.pk, message.answers)
    stored = _store(job.path, batch.sha256)
    rejects = []
    for answered in message.answers:
        row = _row(job, batch, message, answered)
        before = known.get(answered.position)
        if before is not None:
            if _facts(before) == _facts(row):
                result.unchanged += 1
            else:
                rejects.append(_differs(message, answered, before))
            continue
        row.invoice, row.stored_as = invoices.get((answered.number, answered.is_credit)), stored
        _notice(row, row.invoice, notices)
        row.save(force_insert=True)
        result.created += 1
        if row.invoice is not None:
            tell_answer(row, at=job.at)
    return rejects


def _row(job: Job, batch: ImportBatch, message: Message, answered: Answered) -> InvoiceAnswer:
    """The answer as it is kept, without its invoice."""
    return InvoiceAnswer(
        entity=job.entity,
        batch=batch,
        standard=message.standard,
        message_id=message.id[:200],
        sender=message.sender[:200],
        position=answered.position,
        document_number=answered.number,
        document_issued_on=answered.issued_on,
        status_code=answered.status,
        reasons=[saying.as_json() for saying in answered.sayings],
        text=answered.text,
        effective_on=answered.effective_on,
        amount=answered.disputed.quantize(Decimal("0.01")) if answered.disputed is not None else None,
        currency=answered.currency,
        sha256=batch.sha256,
        recorded_at=job.at,
    )


def _facts(row: InvoiceAnswer) -> tuple[Any, ...]:
    """What makes two messages of one identity the same."""
    return row.document_number, row.status_code, row.effective_on, row.reasons, row.text


def _differs(message: Message, answered: Answered, before: InvoiceAnswer) -> Reject:
    params = {
        "message": message.id,
        "number": answered.number,
        "recorded": f"{before.document_number} {before.status_code}",
        "value": f"{answered.number} {answered.status}",
    }
    return Reject(answered.line, "answer_differs", "", params, (answered.number, answered.status))


def _notice(row: InvoiceAnswer, invoice: Invoice | None, notices: NoticeBook) -> None:
    if invoice is None:
        notices.add("answer_invoice_unknown", number=row.document_number)
    elif row.document_issued_on and row.document_issued_on != invoice.issued_on:
        notices.add("answer_issued_differs", number=row.document_number)


def _store(path: Path, sha256: str) -> str:
    """Where the message is kept, named by its content; written once the transaction is done."""
    stored = f"{FOLDER}/{sha256[:2]}/{sha256}"
    data = path.read_bytes()
    transaction.on_commit(lambda: _write(stored, data), robust=True)
    return stored


def _write(stored: str, data: bytes) -> None:
    target = Path(settings.MEDIA_ROOT) / stored
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        piece = target.with_suffix(".part")
        piece.write_bytes(data)
        piece.replace(target)
