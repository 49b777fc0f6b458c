"""The steps of a legal file: what is said with one, how it is kept, and the event it leaves."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Max

from accounts.events import emit
from accounts.models import User
from collections_app.choices_contentious import FileAct
from collections_app.models import LegalFile, LegalStep
from disputes.evidence import keeping
from mailroom.models import Letter

A = FileAct
STREAM = "legal_file"
FOLDER = "contentious"


@dataclass(frozen=True, slots=True)
class Document:
    """A file that goes with a step, vetted and stored."""

    name: str
    media_type: str
    stored_as: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Said:
    """What is said with an act; which of it is needed stands in the table of the lifecycle."""

    note: str = ""
    on: date | None = None
    amount: Decimal | None = None
    deadline: date | None = None
    tracking: str = ""
    agency: str = ""
    agency_reference: str = ""
    commission: Decimal | None = None
    court: str = ""
    court_reference: str = ""
    end: str = ""
    document: Document | None = None
    key: str = ""
    letters: tuple[Letter | None, Letter | None] = field(default=(None, None))


def keep_document(file_id: int, upload: keeping.Source, name: str) -> Document:
    """Vet and store a file; hold no lock meanwhile. Raises EvidenceRefused or ScannerAway."""
    vetted = keeping.vet(upload, name)
    key = default_storage.save(f"{FOLDER}/{file_id}/{uuid.uuid4().hex}", ContentFile(vetted.data))
    return Document(vetted.name, vetted.media_type, str(key), vetted.sha256)


def hold_file(file_id: int) -> LegalFile:
    """The file, its row locked: whoever comes second sees what the first did. Call inside a transaction."""
    rows = LegalFile.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("entity", "customer", "customer__entity", "opened_by", "second_by").get(
        pk=file_id
    )


def keep_step(file: LegalFile, act: FileAct, said: Said, *, by: User | None, on: date, at: datetime) -> None:
    """Write the step and its event; the caller holds the file's row."""
    last = file.steps.aggregate(last=Max("seq"))["last"] or 0
    document, (letter, paper) = said.document, said.letters
    step = LegalStep(
        file=file,
        seq=last + 1,
        act=act,
        status=file.status,
        on=said.on or on,
        at=at,
        by=by,
        note=said.note.strip()[:500],
        amount=said.amount,
        letter=letter,
        paper_letter=paper,
        key=said.key,
    )
    if document:
        step.name, step.media_type = document.name, document.media_type
        step.stored_as, step.sha256 = document.stored_as, document.sha256
    step.full_clean()
    step.save()
    say(file, f"contentious.{act}", by, at, _facts(file, step))


def _facts(file: LegalFile, step: LegalStep) -> dict[str, Any]:
    facts: dict[str, Any] = {"status": file.status, "on": step.on.isoformat(), "note": step.note}
    facts |= {"agency": file.agency, "court": file.court, "end": file.end, "tracking": file.tracking}
    if step.act == A.OPEN:
        facts["invoices"] = list(file.lines.values_list("invoice__number", flat=True))
        facts["amount"] = str(file.principal)
    if step.amount is not None:
        facts["amount"] = str(step.amount)
    if file.deadline:
        facts["due_on"] = file.deadline.isoformat()
    if step.name:
        facts |= {"document": step.name, "sha256": step.sha256}
    return facts


def say(
    file: LegalFile, kind: str, by: User | None, at: datetime, data: dict[str, Any] | None = None
) -> None:
    """An event of the file's own chain; the customer's timeline shows it."""
    facts = {"file": file.pk, "ref": file.ref, "currency": file.currency} | (data or {})
    emit(
        stream=STREAM,
        object_id=file.pk,
        entity_id=file.entity_id,
        kind=kind,
        actor=by,
        at=at,
        data=facts,
    )
