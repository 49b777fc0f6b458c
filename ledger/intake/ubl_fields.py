"""Reads single fields of a UBL document, each error with its line and element."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import cast

from lxml import etree

from ledger.intake.dates import FIRST_YEAR, LAST_YEAR
from ledger.intake.documents import BadCell
from ledger.intake.xml_safe import local_name

NS = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}


def all_of(element: etree._Element, path: str) -> list[etree._Element]:
    """Every node of an XPath in UBL terms."""
    return cast("list[etree._Element]", element.xpath(path, namespaces=NS))


def one_of(element: etree._Element, path: str) -> etree._Element | None:
    """The first node, or None."""
    found = all_of(element, path)
    return found[0] if found else None


def text_of(element: etree._Element, path: str) -> str:
    """The text of the first node, spaces folded; empty when there is none."""
    found = one_of(element, path)
    return " ".join((found.text or "").split()) if found is not None else ""


def amount_of(element: etree._Element, path: str) -> Decimal | None:
    """The amount of the first node; None when it is absent or empty. Raises BadCell."""
    found = one_of(element, path)
    return decimal_of(found) if found is not None and (found.text or "").strip() else None


def decimal_of(node: etree._Element) -> Decimal:
    """The amount of a node. Raises BadCell with its place."""
    text = (node.text or "").strip()
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise BadCell(
            "not_an_amount", value=text[:80], line=line_of(node), column=local_name(node)
        ) from error
    if not value.is_finite():
        raise BadCell("not_an_amount", value=text[:80], line=line_of(node), column=local_name(node))
    return value


def date_of(element: etree._Element, path: str) -> date | None:
    """The date of the first node; None when it is absent or empty. Raises BadCell with its place."""
    found = one_of(element, path)
    if found is None or not (found.text or "").strip():
        return None
    text = (found.text or "").strip()
    where = {"value": text[:80], "line": line_of(found), "column": local_name(found)}
    try:
        value = date.fromisoformat(text[:10])
    except ValueError as error:
        raise BadCell("not_a_date", **where) from error
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise BadCell("date_out_of_range", **where)
    return value


def line_of(element: etree._Element) -> int:
    """The line of the file at which the element starts."""
    return int(cast("int", element.sourceline) or 0)
