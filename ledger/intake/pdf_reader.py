"""Takes the invoice out of a hybrid PDF: Factur-X, ZUGFeRD 1.0 and 2, whatever its attachment is called."""

import logging
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from ledger.intake.documents import Unreadable
from ledger.intake.source import open_bytes

# What a stranger's PDF has wrong is told to who imports it, not to the log.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

MAX_PDF = 100 << 20
MAX_ATTACHED = 200
MAX_NODES = 5000
# As the standards call it, in all their versions; the order is the order of trust.
NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "zugferd-invoice-2.xml", "facturx.xml")
ORDERS = ("order-x.xml",)
# What a damaged PDF makes the library raise.
DAMAGE = (
    PyPdfError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    zlib.error,
)


def invoice_xml(path: Path) -> bytes:
    """The XML of the one invoice that the PDF carries. Raises Unreadable with the remedy when there is none."""
    with open_bytes(path, MAX_PDF + 1) as stream:
        data = stream.read(MAX_PDF + 1)
    if len(data) > MAX_PDF:
        raise Unreadable("too_large", limit=MAX_PDF >> 20)
    try:
        return _chosen(_opened(data))
    except DAMAGE as error:
        raise Unreadable("broken_pdf", detail=(str(error) or type(error).__name__)[:200]) from error


def _opened(data: bytes) -> PdfReader:
    reader = PdfReader(BytesIO(data))
    if reader.is_encrypted:
        # A PDF that only forbids printing or copying opens with the empty password.
        try:
            opened = bool(reader.decrypt(""))
        except DAMAGE as error:
            raise Unreadable("pdf_encrypted") from error
        if not opened:
            raise Unreadable("pdf_encrypted")
    return reader


def _chosen(reader: PdfReader) -> bytes:
    """The attachment with a name of the standards, else the only XML there is."""
    found: dict[str, DictionaryObject] = {}
    for name, spec in _attached(reader):
        found.setdefault(name.lower(), spec)
    for name in NAMES:
        if name in found:
            return _content(found[name])
    if any(name in found for name in ORDERS):
        raise Unreadable("an_order")
    others = [name for name in found if name.endswith(".xml")]
    if len(others) == 1:
        return _content(found[others[0]])
    if others:
        raise Unreadable("pdf_several_xml", names=", ".join(sorted(others))[:300])
    raise Unreadable("pdf_without_invoice")


def _attached(reader: PdfReader) -> Iterator[tuple[str, DictionaryObject]]:
    """Every attached file: of the document (/AF) and of the tree of names (/EmbeddedFiles)."""
    root = _dictionary(reader.trailer.get("/Root"))
    count = 0
    for spec in (*_list(root.get("/AF")), *_leaves(root)):
        file = _dictionary(spec)
        if "/EF" in file:
            count += 1
            if count > MAX_ATTACHED:
                return
            yield str(file.get("/UF") or file.get("/F") or ""), file


def _leaves(root: DictionaryObject) -> Iterator[Any]:
    """The values of the tree of embedded files, however deep, each node once."""
    waiting: list[Any] = [_dictionary(root.get("/Names")).get("/EmbeddedFiles")]
    seen: set[int] = set()
    while waiting and len(seen) < MAX_NODES:
        reference = waiting.pop()
        node = _dictionary(reference)
        mark = reference.idnum if isinstance(reference, IndirectObject) else id(node)
        if mark in seen:
            continue
        seen.add(mark)
        yield from _list(node.get("/Names"))[1::2]
        waiting += _list(node.get("/Kids"))


def _dictionary(value: Any) -> DictionaryObject:
    value = value.get_object() if value is not None and hasattr(value, "get_object") else value
    return value if isinstance(value, DictionaryObject) else DictionaryObject()


def _list(value: Any) -> list[Any]:
    value = value.get_object() if value is not None and hasattr(value, "get_object") else value
    return list(value) if isinstance(value, ArrayObject) else []


def _content(spec: DictionaryObject) -> bytes:
    """The bytes of the attachment; the library bounds what they unpack to."""
    files = _dictionary(spec.get("/EF"))
    stream = files.get("/F") or files.get("/UF")
    stream = stream.get_object() if stream is not None else None
    if stream is None or not hasattr(stream, "get_data"):
        raise Unreadable("broken_pdf", detail="EF")
    data: bytes = stream.get_data()
    if not data.strip():
        raise Unreadable("pdf_without_invoice")
    return data
