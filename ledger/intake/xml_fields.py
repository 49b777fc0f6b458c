"""Reads single fields of an XML by the names of its elements, whatever their namespace or prefix.

E-invoices of one family come under several namespaces (drafts, versions, national variants) with the same names. A path
is names joined by "/"; a name may have alternatives: "HeaderExchangedDocument|ExchangedDocument/ID".
"""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import cast

from lxml import etree

from ledger.intake.dates import FIRST_YEAR, LAST_YEAR
from ledger.intake.documents import BadCell
from ledger.intake.xml_safe import local_name

ZERO = Decimal(0)
NUMBER = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,2})?", re.ASCII)
DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?!\d)", re.ASCII)


def all_at(element: etree._Element, path: str) -> list[etree._Element]:
    """Every element at the path, in order of the document."""
    found = [element]
    for names in path.split("/"):
        wanted = names.split("|")
        found = [child for parent in found for child in parent if local_name(child) in wanted]
    return found


def outermost(root: etree._Element, wanted: Callable[[etree._Element], bool]) -> list[etree._Element]:
    """The wanted elements in order, the root among them; what stands inside of one is a part of it."""
    found, waiting = [], [root]
    while waiting:
        element = waiting.pop()
        if wanted(element):
            found.append(element)
        else:
            waiting += reversed(element)
    return found


def first_at(element: etree._Element | None, *paths: str) -> etree._Element | None:
    """The first element at the first of the paths that has one."""
    if element is None:
        return None
    return next((found[0] for path in paths if (found := all_at(element, path))), None)


def words_of(node: etree._Element | None) -> str:
    """The text of a node, blanks folded."""
    return " ".join((node.text or "").split()) if node is not None else ""


def text_at(element: etree._Element | None, *paths: str) -> str:
    """The first text at the paths that is not empty."""
    if element is None:
        return ""
    for path in paths:
        for node in all_at(element, path):
            if found := words_of(node):
                return found
    return ""


def amount_at(element: etree._Element | None, *paths: str) -> Decimal | None:
    """The first amount at the paths; None when there is none. Raises BadCell."""
    if element is None:
        return None
    for path in paths:
        for node in all_at(element, path):
            if words_of(node):
                return decimal_of(node)
    return None


def sum_at(element: etree._Element | None, path: str) -> Decimal:
    """The sum of all amounts at the path. Raises BadCell."""
    if element is None:
        return ZERO
    return sum((decimal_of(node) for node in all_at(element, path) if words_of(node)), ZERO)


def decimal_of(node: etree._Element) -> Decimal:
    """The amount of a node. Raises BadCell with its place."""
    text = (node.text or "").strip()
    where = {"value": text[:80], "line": line_of(node), "column": local_name(node)}
    if not NUMBER.fullmatch(text):
        raise BadCell("not_an_amount", **where)
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise BadCell("not_an_amount", **where) from error
    if value and value.adjusted() > 15:
        raise BadCell("amount_too_large", **where)
    if value and value.adjusted() < -30:
        raise BadCell("not_an_amount", **where)
    return value


def date_at(element: etree._Element | None, *paths: str) -> date | None:
    """The first date at the paths; None when there is none. Raises BadCell with its place."""
    if element is None:
        return None
    for path in paths:
        for node in all_at(element, path):
            if words_of(node):
                return day_of(node)
    return None


def day_of(node: etree._Element) -> date:
    """The date of a node, written 2026-03-31 or 20260331, with or without time. Raises BadCell with its place."""
    text = (node.text or "").strip()
    where = {"value": text[:80], "line": line_of(node), "column": local_name(node)}
    found = DAY.match(text)
    try:
        value = date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError as error:
        raise BadCell("not_a_date", **where) from error
    if value is None:
        raise BadCell("not_a_date", **where)
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise BadCell("date_out_of_range", **where)
    return value


def days_after(day: date, days: int) -> date:
    """The day so many days later, never past what the calendar of the ledger knows."""
    return min(day + timedelta(days=max(0, min(days, 3650))), date(LAST_YEAR, 12, 31))


def line_of(element: etree._Element) -> int:
    """The line of the file at which the element starts."""
    return int(cast("int", element.sourceline) or 0)
