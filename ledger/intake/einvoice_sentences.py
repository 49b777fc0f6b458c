"""The sentences about e-invoices; see sentences.py."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FILE: dict[str, Promise] = {
    "unknown_xml": _(
        "This XML is no invoice that is known here (its root element is %(root)s). Known are UBL 2.1, CII, Factur-X "
        "and ZUGFeRD, Facturae 3.x and FatturaPA 1.2."
    ),
    "other_einvoice": _(
        "This is an e-invoice in the format %(format)s, which is not read. Ask for its full version."
    ),
    "an_order": _("This is an order, not an invoice. Nothing is owed by it yet; give the invoice."),
    "no_invoice_inside": _("This %(format)s file has no invoice inside. Ask the sender for a whole file."),
    "xml_too_large": _("The XML is larger than %(limit)s MB or has too many elements. Split it."),
    "pdf_without_invoice": _(
        "This PDF carries no e-invoice (no factur-x.xml or the like is attached). Give the XML of the invoice, "
        "or a list."
    ),
    "pdf_several_xml": _(
        "This PDF carries several XML files (%(names)s) and none has the name of an e-invoice. Give the "
        "right one alone."
    ),
    "pdf_encrypted": _("This PDF is locked with a password. Save it without password and give it again."),
    "broken_pdf": _("This PDF is damaged (%(detail)s). Ask the sender for it again."),
    "signed_container": _(
        "This is a signed container (.p7m). Take the XML out of it, for example with the signature program, and "
        "give that."
    ),
    "nested_archive": _("This is an archive inside an archive. Unpack it and give its files."),
    "archive_unsafe": _("The archive names files outside of itself (%(name)s). It is refused as a whole."),
    "archive_too_many": _("The archive has more than %(limit)s files. Split it."),
    "archive_too_large": _(
        "The archive unpacks to more than %(limit)s MB, or far more than its size. Split it."
    ),
    "archive_encrypted": _("The archive is locked with a password. Make it again without one."),
    "archive_broken": _("The archive is damaged (%(detail)s). Make it again."),
    "archive_empty": _("The archive has no files."),
}

ROW: dict[str, Promise] = {
    "not_in_document": _("The document does not say its %(field)s. Ask the sender for a corrected document."),
    "a_bill_to_us": _(
        "This invoice was issued to %(code)s by %(seller)s: it is a bill to pay. Only invoices that you issued come in."
    ),
    "zero_total": _(
        "Its total is zero: there is nothing to collect, so it was not recorded. Nothing needs to be done."
    ),
    "finer_than_currency": _(
        "%(value)s has more decimals than the ledger keeps for %(currency)s. Ask the sender for a corrected document."
    ),
}

WORD: dict[str, Promise] = {
    "encoding_declared_wrong": _(
        "The XML is not in the encoding that it declares; it was read as what it is."
    ),
    "credit_note_with_minus": _(
        "Credit notes with a negative total, read as credit notes all the same: %(count)s."
    ),
    "payable_rounded": _(
        "Documents that ask for a rounded amount: %(count)s. The total before rounding was recorded."
    ),
    "instalments": _(
        "Documents payable in instalments: %(count)s. The earliest date was taken as due date of the whole."
    ),
    "currency_from_amounts": _("The document names its currency (%(currency)s) at the amounts only."),
    "last_tag_missing": _("The file ends before its last tag. Every document in it is whole and was read."),
    "lines_with_tax": _(
        "Documents whose lines are stated with tax: %(count)s. They were recorded without it."
    ),
    "lines_rounded": _("Documents whose lines differ from their sum by rounding: %(count)s."),
    "signature_not_checked": _("The file is signed. The signature was not checked."),
    "tax_id_looks_wrong": _(
        "The tax id %(value)s of %(name)s cannot be right: its check digit does not fit. It was kept as written."
    ),
    "taxes_withheld": _(
        "Documents with withheld taxes: %(count)s. Amount and tax were recorded without what is withheld."
    ),
    "guarantee_held_back": _(
        "Documents of which the customer holds back a guarantee: %(count)s. It stays open."
    ),
    "withheld_as_paid": _(
        "Documents with tax that the customer pays to the state instead: %(count)s. It was booked as paid."
    ),
    "total_computed": _("Documents without a total, computed from net and tax: %(count)s."),
    "number_with_series": _(
        "Numbers that another series has already: %(count)s. They were recorded with their series, for "
        "example %(number)s."
    ),
    "files_left_out": _("Attached files that were too large or too many, left out: %(count)s."),
}

ALL: dict[str, Promise] = FILE | ROW | WORD
