"""Templates of letters: plain text with holes, and nothing else.

`{{ name }}` puts a value in; `{{#name}}...{{/name}}` keeps its inside only when the value is not empty,
`{{^name}}...{{/name}}` only when it is; `{{> name}}`, alone on its line, puts a table, links or the box to pay
in. Values are given by the caller: there are no attributes, calls, filters or loops, so a template can reach nothing
it was not handed. One text gives both the plain and the HTML version of a letter.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from django.conf import settings
from django.utils.translation import gettext as _

from mailroom import paybox
from mailroom.errors import BadTemplate
from mailroom.paybox import PayBox

TAG = re.compile(r"\{\{\s*([#^/>]?)\s*([a-z][a-z0-9_]*)\s*\}\}")
LOOSE = re.compile(r"\{\{|\}\}")
BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells as they are to be read. Columns in `right` are figures; `foot` is the last row."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()
    foot: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.rows)


@dataclass(frozen=True, slots=True)
class Links:
    """Things to press: the words and the address of each."""

    rows: tuple[tuple[str, str], ...]

    def __bool__(self) -> bool:
        return bool(self.rows)


Value = str | Table | Links | PayBox
Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a template: words (`""`), a value (`=`), a table (`>`) or a section (`#`, `^`)."""

    sign: str
    text: str
    inside: tuple["Node", ...] = ()


@lru_cache(maxsize=512)
def parse(source: str) -> tuple[Node, ...]:
    """The parts of a template; raises BadTemplate with a sentence when a section is not closed."""
    levels: list[tuple[Node | None, list[Node]]] = [(None, [])]
    position = 0
    for tag in TAG.finditer(source):
        _words(source[position : tag.start()], levels[-1][1])
        position = tag.end()
        sign, name = tag.groups()
        if sign in ("#", "^"):
            levels.append((Node(sign, name), []))
        elif sign == "/":
            opening, inside = levels.pop()
            if opening is None or opening.text != name:
                raise BadTemplate(
                    _("“%(name)s” is closed but was not opened.") % {"name": name}, code="template"
                )
            levels[-1][1].append(Node(opening.sign, name, tuple(inside)))
        else:
            levels[-1][1].append(Node(sign or "=", name))
    _words(source[position:], levels[-1][1])
    opening, nodes = levels[-1]
    if opening is not None:
        raise BadTemplate(
            _("“%(name)s” is opened but never closed.") % {"name": opening.text}, code="template"
        )
    return tuple(nodes)


def _words(text: str, into: list[Node]) -> None:
    loose = LOOSE.search(text)
    if loose:
        near = text[loose.start() : loose.start() + 30]
        raise BadTemplate(_("This is not understood: “%(near)s”.") % {"near": near}, code="template")
    if text:
        into.append(Node("", text))


def names(nodes: Iterable[Node]) -> Iterator[str]:
    """Every name a template uses."""
    for node in nodes:
        if node.sign:
            yield node.text
        yield from names(node.inside)


def check(source: str, known: Iterable[str]) -> None:
    """Refuse a template that uses a name nobody will fill."""
    unknown = sorted(set(names(parse(source))) - set(known))
    if unknown:
        sentence = _("Nobody fills “%(name)s” in this kind of letter.") % {"name": unknown[0]}
        raise BadTemplate(sentence, code="template", names=unknown)


def _walk(nodes: tuple[Node, ...], values: Values) -> Iterator[Value]:
    for node in nodes:
        if not node.sign:
            yield node.text
            continue
        if node.text not in values:
            sentence = _("Nobody fills “%(name)s” in this kind of letter.") % {"name": node.text}
            raise BadTemplate(sentence, code="template")
        value = values[node.text]
        if node.sign in ("=", ">"):
            yield value
        elif bool(value) == (node.sign == "#"):
            yield from _walk(node.inside, values)


