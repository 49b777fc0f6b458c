"""Every e-invoice format by name, and how a file of it is read."""

from collections.abc import Callable
from pathlib import Path

from lxml import etree

from ledger.intake.cii_reader import is_cii, read_cii
from ledger.intake.documents import NoticeBook, Unreadable
from ledger.intake.einvoice import EFile
from ledger.intake.facturae_reader import read_facturae
from ledger.intake.fatturapa_reader import read_fatturapa
from ledger.intake.pdf_reader import invoice_xml
from ledger.intake.ubl_reader import is_ubl, read_ubl
from ledger.intake.xml_fields import line_of
from ledger.intake.xml_safe import local_name, parse_bytes, parse_xml

UBL, CII, FACTURX, FACTURAE, FATTURAPA = "ubl", "cii", "facturx", "facturae", "fatturapa"
ReadRoot = Callable[[etree._Element, NoticeBook], EFile]
READERS: dict[str, ReadRoot] = {
    UBL: read_ubl,
    CII: read_cii,
    FACTURAE: read_facturae,
    FATTURAPA: read_fatturapa,
}
NAMES = (*READERS, FACTURX)
HEADER = ("number", "amount", "currency")


def read_einvoices(path: Path, name: str, notices: NoticeBook) -> EFile:
    """The e-invoices of one file of the format `name`. Raises Unreadable."""
    if name != FACTURX:
        return READERS[name](parse_xml(path, notices, mend=name == FATTURAPA), notices)
    root = parse_bytes(invoice_xml(path), notices)
    return _reader_of(root)(root, notices)


def _reader_of(root: etree._Element) -> ReadRoot:
    """What a PDF carries is told by its root; the places in it are those of the attachment."""
    name = local_name(root)
    if is_cii(etree.QName(root).namespace or "", name):
        return read_cii
    if is_ubl(root):
        return read_ubl
    if name == "Facturae":
        return read_facturae
    if name == "SCRDMCCBDACIOMessageStructure":
        raise Unreadable("an_order", line_of(root))
    raise Unreadable("unknown_xml", line_of(root), root=name)
