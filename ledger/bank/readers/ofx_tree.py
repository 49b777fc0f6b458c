"""The elements of an OFX file, SGML (1.x, end tags left out) or XML (2.x), read without a parser of either."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ledger.bank.readers.common import MAX_ENTRIES, joined
from ledger.bank.readers.records import text_encoding
from ledger.intake.documents import Unreadable
from ledger.intake.source import open_bytes
from ledger.intake.xml_safe import MAX_DEPTH

MAX_OFX = 50 << 20
TOKEN = re.compile(
    r"<!\[CDATA\[(?P<raw>.*?)(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|<![^<>]*>"
    r"|<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9._]*)[^<>]*>|(?P<text>[^<]+|<)",
    re.DOTALL,
)
# What holds other elements. Anything else is a value, or says nothing.
HOLDERS = frozenset({
    "OFX", "SIGNONMSGSRSV1", "SONRS", "FI", "STATUS", "BANKMSGSRSV1", "CREDITCARDMSGSRSV1", "INVSTMTMSGSRSV1",
    "STMTTRNRS", "CCSTMTTRNRS", "INVSTMTTRNRS", "STMTRS", "CCSTMTRS", "INVSTMTRS", "BANKACCTFROM", "CCACCTFROM",
    "BANKTRANLIST", "BANKTRANLISTP", "STMTTRN", "STMTTRNP", "PAYEE", "BANKACCTTO", "CCACCTTO", "CURRENCY",
    "ORIGCURRENCY", "LEDGERBAL", "AVAILBAL", "BALLIST", "BAL", "INVTRANLIST", "INVBANKTRAN",
})  # fmt: skip
# One of these inside another of its kind means that the end tag of the first was left out.
ALONE = frozenset({"STMTTRN", "STMTTRNP"})


@dataclass(slots=True)
class Holder:
    """An element that holds others: its values by name (the first of each counts) and what it holds."""

    name: str
    line: int
    values: dict[str, str] = field(default_factory=dict)
    inner: list[Holder] = field(default_factory=list)

    def value(self, *path: str) -> str:
        """The value at `path`, empty when it is not there."""
        here: Holder | None = self
        for name in path[:-1]:
            here = next((each for each in here.inner if each.name == name), None) if here else None
        return here.values.get(path[-1], "") if here else ""

    def all(self, *names: str) -> Iterator[Holder]:
        """Everything below with one of the names, in the order of the file."""
        waiting = list(reversed(self.inner))
        while waiting:
            here = waiting.pop()
            if here.name in names:
                yield here
            waiting.extend(reversed(here.inner))


def read_tree(path: Path) -> Holder:
    """The OFX element of the file. Raises Unreadable when there is none or its end is missing."""
    with open_bytes(path, MAX_OFX + 1) as stream:
        data = stream.read(MAX_OFX + 1)
    if len(data) > MAX_OFX:
        raise Unreadable("too_large", limit=MAX_OFX >> 20)
    text = data.decode(text_encoding(path), "replace")
    first = re.search(r"<OFX[\s>]", text, re.IGNORECASE)
    if first is None:
        raise Unreadable("no_statement", 1, 0, format="OFX")
    top = Holder("", 0)
    stack = [top]
    value: tuple[str, list[str]] | None = None
    place, line, holders = 0, 1, 0
    for match in TOKEN.finditer(text, first.start()):
        name = (match["name"] or "").upper()
        if not name:
            if value is not None:
                value[1].append(
                    match["raw"] if match["raw"] is not None else html.unescape(match["text"] or "")
                )
            continue
        _keep(stack[-1], value)
        value = None
        line += text.count("\n", place, match.start())
        place = match.start()
        if match["end"]:
            _close(stack, name)
            if name == "OFX":
                break
        elif name in HOLDERS:
            holders += 1
            if holders > 2 * MAX_ENTRIES:
                raise Unreadable("too_many_parts", line, 0, limit=2 * MAX_ENTRIES)
            _open(stack, Holder(name, line))
        else:
            value = (name, [])
    if len(stack) > 1 or not top.inner:
        raise Unreadable("cut_off", text.count("\n") + 1, 0, detail="</OFX>")
    return top.inner[0]


def _keep(holder: Holder, value: tuple[str, list[str]] | None) -> None:
    if value is not None and (text := joined(value[1])):
        holder.values.setdefault(value[0], text)


def _open(stack: list[Holder], holder: Holder) -> None:
    if holder.name in ALONE and stack[-1].name in ALONE:
        stack.pop()
    if len(stack) > MAX_DEPTH:
        raise Unreadable("xml_too_deep", holder.line)
    stack[-1].inner.append(holder)
    stack.append(holder)


def _close(stack: list[Holder], name: str) -> None:
    """Close `name` and what was left open in it. An end tag of a value closes nothing."""
    if any(holder.name == name for holder in stack[1:]):
        while stack.pop().name != name:
            pass
