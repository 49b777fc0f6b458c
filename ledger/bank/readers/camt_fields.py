"""The small parts of a CAMT message: texts, amounts, dates and directions, whatever the version's namespace."""

import re
from datetime import date
from decimal import Decimal
from functools import cache
from typing import cast

from lxml import etree

from ledger.bank.readers.common import amount_of, currency_of, day_of, joined
from ledger.intake.documents import Unreadable

FORMAT = "CAMT"
NOT_GIVEN = frozenset({"NOTPROVIDED", "NOT PROVIDED", "NONREF", "NOTAVAILABLE"})
DAY = re.compile(r"\s*(\d{4})-(\d{2})-(\d{2})")


def line_of(element: etree._Element) -> int:
    """The line of the file at which the element starts."""
    return cast("int", element.sourceline) or 0


def name_of(element: etree._Element) -> str:
    """The element's name without its namespace, also when a broken prefix stands before it."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


@cache
def _anywhere(path: str) -> str:
    """The path for any namespace. Paths are written in the code: there are few."""
    return "/".join("{*}" + name for name in path.split("/"))


def one(element: etree._Element | None, path: str) -> etree._Element | None:
    """The first element at `path` (names with slashes between), in any namespace."""
    return None if element is None else element.find(_anywhere(path))


def every(element: etree._Element | None, path: str) -> list[etree._Element]:
    """All elements at `path`, in any namespace."""
    if element is None:
        return []
    found: list[etree._Element] = element.findall(_anywhere(path))
    return found


def text_at(element: etree._Element | None, *paths: str) -> str:
    """The text at the first of `paths` that has one."""
    for path in paths:
        found = one(element, path)
        if found is not None and (text := joined([found.text or ""])):
            return text
    return ""


def reference_at(element: etree._Element | None, *paths: str) -> str:
    """Like text_at, but a reference that says that there is none is empty."""
    text = text_at(element, *paths)
    return "" if text.upper() in NOT_GIVEN else text[:140]


def money_at(element: etree._Element | None, path: str) -> tuple[Decimal, str] | None:
    """Amount and currency at `path`, None when it is not there. Raises Unreadable."""
    found = one(element, path)
    if found is None:
        return None
    text, line = (found.text or "").strip(), line_of(found)
    amount = amount_of(text, FORMAT, line)
    if amount < 0:
        raise Unreadable("bad_bank_amount", line, 0, value=text[:60], format=FORMAT)
    return amount, currency_of(found.get("Ccy") or "", line)


def sign_at(element: etree._Element, path: str = "CdtDbtInd") -> int:
    """1 for a credit, -1 for a debit, 0 when nothing is said. Raises Unreadable."""
    text = text_at(element, path)
    if text not in ("CRDT", "DBIT", ""):
        raise Unreadable("bad_direction", line_of(element), 0, value=text[:60])
    return {"CRDT": 1, "DBIT": -1}.get(text, 0)


def day_at(element: etree._Element | None, *paths: str) -> date | None:
    """The day at the first of `paths` that has one, as the bank wrote it, whatever its time zone. Raises Unreadable."""
    for path in paths:
        found = one(element, path)
        text = (found.text or "").strip() if found is not None else ""
        if found is None or not text:
            continue
        match = DAY.match(text)
        day = day_of(*match.groups()) if match else None
        if day is None:
            raise Unreadable("bad_bank_date", line_of(found), 0, value=text[:60], format=FORMAT)
        return day
    return None


def code_of(element: etree._Element | None) -> str:
    """A bank transaction code: PMNT-RCDT-ESCT, else the bank's own."""
    parts = [text_at(element, p) for p in ("Domn/Cd", "Domn/Fmly/Cd", "Domn/Fmly/SubFmlyCd")]
    return ("-".join(part for part in parts if part) or text_at(element, "Prtry/Cd"))[:40]
