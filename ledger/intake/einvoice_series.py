"""Series and number. Spain numbers invoices per series; the ledger has one number per document.

The number stands alone, as most systems and people write it, as long as no other document has it. A document that is
recorded with its series already ("A/1", "A-1", "A1") is found under it; a number that another series has is recorded as
"A/1", with a word.
"""

from dataclasses import dataclass
from datetime import date

from accounts.models import LegalEntity
from ledger.intake.documents import INVOICE, MAX_NUMBER, Document, NoticeBook
from ledger.intake.einvoice import EFile
from ledger.intake.parties import name_key, tax_key
from ledger.models import Invoice


@dataclass(frozen=True, slots=True)
class _Taken:
    """A document that has a number: enough to tell whether it is the same one."""

    issued_on: date
    tax_id: str
    name: str
    # Of a document of the same file; unknown of one in the ledger.
    series: str | None = None

    def is_same(self, document: Document, series: str) -> bool:
        """The same day, customer and series: what differs otherwise is for the ledger to refuse."""
        if self.series is not None and self.series != series:
            return False
        party = document.customer
        ours, theirs = tax_key(self.tax_id)[-8:], tax_key(party.tax_id)[-8:]
        same = ours == theirs if ours and theirs else self.name == name_key(party.name)
        return same and self.issued_on == document.issued_on


def with_series(entity: LegalEntity, made: EFile, notices: NoticeBook) -> None:
    """Give every document that has a series the number under which it is, or will be, in the ledger."""
    if not any(extra.series or extra.corrects_series for extra in made.extras):
        return
    pairs = list(zip(made.chunk.documents, made.extras, strict=True))
    corrected = {
        name for document, extra in pairs for name in _joined(extra.corrects_series, document.corrects)
    }
    wanted = corrected | {
        name
        for document, extra in pairs
        for name in (document.number, *_joined(extra.series, document.number))
    }
    taken = _taken(entity, wanted)
    for place, (document, extra) in enumerate(pairs):
        number = _number(document, extra.series, taken)
        if number != document.number:
            notices.add("number_with_series", document.line, number=number)
        corrects = _corrects(document, extra.corrects_series, taken)
        made.chunk.documents[place] = document._replace(number=number, corrects=corrects)
        party = document.customer
        taken.setdefault(
            (document.kind, number),
            _Taken(document.issued_on, party.tax_id, name_key(party.name), extra.series),
        )


def _taken(entity: LegalEntity, numbers: set[str]) -> dict[tuple[str, str], _Taken]:
    rows = Invoice.objects.filter(entity=entity, number__in=numbers).values_list(
        "kind", "number", "issued_on", "customer__tax_id", "customer__name_key"
    )
    return {(kind, number): _Taken(day, tax_id, name) for kind, number, day, tax_id, name in rows}


def _number(document: Document, series: str, taken: dict[tuple[str, str], _Taken]) -> str:
    """The number that the document has already, else its own alone, else its own with the series."""
    joined = _joined(series, document.number)
    known = [name for name in joined if (document.kind, name) in taken]
    for name in (*known, document.number):
        there = taken.get((document.kind, name))
        if there and there.is_same(document, series):
            return name
    if known:
        return known[0]
    alone = (document.kind, document.number) in taken
    return joined[0] if alone and joined else document.number


def _corrects(document: Document, series: str, taken: dict[tuple[str, str], _Taken]) -> str:
    """The corrected document as the ledger numbers it."""
    found = [name for name in _joined(series, document.corrects) if (INVOICE, name) in taken]
    return found[0] if found else document.corrects


def _joined(series: str, number: str) -> list[str]:
    """Series and number as people join them; the first is how the ledger does."""
    names = [f"{series}/{number}", f"{series}-{number}", f"{series}{number}", f"{series} {number}"]
    return [name for name in names if len(name) <= MAX_NUMBER] if series and number else []
