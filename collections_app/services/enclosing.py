"""What goes along with a reminder: the statement of the account, as paper and as a spreadsheet, and the invoices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import LegalEntity
from collections_app.decision.choosing import on_account
from collections_app.services.letters import Reminder, pay_words
from disputes.models import DisputeLine
from ledger import references
from ledger.models import Customer, Invoice, InvoiceFile
from lib import formats
from lib.money import ZERO
from mailroom.rendering import Table, Value
from mailroom.services import File, Paper, Rendered, sheet_of

STATEMENT_PDF, STATEMENT_XLSX, INVOICES = "statement_pdf", "statement_xlsx", "invoices"
# A mail that is too heavy is not read: so many invoices, and so much of them in bytes.
MOST_INVOICES, MOST_BYTES = 20, 8 * 1024 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class Entry:
    """One open invoice. `asked` is what the reminder asks for of it; `disputed` is under review."""

    number: str
    issued_on: date
    due_on: date
    amount: Decimal
    open: Decimal
    disputed: Decimal
    asked: Decimal


@dataclass(frozen=True, slots=True)
class Statement:
    """What a customer has open in one currency on a day."""

    entity: LegalEntity
    customer: Customer
    currency: str
    on: date
    entries: tuple[Entry, ...]
    # Money and credit notes that are placed on no invoice yet.
    unplaced: Decimal

    @property
    def standing(self) -> list[Entry]:
        """What is not wholly under review."""
        return [entry for entry in self.entries if entry.open > entry.disputed]

    @property
    def reviewed(self) -> list[Entry]:
        """What is, in part or as a whole."""
        return [entry for entry in self.entries if entry.disputed]

    @property
    def asked(self) -> Decimal:
        """What the reminder asks for in all."""
        return sum((entry.asked for entry in self.entries), ZERO)


def statement_of(reminder: Reminder) -> Statement:
    """The account as the reminder sees it: what it asks for is what the letter asks for."""
    customer, currency = reminder.customer, reminder.currency
    asked = {item.invoice_id: item.asked for item in reminder.items}
    mine = {"invoice__customer": customer, "invoice__currency": currency}
    live = DisputeLine.objects.filter(closed_on=None, **mine).order_by().values("invoice_id")
    disputed = dict(live.annotate(a=Sum("amount")).values_list("invoice_id", "a"))
    rows = Invoice.objects.open_now().filter(customer=customer, currency=currency, issued_on__lte=reminder.on)
    entries = [
        Entry(
            number=row.number,
            issued_on=row.issued_on,
            due_on=row.due_on,
            amount=row.amount,
            open=row.amount - row.allocated,
            disputed=min(disputed.get(row.pk, ZERO), row.amount - row.allocated),
            asked=asked.get(row.pk, ZERO),
        )
        for row in rows.order_by("due_on", "pk")
    ]
    held = on_account(customer.pk, reminder.entity, currency)
    return Statement(reminder.entity, customer, currency, reminder.on, tuple(entries), held)


def attachments_for(reminder: Reminder, wanted: Iterable[str]) -> tuple[File, ...]:
    """The files of `wanted` (statement_pdf, statement_xlsx, invoices) that there are, in this order.

    Statements are kept as their figures and drawn when the letter leaves; an SMS takes none.
    """
    asked = set(wanted)
    if not asked or reminder.step.channel == "sms":
        return ()
    files: list[File] = []
    if asked & {STATEMENT_PDF, STATEMENT_XLSX}:
        with translation.override(reminder.recipient.language):
            files += _statements(statement_of(reminder), reminder, asked)
    if INVOICES in asked:
        files += _invoices(reminder)
    return tuple(files)


def _statements(statement: Statement, reminder: Reminder, asked: set[str]) -> Iterable[File]:
    words = _("statement")
    name = f"{words}-{statement.customer.code}-{statement.on.isoformat()}"
    if STATEMENT_PDF in asked:
        yield File(f"{name}.pdf", PDF, made={"sheet": _sheet(statement, reminder)})
    if STATEMENT_XLSX in asked:
        yield File(f"{name}.xlsx", XLSX, made={"grid": _grid(statement)})


def _invoices(reminder: Reminder) -> Iterable[File]:
    """The documents of the invoices asked for, the PDF of each when there is one; disputed ones are not asked for."""
    order = {item.invoice_id: place for place, item in enumerate(reminder.items)}
    found = InvoiceFile.objects.filter(invoice__in=order).order_by("pk")
    best: dict[int, InvoiceFile] = {}
    for file in found:
        if file.invoice_id not in best or (
            file.media_type == PDF and best[file.invoice_id].media_type != PDF
        ):
            best[file.invoice_id] = file
    left = MOST_BYTES
    for file in sorted(best.values(), key=lambda one: order[one.invoice_id])[:MOST_INVOICES]:
        if file.size <= left:
            left -= file.size
            yield File(file.name, file.media_type, file.stored_as)


def _sheet(statement: Statement, reminder: Reminder) -> dict[str, Any]:
    """The statement on the entity's paper."""
    language = translation.get_language() or "en"
    parts: list[Value] = [_("Open on %(day)s:") % {"day": formats.day(statement.on, "long")}]
    if statement.standing:
        parts.append(_standing(statement))
    if statement.reviewed:
        parts += [_("Under review with you; we do not ask for it:"), _reviewed(statement)]
    if statement.unplaced > 0:
        left = formats.money(statement.unplaced, statement.currency)
        parts.append(_("On your account and not yet placed: %(amount)s.") % {"amount": left})
    parts.append(reminder.terms.box(pay_words(language)))
    words = Rendered(language, _("Statement of account"), "", "", tuple(parts))
    reference = references.shown(references.of_customer(statement.customer.pk))
    paper = Paper(reminder.recipient.postal, statement.on, reference, statement.asked, statement.currency)
    return sheet_of(entity=statement.entity, words=words, paper=paper)


