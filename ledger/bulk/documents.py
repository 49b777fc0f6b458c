"""Invoices and credit notes by the thousand, through the same stage, match and write as files."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from ledger.bulk.reading import Row, with_customers
from ledger.bulk.sheet import CREATED, UNCHANGED, UPDATED, Sheet
from ledger.choices import InvoiceKind
from ledger.intake import match, write
from ledger.intake.amounts import CURRENCIES
from ledger.intake.documents import Document, DocumentLine, Party
from ledger.intake.stage import Stage
from ledger.models import Customer, ImportChange, Invoice

YEARS = range(1970, 2101)


def take_documents(sheet: Sheet, rows: Iterable[Row]) -> None:
    """Record the documents: new ones, and the due date, order reference or contact of known ones."""
    good = [pair for pair in with_customers(sheet, rows) if _fits(sheet, pair[0])]
    if good:
        refused = _write(sheet, [_document(sheet, *pair) for pair in good])
        _tell(sheet, [row for row, _customer in good], refused)


def _fits(sheet: Sheet, row: Row) -> bool:
    """What a row must fulfil beyond its shape."""
    data = row.data
    currency = data.get("currency") or sheet.entity.currency
    for name in ("issued_on", "due_on"):
        if data.get(name) and data[name].year not in YEARS:
            sheet.refuse(row.index, "date_out_of_range", name, value=str(data[name]))
            return False
    if currency not in CURRENCIES:
        sheet.refuse(row.index, "not_a_currency", "currency", value=currency)
    elif data["amount"] <= 0:
        sheet.refuse(row.index, "row_shape", "amount", message=_("The amount must be more than zero."))
    elif data.get("due_on") and data["due_on"] < data["issued_on"]:
        sheet.refuse(row.index, "due_too_early", "due_on")
    else:
        return True
    return False


def _document(sheet: Sheet, row: Row, customer: Customer) -> Document:
    data = row.data
    return Document(
        row.index + 1,
        data["kind"],
        data["number"],
        data["issued_on"],
        data.get("due_on"),
        data["amount"],
        data.get("net"),
        data.get("tax"),
        data.get("currency") or sheet.entity.currency,
        Party(code=customer.code),
        data.get("order_reference", ""),
        data.get("corrects", ""),
        stated=-data["amount"] if data["kind"] == InvoiceKind.CREDIT_NOTE else data["amount"],
        lines=tuple(
            DocumentLine(
                place,
                line["description"],
                line["quantity"],
                line["unit"],
                line["unit_price"],
                line["net"],
                line["tax_rate"],
            )
            for place, line in enumerate(data.get("lines", ()), start=1)
        ),
        contact=data.get("contact_email", "").lower(),
    )


def _write(sheet: Sheet, documents: list[Document]) -> set[int]:
    """Stage, match and write; the places of those that the ledger refused."""
    entity, call = sheet.entity, sheet.call
    stage = Stage()
    stage.add(documents)
    stage.close()
    match.find_customers(entity_id=entity.pk, batch_id=sheet.batch.pk, language=entity.language, at=call.at)
    terms = int(entity.settings.get("default_terms_days", write.DEFAULT_TERMS))
    write.write_documents(write.Target(entity.pk, sheet.batch.pk, terms, call.at, call.day), stage.documents)
    refused = set()
    for line, code, params, _raw in write.refused():
        refused.add(line - 1)
        if code == "duplicate_in_file":
            code = "row_other_facts"
        sheet.refuse(line - 1, code, str(params.get("field", "number")), **params)
    return refused


def _tell(sheet: Sheet, rows: list[Row], refused: set[int]) -> None:
    """Say of each row what it did, asked of the ledger itself."""
    numbers = {row.data["number"] for row in rows}
    known = {
        (kind, number): (pk, batch_id)
        for pk, kind, number, batch_id in Invoice.objects.filter(
            entity=sheet.entity, number__in=numbers
        ).values_list("pk", "kind", "number", "batch_id")
    }
    changed = set(ImportChange.objects.filter(batch=sheet.batch).values_list("invoice_id", flat=True))
    seen: set[int] = set()
    for row in rows:
        if row.index in refused:
            continue
        pk, batch_id = known[row.data["kind"], row.data["number"]]
        first = pk not in seen
        seen.add(pk)
        created, updated = first and batch_id == sheet.batch.pk, first and pk in changed
        sheet.done(row.index, CREATED if created else UPDATED if updated else UNCHANGED, pk)
