"""The sentences of workbooks, lists of customers, fixed rows and undo: the structure of sentences.py."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FILE: dict[str, Promise] = {
    "workbook_locked": _(
        "This workbook is protected with a password. Open it, remove the password, and save it again."
    ),
    "workbook_binary": _("This is a binary Excel workbook (xlsb). Save it as xlsx and import that file."),
    "workbook_bomb": _(
        "This workbook would unpack to far more than a list needs (at most %(limit)s MB). Save it as CSV."
    ),
    "workbook_too_wide": _(
        "The cells of a sheet reach to row %(rows)s and column %(columns)s, which is more than can be read. Delete the "
        "empty rows and columns around the list, or save it as CSV."
    ),
    "broken_workbook": _("The workbook is damaged. Open it, save it again, and import the new file."),
    "empty_workbook": _(
        "The workbook has no visible sheet with cells. Check that the right file was exported."
    ),
    "unknown_encoding": _("There is no encoding named %(encoding)s. Choose one of the list."),
    "wrong_encoding": _("The file is not written in %(encoding)s. Choose another encoding."),
    "not_a_customer_list": _(
        "No column was recognised for the customer's code or name. Columns found: %(found)s. Choose the columns on the "
        "import page."
    ),
    "fec_journal": _(
        "This is a French accounting file (FEC): its lines are postings to accounts, and one invoice is many of them. "
        "Export the customers' open items or the list of sales invoices, with number, date, customer and total."
    ),
    "accounting_journal": _(
        "This is an accounting journal: its rows are postings with a debit and a credit side, not invoices. Export the "
        "list of sales invoices instead, or choose the columns on the import page if every row is one invoice."
    ),
    "no_such_sheet": _("The workbook has no sheet “%(sheet)s”. Choose another one."),
}

ROW: dict[str, Promise] = {
    "not_an_email": _("“%(value)s” is not an e-mail address. Correct it, or leave the cell empty."),
    "negative_limit": _("“%(value)s” is less than zero. A credit limit is zero or more."),
}

WORD: dict[str, Promise] = {
    "sheet_chosen": _("The sheet “%(sheet)s” was read. Other sheets of the workbook: %(others)s."),
    "sheets_left_out": _("Hidden or empty sheets left out: %(names)s."),
    "lines_above_header": _("Lines above the header (line %(line)s) left out: %(count)s."),
}

FIELDS: dict[str, Promise] = {
    "customer_phone": _("Phone"),
    "customer_language": _("Language"),
    "customer_address": _("Address"),
    "customer_city": _("City"),
    "customer_postcode": _("Postcode"),
    "customer_endpoint": _("E-invoice address"),
    "credit_limit": _("Credit limit"),
    "segment": _("Segment"),
    "contact_name": _("Contact: name"),
    "contact_surname": _("Contact: surname"),
    "contact_email": _("Contact: e-mail"),
    "contact_phone": _("Contact: phone"),
    # As the ledger's own rows call them, for what an import changes.
    "name": _("Name"),
    "tax_id": _("Tax id"),
    "endpoint": _("E-invoice address"),
    "country": _("Country"),
    "email": _("E-mail"),
    "address": _("Address"),
    "language": _("Language"),
    "billing_contact": _("Contact who gets the reminders"),
    "contact": _("New contact"),
    "contact_id": _("Contact"),
}