def _standing(statement: Statement) -> Table:
    """What is open and not under review, and how much of it the reminder asks for."""

    def money(amount: Decimal) -> str:
        return formats.money(amount, statement.currency)

    rows = [
        (
            entry.number,
            formats.day(entry.issued_on),
            formats.day(entry.due_on),
            money(entry.open - entry.disputed),
            money(entry.asked) if entry.asked else "–",
        )
        for entry in statement.standing
    ]
    left = sum((entry.open - entry.disputed for entry in statement.standing), ZERO)
    return Table(
        head=(_("Invoice"), _("Issued"), _("Due"), _("Open"), _("To pay")),
        rows=tuple(rows),
        right=frozenset({3, 4}),
        foot=(_("Total"), "", "", money(left), money(statement.asked)),
    )


def _reviewed(statement: Statement) -> Table:
    return Table(
        head=(_("Invoice"), _("Due"), _("Under review")),
        rows=tuple(
            (entry.number, formats.day(entry.due_on), formats.money(entry.disputed, statement.currency))
            for entry in statement.reviewed
        ),
        right=frozenset({2}),
    )


def _grid(statement: Statement) -> dict[str, Any]:
    """The statement as a workbook: what is open, and apart what is under review."""
    return {
        "title": _("Statement of account"),
        "made": f"{statement.on.isoformat()}T00:00:00+00:00",
        "facts": [
            [statement.entity.name, ""],
            [_("Customer"), statement.customer.name],
            [_("Currency"), statement.currency],
            [_("As of"), formats.day(statement.on, "long")],
        ],
        "tables": [_open_page(statement), *([_reviewed_page(statement)] if statement.reviewed else [])],
    }


def _open_page(statement: Statement) -> dict[str, Any]:
    rows = [
        [
            entry.number,
            entry.issued_on.isoformat(),
            entry.due_on.isoformat(),
            str(max((statement.on - entry.due_on).days, 0)),
            str(entry.open - entry.disputed),
            str(entry.asked),
        ]
        for entry in statement.standing
    ]
    left = sum((entry.open - entry.disputed for entry in statement.standing), ZERO)
    return {
        "name": _("Open"),
        "head": [_("Invoice"), _("Issued"), _("Due"), _("Days late"), _("Open"), _("To pay")],
        "kinds": ["text", "day", "day", "count", "money", "money"],
        "rows": rows,
        "total": [_("Total"), "", "", "", str(left), str(statement.asked)],
    }


def _reviewed_page(statement: Statement) -> dict[str, Any]:
    return {
        "name": _("Under review"),
        "head": [_("Invoice"), _("Due"), _("Under review")],
        "kinds": ["text", "day", "money"],
        "rows": [[e.number, e.due_on.isoformat(), str(e.disputed)] for e in statement.reviewed],
        "total": [],
    }