def blocks(source: str, values: Values) -> list[Value]:
    """The letter as paragraphs, tables and links, in order."""
    result: list[Value] = []
    words: list[str] = []
    for piece in [*_walk(parse(source), values), None]:
        if isinstance(piece, str):
            words.append(piece)
            continue
        result += [part.strip() for part in BLANK_LINES.split("".join(words)) if part.strip()]
        words = []
        if piece:
            result.append(piece)
    return result


def one_line(source: str, values: Values) -> str:
    """A subject: one line, whatever the values contain (a line break in a header would forge others)."""
    return " ".join(
        "".join(piece for piece in _walk(parse(source), values) if isinstance(piece, str)).split()
    )


def as_text(parts: Iterable[Value]) -> str:
    """The plain version: paragraphs and aligned tables, an empty line between them."""
    return "\n\n".join(map(_text, parts)) + "\n"


def _text(part: Value) -> str:
    if isinstance(part, PayBox):
        return paybox.as_text(part)
    if isinstance(part, Links):
        return "\n".join(f"{words}: {address}" for words, address in part.rows)
    return _text_table(part) if isinstance(part, Table) else part


def _text_table(table: Table) -> str:
    lines = [table.head, *table.rows, *([table.foot] if table.foot else [])]
    widths = [max(len(line[i]) for line in lines) for i in range(len(table.head))]
    drawn = [
        "  ".join(_pad(cell, widths[i], i in table.right) for i, cell in enumerate(line)) for line in lines
    ]
    rule = "-" * len(drawn[0])
    foot = [rule, drawn.pop()] if table.foot else []
    return "\n".join(line.rstrip() for line in [drawn[0], rule, *drawn[1:], *foot])


def _pad(cell: str, width: int, right: bool) -> str:
    return cell.rjust(width) if right else cell.ljust(width)


def as_html(parts: Iterable[Value]) -> str:
    """The HTML of the same paragraphs and tables; every value is escaped."""
    return "\n".join(map(_html, parts))


def _html(part: Value) -> str:
    if isinstance(part, PayBox):
        return paybox.as_html(part)
    if isinstance(part, Links):
        return "\n".join(_button(words, address) for words, address in part.rows)
    return _html_table(part) if isinstance(part, Table) else _paragraph(part)


def _button(words: str, address: str) -> str:
    style = (
        "display:block;margin:0 0 12px;padding:13px 16px;border:1px solid #1f4e79;border-radius:8px;"
        "color:#1f4e79;font-weight:600;text-align:center;text-decoration:none"
    )
    return f'<a href="{escape(address)}" style="{style}">{escape(words)}</a>'


def _paragraph(text: str) -> str:
    if text.startswith(f"{settings.BASE_URL.rstrip('/')}/") and not any(map(str.isspace, text)):
        link = f'<a href="{escape(text)}" style="color:#1f4e79;overflow-wrap:anywhere">{escape(text)}</a>'
        return f'<p style="margin:0 0 16px">{link}</p>'
    return '<p style="margin:0 0 16px">' + escape(text).replace("\n", "<br>\n") + "</p>"


def _html_table(table: Table) -> str:
    def row(cells: tuple[str, ...], tag: str, style: str) -> str:
        drawn = "".join(
            f'<{tag} style="padding:8px 6px;text-align:{"right" if i in table.right else "left"};{style}">'
            f"{escape(cell)}</{tag}>"
            for i, cell in enumerate(cells)
        )
        return f"<tr>{drawn}</tr>"

    head = row(
        table.head, "th", "font-weight:600;font-size:13px;color:#57606a;border-bottom:2px solid #d0d7de"
    )
    body = "".join(row(cells, "td", "border-bottom:1px solid #e6e9ed") for cells in table.rows)
    foot = row(table.foot, "td", "font-weight:700") if table.foot else ""
    return (
        '<div style="overflow-x:auto;margin:0 0 20px">'
        '<table cellspacing="0" style="border-collapse:collapse;width:100%;font-size:14px">'
        f"<thead>{head}</thead><tbody>{body}{foot}</tbody></table></div>"
    )
