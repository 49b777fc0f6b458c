"""Every code that intake can give, with its sentence: what is wrong, and what to do. Stored as code and params,
put in words in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.answers import sentences as answers
from ledger.bank import sentences as bank
from ledger.bulk import sentences as bulk
from ledger.drop import sentences as drop
from ledger.intake import einvoice_sentences as einvoices
from ledger.intake import sentences_tables as tables

FILE: dict[str, Promise] = {
    "empty_file": _("The file is empty. Export it again and check that it has rows."),
    "binary_file": _(
        "This is not a text file (%(kind)s). Export the list as CSV, or give the XML of the e-invoice."
    ),
    "spreadsheet": _("This is an Excel workbook. Save it as CSV and import that file."),
    "pdf": _("This is a PDF. Give the XML of the e-invoice, or a CSV list."),
    "too_large": _("The file is larger than %(limit)s MB. Split it, or compress it with gzip."),
    "broken_gzip": _("The compressed file is damaged. Make it again."),
    "no_such_file": _("There is no such file or folder."),
    "not_permitted": _("The file cannot be opened: permission denied."),
    "wrong_format": _("The file is not in the format %(format)s that was asked for. Use --format auto."),
    "broken_xml": _("The XML is broken at this place: %(detail)s. Ask the sender for a whole file."),
    "xml_doctype": _("The XML has a document type declaration, which is refused for safety. Remove it."),
    "xml_too_deep": _("The XML is nested too deeply."),
    "not_an_invoice_list": _(
        "No column was recognised for: %(missing)s. Columns found: %(found)s. Choose the columns on the import page, "
        "or name a saved profile."
    ),
    "unknown_profile": _("There is no profile named %(profile)s for this entity."),
    "no_columns": _("The file has only one column. Check the delimiter of the export."),
    "entity_unclear": _(
        "Several legal entities exist and the file does not say which one it belongs to. Name one."
    ),
}

ROW: dict[str, Promise] = {
    "missing": _("%(field)s is missing. Fill the cell and import the row again."),
    "no_column": _(
        "The file has no column for %(field)s. Choose one, or give a fixed value, on the import page."
    ),
    "not_an_amount": _("“%(value)s” is not an amount. Write it with digits, for example 1234.56."),
    "ambiguous_amount": _(
        "“%(value)s” can be read in two ways, and this column mixes styles. Write it without thousands separator."
    ),
    "amount_too_large": _("%(value)s is too large. Amounts go up to 999,999,999,999.99."),
    "zero_amount": _("The amount is zero. A document needs an amount other than zero."),
    "amounts_disagree": _(
        "Net %(net)s plus tax %(tax)s is not the total %(amount)s: the difference is %(difference)s. Correct the row."
    ),
    "not_a_date": _("“%(value)s” is not a date that exists. Write it as 2026-03-31."),
    "ambiguous_date": _(
        "“%(value)s” can be read as two dates, and this column mixes styles. Write it as 2026-03-31."
    ),
    "date_out_of_range": _("%(value)s is outside the years 1970 to 2100. Check the year."),
    "not_a_number_of_days": _("“%(value)s” is not a number of days between 0 and 999."),
    "not_a_currency": _("“%(value)s” is not a currency code. Use three letters, for example EUR."),
    "paid_too_much": _("Paid %(paid)s of %(amount)s. Record the surplus as a payment of its own."),
    "cell_too_long": _("The cell has %(length)s characters; at most %(limit)s fit. Shorten it."),
    "line_too_long": _("The line is longer than %(limit)s characters. Check the file around this place."),
    "nul_byte": _("The row has a byte that is not text. Export the file again."),
    "wrong_column_count": _(
        "The row has %(found)s cells; the header has %(expected)s. Check quotes and delimiters in this row."
    ),
    "unclosed_quote": _("A quotation mark opens in this row and does not close. Close it or remove it."),
    "duplicate_in_file": _(
        "%(number)s is already in this file at line %(first)s with other facts. Keep one of the two."
    ),
    "duplicate_across_files": _("%(number)s was in an earlier row with other facts. Keep one of the two."),
    "facts_differ": _(
        "%(number)s is already recorded with %(field)s %(recorded)s; this row says %(value)s. Facts of an issued "
        "document never change: send a credit note and a new invoice, or correct the row."
    ),
    "group_disagrees": _(
        "The rows of %(number)s disagree on %(field)s (%(first)s, %(second)s). Make them equal."
    ),
    "unknown_salesperson": _("No person with the e-mail address %(value)s works for this entity."),
    "totals_differ": _(
        "The document says %(stated)s for %(what)s, but its parts add up to %(computed)s: a difference of "
        "%(difference)s. Ask the sender for a corrected document."
    ),
    "other_entity": _(
        "This invoice was issued by %(seller)s, which is the entity %(code)s. Import it there."
    ),
    "mixed_currencies": _("Amounts of this document are in several currencies (%(found)s)."),
    "not_accepted": _("The ledger did not accept the row: %(detail)s"),
}

WORD: dict[str, Promise] = {
    "blank_lines": _("Blank lines skipped: %(count)s."),
    "totals_row": _("Totals rows skipped: %(count)s (the first at line %(line)s)."),
    "same_in_file": _("Rows that repeat an earlier row of the file, counted as unchanged: %(count)s."),
    "negative_is_credit_note": _("Negative amounts recorded as credit notes: %(count)s."),
    "rounded": _(
        "Amounts rounded to the decimals of their currency: %(count)s (the first at line %(line)s)."
    ),
    "currency_assumed": _("The file names no currency: %(currency)s was taken."),
    "due_assumed": _("Documents without a due date: %(count)s; %(days)s days after issue were taken."),
    "dates_ambiguous": _("Every date of “%(column)s” could be read in two ways; it was read as %(style)s."),
    "amounts_ambiguous": _(
        "Every amount of “%(column)s” could be read in two ways; it was read as %(style)s."
    ),
    "rows_grouped": _("The file has one row per invoice line: rows with the same number were put together."),
    "other_seller": _("The documents name another seller (%(seller)s); they were recorded for %(entity)s."),
    "asks_for_other_amount": _(
        "Documents that ask for an amount other than their own total less prepayments: %(count)s."
    ),
    "salesperson_unknown": _("Salespeople not found by e-mail address, left out: %(count)s."),
    "contact_no_address": _(
        "Contacts that are no e-mail addresses, left out: %(count)s (the first at line %(line)s)."
    ),
    "paid_more_left_out": _("Prepayments above the document's total, left out: %(count)s."),
    "due_before_issue": _(
        "Documents due before they were issued, kept as written: %(count)s (the first at line %(line)s)."
    ),
    "no_rows": _("The file has a header and no rows."),
}

ALL: dict[str, Promise] = (
    FILE
    | ROW
    | WORD
    | answers.ALL
    | bank.ALL
    | bulk.ALL
    | drop.ALL
    | tables.FILE
    | tables.ROW
    | tables.WORD
    | einvoices.ALL
)

FIELDS: dict[str, Promise] = {
    "number": _("Invoice number"),
    "customer_code": _("Customer code"),
    "customer_name": _("Customer name"),
    "customer_tax_id": _("Tax id"),
    "customer_country": _("Country"),
    "customer_email": _("Customer e-mail"),
    "customer": _("Customer"),
    "issued_on": _("Issue date"),
    "due_on": _("Due date"),
    "terms_days": _("Payment terms in days"),
    "amount": _("Amount"),
    "net": _("Net amount"),
    "tax": _("Tax"),
    "currency": _("Currency"),
    "kind": _("Kind of document"),
    "order_reference": _("Order reference"),
    "corrects": _("Corrected invoice"),
    "salesperson": _("Salesperson's e-mail"),
    "settled_on": _("Settled on"),
    "paid": _("Paid amount"),
    "line_description": _("Line: description"),
    "line_quantity": _("Line: quantity"),
    "line_unit_price": _("Line: unit price"),
    "line_net": _("Line: net amount"),
    "line_tax": _("Line: tax"),
    "line_tax_rate": _("Line: tax rate"),
    "line_amount": _("Line: amount with tax"),
    **bank.FIELDS,
}
FIELDS |= tables.FIELDS


def sentence(code: str, params: Mapping[str, Any] | None = None) -> str:
    """The sentence of `code` in the active language. A param that names a field is put in words too."""
    words = dict(params or {})
    if "field" in words:
        words["field"] = str(FIELDS.get(str(words["field"]), words["field"]))
    if "why" in words:
        words["why"] = sentence(str(words.pop("why")), words)
    if isinstance(words.get("missing"), list | tuple):
        words["missing"] = ", ".join(str(FIELDS.get(name, name)) for name in words["missing"])
    template = str(ALL.get(code, code))
    try:
        return template % words
    except (KeyError, ValueError):
        return template


def place(line: int, column: str | int = "") -> str:
    """Where in the file: `line 12, column due date`. Stable words, because scripts read them."""
    where = f"line {line}" if line else "file"
    return f"{where}, column {column}" if column else where
