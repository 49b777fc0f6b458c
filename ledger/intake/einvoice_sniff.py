"""Tells e-invoices by the root of their XML, or by the first element inside an envelope; PDFs by their first bytes."""

import re

from ledger.intake.documents import Unreadable
from ledger.intake.peek import Peek

DRAFT = "urn:un:unece:uncefact:data:standard:CBFBUY:5"
CII = frozenset({"CrossIndustryInvoice", "CrossIndustryDocument"})
PDF = b"%PDF-"
SIGNED_DATA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
# Around an invoice in a transport: what is inside decides.
ENVELOPES = frozenset(
    {"StandardBusinessDocument", "Envelope", "Body", "xml", "Documents", "Invoices", "Batch"}
)
INSIDE = re.compile(
    r"<(?:[A-Za-z_][\w.\-]*:)?(CrossIndustryInvoice|CrossIndustryDocument|Facturae|FatturaElettronica|Invoice|CreditNote)"
    r"[\s>/]"
)


def root_inside(peek: Peek) -> str:
    """The name of the invoice's root element, looked for inside known envelopes too; empty when there is none."""
    namespace, name = peek.root
    if name == "Invoice" and namespace == DRAFT:
        return "CrossIndustryDocument"
    if name in ENVELOPES or name == "Signature":
        found = INSIDE.search(peek.text)
        return found[1] if found else name
    return name


def is_pdf(peek: Peek) -> bool:
    """A PDF may have a few bytes before its mark."""
    return PDF in peek.head[:1024] and not peek.text.startswith("<")


def is_cii(peek: Peek) -> bool:
    """UN/CEFACT Cross Industry Invoice and ZUGFeRD 1.0."""
    return root_inside(peek) in CII


def is_facturae(peek: Peek) -> bool:
    """Facturae, signed or not."""
    return root_inside(peek) == "Facturae"


def is_fatturapa(peek: Peek) -> bool:
    """FatturaPA, and its simplified sister, which is refused with words."""
    return root_inside(peek).startswith("FatturaElettronica")


def refuse_container(peek: Peek) -> None:
    """Raise Unreadable for a PKCS #7 container (.p7m), DER or base64, around whatever it signs."""
    head = peek.head
    der = head[:1] == b"\x30" and SIGNED_DATA in head[:64]
    if der or head.lstrip().startswith((b"-----BEGIN PKCS7", b"-----BEGIN CMS", b"MIAGCSqGSIb3DQEHAq")):
        raise Unreadable("signed_container")
