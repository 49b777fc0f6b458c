"""Papers of a legal file drawn by typst: one layout, the data beside it. PDF/A-2b; same data, same bytes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import typst

LAYOUT = Path(__file__).with_name("document.typ")
Part = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (may be empty) and what stands below it."""

    title: str
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Document:
    """A paper: to whom (a court; empty for a sheet), its title, sections and who signs."""

    language: str
    title: str
    sections: Sequence[Section]
    footer: str
    page: str
    author: str
    to: str = ""
    subtitle: str = ""
    signature: Sequence[str] = field(default=())
    # The day the paper speaks of.
    on: date | None = None


def text(words: str) -> Part:
    """A paragraph; line breaks stay. What stands between `**` at its beginning is said strongly."""
    strong, _mark, rest = words[2:].partition("** ") if words.startswith("**") else ("", "", words)
    return {"kind": "text", "text": rest, "strong": strong}


def lead(words: str) -> Part:
    """A paragraph that opens a part."""
    return {"kind": "lead", "text": words}


def small(words: str) -> Part:
    """A remark."""
    return {"kind": "small", "text": words}


def table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int], foot: Sequence[str] = ()
) -> Part:
    """Figures; columns in `right` stand at the right, `foot` is the last row."""
    return {
        "kind": "table",
        "heads": list(heads),
        "rows": [list(row) for row in rows],
        "right": list(right),
        "foot": list(foot),
    }


def pairs(title: str, rows: Sequence[tuple[str, str]]) -> Part:
    """A frame of names and values; empty values are left out."""
    return {"kind": "pairs", "title": title, "rows": [list(row) for row in rows if row[1]]}


def listed(rows: Sequence[tuple[str, str]]) -> Part:
    """A list with marks of its own."""
    return {"kind": "list", "rows": [list(row) for row in rows]}


def as_pdf(document: Document) -> bytes:
    """The pages."""
    data = {
        "language": document.language,
        "title": document.title,
        "subtitle": document.subtitle,
        "to": document.to,
        "author": document.author,
        "footer": document.footer,
        "page": document.page,
        "sections": [{"title": one.title, "parts": list(one.parts)} for one in document.sections],
        "signature": list(document.signature),
        "date": [document.on.year, document.on.month, document.on.day] if document.on else [],
    }
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    return bytes(typst.compile(LAYOUT, sys_inputs=inputs, pdf_standards="a-2b"))
