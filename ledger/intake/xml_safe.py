"""Parses XML from strangers: no entities, no network, no document type, bounded in size, depth and number of tags."""

import re
from pathlib import Path

from lxml import etree

from ledger.intake.documents import NoticeBook, Unreadable
from ledger.intake.source import HEAD, open_bytes, utf16_of

MAX_XML = 50 << 20
MAX_DEPTH = 64
MAX_TAGS = 4_000_000
PREMATURE = "Premature end of data"
ROOT_TAG = re.compile(rb"<([A-Za-z_][\w.:\-]*)")
# What libxml2 says of a text that is longer than its own 10 MB.
TOO_LONG = ("text node", "buffer size limit")
DECLARATION = re.compile(r"\A\s*<\?xml\b[^>]*\?>")
# What libxml2 says when the bytes are not in the encoding that the declaration names.
ENCODING_TROUBLE = ("encoding", "not proper UTF-8", "UTF-16", "Document labelled", "Blank needed here")


def parse_xml(path: Path, notices: NoticeBook | None = None, *, mend: bool = False) -> etree._Element:
    """The root element. Raises Unreadable with line and column when the XML is broken or not safe.

    `mend` reads a file in which nothing but the very last tag is missing; only for formats whose documents are whole
    elements below the root, so that nothing of a document can be lost.
    """
    with open_bytes(path, MAX_XML + 1) as stream:
        data = stream.read(MAX_XML + 1)
    try:
        return parse_bytes(data, notices)
    except Unreadable as error:
        if not mend or PREMATURE not in str(error.params.get("detail", "")):
            raise
        return _mended(data, error, notices)


def _mended(data: bytes, broken: Unreadable, notices: NoticeBook | None) -> etree._Element:
    """The XML with its root closed; `broken` again when more than that is missing."""
    opened = ROOT_TAG.search(data[:HEAD])
    if opened is None:
        raise broken
    try:
        root = parse_bytes(data.rstrip() + b"</" + opened[1] + b">", notices)
    except Unreadable:
        raise broken from None
    if notices is not None:
        notices.add("last_tag_missing", broken.line)
    return root


def parse_bytes(data: bytes, notices: NoticeBook | None = None) -> etree._Element:
    """The root element of an XML in memory. Raises Unreadable as parse_xml does."""
    if len(data) > MAX_XML or data.count(b"<") > MAX_TAGS:
        raise Unreadable("xml_too_large", limit=MAX_XML >> 20)
    try:
        root = _parsed(data.strip() if data[:1].isspace() else data)
    except etree.XMLSyntaxError as error:
        text = _decoded(data) if _is_encoding_trouble(error) else None
        if text is None:
            raise _broken(error) from error
        root = _again(text)
        if notices is not None:
            notices.add("encoding_declared_wrong")
    except ValueError as error:
        raise Unreadable("broken_xml", 1, 1, detail=str(error)) from error
    _refuse_declarations(root)
    return root


def _parsed(data: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        if not any(word in str(error.msg).lower() for word in TOO_LONG):
            raise
    # A large attachment in one element. Entities stay off, and the size of the whole is bounded before.
    huge = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
    )
    return etree.fromstring(data, huge)


def _again(text: str) -> etree._Element:
    """The XML without its wrong declaration; lines stay where they were."""
    without = DECLARATION.sub(lambda found: "\n" * found[0].count("\n"), text)
    try:
        return _parsed(without.encode("utf-8", "replace"))
    except etree.XMLSyntaxError as error:
        raise _broken(error) from error
    except ValueError as error:
        raise Unreadable("broken_xml", 1, 1, detail=str(error)) from error


def _is_encoding_trouble(error: etree.XMLSyntaxError) -> bool:
    return any(word.lower() in str(error.msg).lower() for word in ENCODING_TROUBLE)


def _decoded(data: bytes) -> str | None:
    """The text as its bytes say, whatever the declaration claims; None when they do not tell."""
    wide = utf16_of(data[:HEAD])
    try:
        return data.decode(wide or "utf-8-sig")
    except UnicodeDecodeError:
        return None if wide else data.decode("cp1252", "replace")


def _broken(error: etree.XMLSyntaxError) -> Unreadable:
    line, column = error.position
    return Unreadable("broken_xml", line, column, detail=str(error.msg or "").split(", line")[0])


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
