"""Parses XML from strangers: no entities, no network, no document type, bounded in size and depth."""

from pathlib import Path

from lxml import etree

from ledger.intake.documents import Unreadable
from ledger.intake.source import open_bytes

MAX_XML = 50 << 20
MAX_DEPTH = 64


def parse_xml(path: Path) -> etree._Element:
    """The root element. Raises Unreadable with line and column when the XML is broken or not safe."""
    with open_bytes(path, MAX_XML + 1) as stream:
        data = stream.read(MAX_XML + 1)
    if len(data) > MAX_XML:
        raise Unreadable("xml_too_large", limit=MAX_XML >> 20)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise Unreadable(
            "broken_xml", line, column, detail=str(error.msg or "").split(", line")[0]
        ) from error
    except ValueError as error:
        raise Unreadable("broken_xml", 1, 1, detail=str(error)) from error
    _refuse_declarations(root)
    return root


def _refuse_declarations(root: etree._Element) -> None:
    """A document type can hide entities and external files; e-invoices never need one."""
    info = root.getroottree().docinfo
    if info.internalDTD is not None or info.externalDTD is not None or info.doctype:
        raise Unreadable("xml_doctype", 1)
    depth = 0
    for event, _element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise Unreadable("xml_too_deep")


def local_name(element: etree._Element) -> str:
    """The element's name without its namespace."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
