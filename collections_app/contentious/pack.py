"""The evidence pack of a legal file: papers, letters as sent, outcomes of disputes, the chained history, a verifier.

The index, its chain, the root and the verifier are those of the disputes' packs (docs/evidence.md).
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any

from django.core.files.storage import default_storage

from accounts.events import Event, timeline
from accounts.models import User
from collections_app.choices import PromiseStatus
from collections_app.contentious.claim import Claim
from collections_app.contentious.pack_summary import as_pdf, readme
from collections_app.contentious.sheets import interest_sheet, invoice_sheet, language_of
from collections_app.interest import position_data
from collections_app.models import LegalFile, Notice, Promise
from collections_app.services.contentious_steps import STREAM
from collections_app.statements import as_pdf as statement_pdf
from collections_app.statements import statement_of
from disputes.evidence.keeping import pieces
from disputes.evidence.pack.build import SCRIPT, Pack, Writer
from disputes.evidence.pack.parts import plain
from disputes.evidence.pack.verify_pack import FORMAT, SUMMARY
from ledger.models import InvoiceFile
from mailroom.choices import Channel, LetterStatus
from mailroom.models import Letter
from mailroom.services import envelope_of, pdf_of

# What of the customer's own chain belongs to the claim; notes and calls are not for others to read.
TOLD = (
    "notice.sent",
    "notice.delivered",
    "notice.read",
    "notice.posted",
    "notice.came_back",
    "contact.undeliverable",
    "payment.recorded",
    "payment.returned",
    "payment.online",
    "promise.made",
    "promise.kept",
    "promise.broken",
    "promise.cancelled",
    "instalments.agreed",
    "instalments.broken",
    "instalments.fulfilled",
    "instalment.missed",
    "interest.claimed",
    "interest.cancelled",
    "interest.waived",
)
GONE = (LetterStatus.SENT, LetterStatus.BOUNCED)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A dispute's own pack, made before: its name and bytes (a file without a name)."""

    name: str
    file: IO[bytes]
    root: str


def build(file: LegalFile, claim: Claim, sealed: Sequence[Sealed], *, by: User, at: datetime) -> Pack:
    """The pack as of the claim's day, in the active language; papers are in the language of the file's law."""
    out: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - whoever gets the pack closes it
    try:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
            writer = Writer(archive, _head(file, by, at), at)
            _fill(writer, file, claim, sealed, by, at)
    except BaseException:
        out.close()
        raise
    size = out.tell()
    out.seek(0)
    entries = len([one for one in writer.index["entries"] if one["path"]])
    index = writer.index
    return Pack(out, f"evidence-{file.ref}.zip", index["root"], index["seal"], entries, size)


def _head(file: LegalFile, by: User, at: datetime) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "legal_file": file.ref,
        "entity": file.entity.code,
        "customer": file.customer.name,
        "made_at": at.astimezone(UTC).isoformat(timespec="seconds"),
        "made_by": by.name,
    }


def _fill(
    writer: Writer, file: LegalFile, claim: Claim, sealed: Sequence[Sealed], by: User, at: datetime
) -> None:
    writer.add("README.txt", [readme(file).encode()], kind="readme")
    writer.add("verify_pack.py", [SCRIPT.read_bytes()], kind="verifier")
    writer.add("claim.json", [_json(facts_of(file, claim))], kind="claim")
    writer.add("events.json", [_json(list(_chain(file)))], kind="events")
    writer.add("timeline.json", [_json(list(_told(file)))], kind="timeline")
    writer.add("promises.json", [_json(list(_broken(file, claim)))], kind="promises")
    _add_invoices(writer, file, claim)
    statement = statement_pdf(statement_of(file.customer, claim.on), language_of(file))
    writer.add("statement.pdf", [statement], kind="statement", packed=False)
    writer.add("interest.pdf", [interest_sheet(file, claim)], kind="interest", packed=False)
    for number, letter in enumerate(letters_of(file, claim), 1):
        _add_letter(writer, number, letter)
    for step in file.steps.exclude(stored_as="").order_by("seq"):
        with default_storage.open(step.stored_as, "rb") as stream:
            writer.add(f"documents/{step.seq:02d}-{step.name}", pieces(stream), kind="document")  # type: ignore[arg-type]
    for one in sealed:
        writer.add(f"disputes/{one.name}", pieces(one.file), kind="dispute", packed=False, root=one.root)
    root = writer.chain
    names = [(entry["path"], entry["sha256"]) for entry in writer.index["entries"]]
    pdf = as_pdf(file, claim, names, root=root, by=by, at=at)
    writer.add(SUMMARY, [pdf], kind="summary", packed=False)
    writer.close(root)


