"""Every e-invoice format by name, and how a file of it is read."""

from collections.abc import Callable
from pathlib import Path

from lxml import etree

from ledger.intake.cii_reader import is_cii, read_cii
from ledger.intake.documents import NoticeBook
from ledger.intake.einvoice import EFile
from ledger.intake.facturae_reader import ROOT as FACTURAE_ROOT
from ledger.intake.facturae_reader import read_facturae
from ledger.intake.fatturapa_reader import ROOT as FATTURAPA_ROOT
from ledger.intake.fatturapa_reader import read_fatturapa
from ledger.intake.pdf_reader import invoice_xml
from ledger.intake.ubl_reader import is_ubl, read_ubl
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
        root = parse_xml(path, notices, mend=name == FATTURAPA)
    else:
        root = parse_bytes(invoice_xml(path), notices)
    return _reader_of(root, name)(root, notices)


def _reader_of(root: etree._Element, name: str) -> ReadRoot:
    """The reader of the first invoice inside; of an envelope or a PDF, the format alone does not tell."""
    if name in {CII, FACTURAE, FATTURAPA}:
        return READERS[name]
    for element in root.iter():
        if is_ubl(element):
            return read_ubl
        if is_cii(element):
            return read_cii
        if local_name(element) == FACTURAE_ROOT:
            return read_facturae
        if local_name(element) == FATTURAPA_ROOT:
            return read_fatturapa
    return read_ubl
