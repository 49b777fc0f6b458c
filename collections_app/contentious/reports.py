"""Reads an agency's file of what became of claims: one row per report; good and bad rows apart. Pure."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from collections_app.choices_contentious import FileAct
from collections_app.errors import ContentiousError
from lib.text import fold

MOST_ROWS, MOST_BYTES = 5_000, 2_000_000
NAMES = {
    "reference": ("reference", "referencia", "expediente", "dossier", "file", "ref"),
    "status": ("status", "estado", "etat", "statut", "situation", "situacion"),
    "on": ("date", "fecha", "on", "le"),
    "amount": ("amount", "amount collected", "collected", "importe", "cobrado", "montant", "encaisse"),
    "note": ("note", "nota", "comment", "comentario", "commentaire", "observaciones"),
}
# What agencies say, and which act it is. Money collected is a report too.
STATUSES = {
    FileAct.REPORT: (
        "in progress", "en gestion", "en curso", "en cours", "news", "report", "collected", "cobrado",
        "cobro parcial", "encaisse", "partial", "paid", "pagado", "paye",
    ),
    FileAct.AGREE: ("agreed", "agreement", "acuerdo", "acordado", "accord", "convenu"),
    FileAct.RETURN: (
        "returned", "devuelto", "devolucion", "rendu", "retour", "irrecoverable", "incobrable", "irrecouvrable",
    ),
}  # fmt: skip
DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y")
AMOUNT = re.compile(r"\d{1,12}(?:\.\d{1,2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Report:
    """What an agency says about a claim; `line` is its place in the file. `reference` is ours or theirs."""

    reference: str
    act: FileAct
    on: date
    amount: Decimal | None = None
    note: str = ""
    line: int = 0

    @property
    def key(self) -> str:
        """The same report twice has the same key."""
        facts = (self.reference.upper(), self.act, self.on.isoformat(), str(self.amount or ""), self.note)
        return hashlib.sha256("\x1f".join(facts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not taken, and why."""

    line: int
    code: str
    sentence: str
    reference: str = ""


@dataclass(slots=True)
class Read:
    """What a file holds."""

    rows: list[Report] = field(default_factory=list)
    rejects: list[Rejected] = field(default_factory=list)


class BadRow(Exception):
    """Why a row is refused."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def read_reports(content: bytes) -> Read:
    """The rows of a CSV (comma, semicolon or tab). Raises ContentiousError when it is no such file at all."""
    if len(content) > MOST_BYTES:
        raise ContentiousError(_("This file is too large."), code="reports_too_large")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    lines = text.splitlines()
    header = lines[0] if lines else ""
    delimiter = max(";,\t", key=header.count)
    places = _places(next(csv.reader([header], delimiter=delimiter), []))
    if not {"reference", "status", "on"} <= places.keys() or len(lines) > MOST_ROWS:
        sentence = _("This is no list of reports: it needs the columns “reference”, “status” and “date”.")
        raise ContentiousError(sentence, code="no_reports")
    read = Read()
    # The reader is given all lines, for a note between quotation marks may run over several.
    reader = csv.reader(text.splitlines(keepends=True)[1:], delimiter=delimiter)
    for cells in reader:
        line = reader.line_num + 1
        if not any(cell.strip() for cell in cells):
            continue
        row = {name: cells[at].strip() if at < len(cells) else "" for name, at in places.items()}
        try:
            read.rows.append(_row(line, row))
        except BadRow as bad:
            read.rejects.append(Rejected(line, bad.code, str(bad), row["reference"][:60]))
    return read


def _places(header: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, cell in enumerate(header):
        word = fold(cell.strip())
        for name, words in NAMES.items():
            if word in words:
                found.setdefault(name, at)
    return found


def _row(line: int, row: dict[str, str]) -> Report:
    if not row["reference"]:
        raise BadRow("no_reference", _("The reference is missing."))
    return Report(
        row["reference"][:60],
        act_of(row["status"]),
        _day(row["on"]),
        _amount(row.get("amount", "")),
        row.get("note", "")[:500] or row["status"][:100],
        line,
    )


def act_of(status: str) -> FileAct:
    """The act that a status means. Raises BadRow for one that nobody knows."""
    word = fold(status.strip()).replace("_", " ")
    for act, words in STATUSES.items():
        if word in words or word == act:
            return act
    raise BadRow("unknown_status", _("Nobody knows the status “%(status)s”.") % {"status": status[:40]})


def _day(text: str) -> date:
    for style in DAYS:
        try:
            return datetime.strptime(text, style).date()  # noqa: DTZ007
        except ValueError:
            continue
    raise BadRow("not_a_date", _("“%(text)s” is not a day.") % {"text": text[:30]})


def _amount(text: str) -> Decimal | None:
    plain = text.replace("€", "").replace("EUR", "").replace("\u00a0", "").replace(" ", "")
    if not plain:
        return None
    # The last of point and comma marks the cents.
    mark = max(".,", key=plain.rfind)
    if mark in plain:
        whole, _mark, cents = plain.rpartition(mark)
        plain = f"{whole.replace('.', '').replace(',', '')}.{cents}"
    try:
        value = Decimal(plain) if AMOUNT.fullmatch(plain) else None
    except InvalidOperation:
        value = None
    if value is None:
        raise BadRow("not_an_amount", _("“%(text)s” is not an amount.") % {"text": text[:30]})
    return value.quantize(Decimal("0.01")) or None