def _add_invoices(writer: Writer, file: LegalFile, claim: Claim) -> None:
    """The invoice as it was sent, every format of it; its data where nothing is kept."""
    ids = [one.invoice.pk for one in claim.lines]
    kept: dict[int, list[InvoiceFile]] = {}
    for one in InvoiceFile.objects.filter(invoice__in=ids).order_by("pk"):
        kept.setdefault(one.invoice_id, []).append(one)
    for number, line in enumerate(claim.lines, 1):
        added = 0
        for one in kept.get(line.invoice.pk, []):
            with suppress(OSError), default_storage.open(one.stored_as, "rb") as stream:
                path = f"invoices/{number:03d}-{_safe(one.name)}"
                facts = {"invoice": line.invoice.number, "original_sha256": one.sha256}
                writer.add(path, pieces(stream), kind="invoice", packed=False, **facts)  # type: ignore[arg-type]
                added += 1
        if not added:
            sheet = invoice_sheet(file, line, claim.on)
            path = f"invoices/{number:03d}-{_safe(line.invoice.number)}-data.pdf"
            writer.add(path, [sheet], kind="invoice_data", packed=False, invoice=line.invoice.number)


def _safe(name: str) -> str:
    """A name that is no path and holds nothing a file system could take for something else."""
    kept = "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in name)
    return kept.strip(".-")[-120:] or "file"


def letters_of(file: LegalFile, claim: Claim) -> list[Letter]:
    """The reminders that asked for these invoices and left, and the formal notices, the oldest first."""
    ids = [one.invoice.pk for one in claim.lines]
    notices = Notice.objects.filter(lines__invoice__in=ids, lines__counts=True, letter__isnull=False)
    sent = Letter.objects.filter(pk__in=notices.values("letter"), status__in=GONE)
    ours = Letter.objects.filter(about_stream=STREAM, about_id=file.pk, status__in=GONE)
    return list((sent | ours).select_related("entity").order_by("sent_at", "pk"))


def _add_letter(writer: Writer, number: int, letter: Letter) -> None:
    """As it was sent: an e-mail with its headers and files, paper as PDF, an SMS as text."""
    sent = letter.sent_at or letter.created_at
    day = sent.astimezone(UTC).date().isoformat()
    facts: dict[str, Any] = {
        "letter": letter.kind,
        "channel": letter.channel,
        "sent_at": sent.astimezone(UTC).isoformat(),
    }
    if letter.channel == Channel.POST:
        data, ending = pdf_of(letter), "pdf"
    elif letter.channel == Channel.SMS:
        data, ending = letter.body_text.encode(), "txt"
    else:
        data, ending = envelope_of(letter, sent).as_bytes(), "eml"
    path = f"letters/{number:03d}-{day}-{_safe(letter.kind)}.{ending}"
    writer.add(path, [data], kind="letter", **facts)


def facts_of(file: LegalFile, claim: Claim) -> dict[str, Any]:
    """The file and its claim, as plain JSON."""
    return {
        "ref": file.ref,
        "entity": {"code": file.entity.code, "name": file.entity.name, "tax_id": file.entity.tax_id},
        "customer": {
            "code": file.customer.code,
            "name": file.customer.name,
            "tax_id": file.customer.tax_id,
            "address": file.customer.address,
        },
        "law": file.law,
        "status": file.status,
        "opened_on": file.opened_on,
        "deadline": file.deadline,
        "tracking": file.tracking,
        "agency": file.agency,
        "court": file.court,
        "on": claim.on,
        "currency": claim.currency,
        "principal": claim.principal,
        "interest": claim.interest,
        "costs": claim.costs,
        "total": claim.total,
        "lines": [
            {
                "invoice": one.invoice.number,
                "issued_on": one.invoice.issued_on,
                "due_on": one.invoice.due_on,
                "amount": one.invoice.amount,
                "paid": one.paid,
                "open": one.open,
                "disputed": one.disputed,
                "interest": position_data(one.position) if one.position else None,
            }
            for one in claim.lines
        ],
    }


def _chain(file: LegalFile) -> Iterator[dict[str, Any]]:
    """The file's own chain, whole: the verifier reckons its hashes again."""
    return (one.as_data() for one in timeline(STREAM, file.pk).iterator(chunk_size=500))


def _told(file: LegalFile) -> Iterator[dict[str, Any]]:
    """An extract of the customer's chain; each event with its place in it and its hashes."""
    rows = Event.objects.filter(stream="customer", object_id=file.customer_id, kind__in=TOLD)
    return (one.as_data() for one in rows.select_related("actor").order_by("seq"))


def _broken(file: LegalFile, claim: Claim) -> Iterator[dict[str, Any]]:
    """What was promised of these invoices and not kept."""
    ids = [one.invoice.pk for one in claim.lines]
    rows = Promise.objects.filter(invoice__in=ids, status=PromiseStatus.BROKEN).select_related("invoice")
    for one in rows.order_by("promised_on", "pk"):
        yield {
            "invoice": one.invoice.number,
            "amount": one.amount,
            "made_on": one.made_on,
            "promised_on": one.promised_on,
        }


def _json(value: object) -> bytes:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, indent=1, default=plain)
    return f"{text}\n".encode()
