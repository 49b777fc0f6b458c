"""Parties and attachments of a CII invoice."""

from lxml import etree

from ledger.intake.documents import MAX_NAME, Party
from ledger.intake.einvoice import Attachment
from ledger.intake.einvoice_files import attachment
from ledger.intake.xml_fields import all_at, text_at, words_of


def party(node: etree._Element | None) -> Party:
    """BT-44 ff. for the buyer, BT-27 ff. for the seller. `code` stays empty: it belongs to our ERP."""
    if node is None:
        return Party()
    name = text_at(
        node, "Name", "SpecifiedLegalOrganization/TradingBusinessName", "DefinedTradeContact/PersonName"
    )
    country = text_at(node, "PostalTradeAddress/CountryID").upper()
    return Party(
        name[:MAX_NAME],
        "",
        _tax_id(node)[:40],
        _endpoint(node)[:120],
        country if len(country) == 2 else "",
        _email(node)[:254],
    )


def _tax_id(node: etree._Element) -> str:
    """The VAT number (VA); the local one (FC) is no number that others know."""
    ids = all_at(node, "SpecifiedTaxRegistration/ID")
    return next(
        (words_of(one) for one in ids if one.get("schemeID", "VA").upper() == "VA" and words_of(one)), ""
    )


def _endpoint(node: etree._Element) -> str:
    """BT-49, else a global identifier with its scheme, else the legal registration."""
    for path in (
        "URIUniversalCommunication/URIID",
        "GlobalID",
        "SpecifiedLegalOrganization/ID",
        "ID",
    ):
        for one in all_at(node, path):
            if words_of(one):
                return f"{one.get('schemeID') or ''}:{words_of(one)}".strip(":")
    return ""


def _email(node: etree._Element) -> str:
    found = text_at(node, "DefinedTradeContact/EmailURIUniversalCommunication/URIID|CompleteNumber")
    return found if "@" in found else ""


def attachments(agreed: etree._Element) -> list[Attachment]:
    """The files that the invoice carries (BT-125)."""
    nodes = all_at(agreed, "AdditionalReferencedDocument/AttachmentBinaryObject")
    found = (attachment(node, node.get("filename") or "", node.get("mimeCode") or "") for node in nodes)
    return [one for one in found if one]
