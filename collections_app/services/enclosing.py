"""What goes along with a reminder: the statement of the account, as paper and as a spreadsheet, and the invoices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from collections_app.choices import Attachment, StepChannel
from collections_app.services.letters import Reminder, pay_words
from collections_app.statements import grid, sheet, statement_of
from ledger.models import InvoiceFile
from mailroom.models import Letter
from mailroom.services import File

# A mail that is too heavy is not read: so many invoices, and so much of them in bytes.
MOST_INVOICES, MOST_BYTES = 20, 8 * 1024 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"
STATEMENTS = {Attachment.STATEMENT_PDF, Attachment.STATEMENT_XLSX}


@dataclass(frozen=True, slots=True)
class Enclosures:
    """The files, and the sentence of the letter about invoices that do not go along; empty when all do."""

    files: tuple[File, ...] = ()
    note: str = ""


def enclosures_for(reminder: Reminder, wanted: Iterable[str]) -> Enclosures:
    """The files of `wanted` (statement_pdf, statement_xlsx, invoices) that there are, in this order.

    Statements are kept as their figures and drawn when the letter leaves; an SMS, a call and a page take none.
    """
    asked = set(wanted)
    if not asked or reminder.step.channel in (StepChannel.SMS, StepChannel.CALL, StepChannel.PORTAL):
        return Enclosures()
    files = list(_statements(reminder, asked)) if asked & STATEMENTS else []
    if Attachment.INVOICES not in asked:
        return Enclosures(tuple(files))
    found = _invoices_of(reminder)
    taken = list(_light_enough(found))
    return Enclosures((*files, *taken), note(reminder, len(taken)) if len(taken) < len(found) else "")


def note_of(reminder: Reminder, letter: Letter) -> str:
    """The sentence about invoices that did not go along with a letter that is written already."""
    if Attachment.INVOICES not in reminder.step.attach:
        return ""
    taken = sum(1 for file in letter.enclosed if not file.get("made") and not file.get("transfer"))
    return note(reminder, taken) if taken < len(_invoices_of(reminder)) else ""


def note(reminder: Reminder, taken: int) -> str:
    """`The first 20 of 34 invoices go along; all of them are on your page: ...`, in the recipient's language."""
    with translation.override(reminder.recipient.language):
        words = ngettext(
            "Enclosed is %(taken)s of %(all)s invoice.",
            "Enclosed are the first %(taken)s of %(all)s invoices.",
            len(reminder.items),
        ) % {"taken": taken, "all": len(reminder.items)}
        page = _("All of them are on your page: %(url)s") % {"url": reminder.terms.page}
    return f"{words} {page}"


def _statements(reminder: Reminder, asked: set[str]) -> Iterator[File]:
    language, customer = reminder.recipient.language, reminder.customer
    amounts = {item.invoice_id: item.asked for item in reminder.items}
    statement = statement_of(
        customer, reminder.on, asked=amounts, currency=reminder.currency, share=reminder.share
    )
    with translation.override(language):
        word = _("statement")
        name = f"{word}-{customer.code}-{statement.on.isoformat()}"
    if Attachment.STATEMENT_PDF in asked:
        box = reminder.terms.box(pay_words(language))
        page = sheet(statement, language, postal=reminder.recipient.postal, box=box)
        yield File(f"{name}.pdf", PDF, made={"sheet": page})
    if Attachment.STATEMENT_XLSX in asked:
        yield File(f"{name}.xlsx", XLSX, made={"grid": grid(statement, language)})


def _invoices_of(reminder: Reminder) -> list[InvoiceFile]:
    """The documents of the invoices asked for, the PDF of each when there is one; disputed ones are not asked for."""
    return _in_order([item.invoice_id for item in reminder.items])


def documents_of(invoices: Sequence[int]) -> Iterable[File]:
    """The documents of these invoices, in this order: the PDF of each where there is one."""
    return _light_enough(_in_order(invoices))


def _in_order(invoices: Sequence[int]) -> list[InvoiceFile]:
    order = {pk: place for place, pk in enumerate(invoices)}
    return sorted(best_files(order).values(), key=lambda one: order[one.invoice_id])


def best_files(invoices: Iterable[int]) -> dict[int, InvoiceFile]:
    """The document of each of these invoices that has any: its PDF, else what there is."""
    best: dict[int, InvoiceFile] = {}
    for file in InvoiceFile.objects.filter(invoice__in=list(invoices)).order_by("pk"):
        had = best.get(file.invoice_id)
        if had is None or (file.media_type == PDF and had.media_type != PDF):
            best[file.invoice_id] = file
    return best


def _light_enough(found: list[InvoiceFile]) -> Iterator[File]:
    left = MOST_BYTES
    for file in found[:MOST_INVOICES]:
        if file.size <= left:
            left -= file.size
            yield File(file.name, file.media_type, file.stored_as)
