"""The words of an HTML mail, as a person reads them; what is quoted in it stays marked as quoted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser

LONGEST_HTML = 1_000_000
DEEPEST_QUOTE = 3


class _Words(HTMLParser):
    """The text of an HTML mail; what is never shown is left out."""

    HIDDEN = ("script", "style", "head", "title")
    BREAKS = ("p", "br", "div", "tr", "li", "h1", "h2", "h3", "table", "hr", "blockquote")

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.hidden = 0
        self.quoted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block begins a new line, a quotation one that says so."""
        self.hidden += tag in self.HIDDEN
        self.quoted += tag == "blockquote"
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        """The end of something hidden or quoted."""
        self.hidden -= tag in self.HIDDEN and self.hidden > 0
        self.quoted -= tag == "blockquote" and self.quoted > 0
        if tag in ("blockquote", "div", "p"):
            self._break(tag)

    def handle_data(self, data: str) -> None:
        """Words: a line break in the source is a space."""
        if not self.hidden:
            self.words.append(re.sub(r"\s+", " ", data))

    def _break(self, tag: str) -> None:
        if tag in self.BREAKS and not self.hidden:
            self.words.append("\n" + "> " * min(self.quoted, DEEPEST_QUOTE))


def plain(html: str) -> str:
    """The words of the page, one block a line."""
    reader = _Words()
    reader.feed(html[:LONGEST_HTML])
    lines = (re.sub(r"[ \t\xa0]+", " ", line).strip() for line in "".join(reader.words).split("\n"))
    return "\n".join(_without_echo(lines))


def _without_echo(lines: Iterable[str]) -> list[str]:
    """At most one empty line, or empty quoted line, at a time."""
    kept: list[str] = []
    for line in lines:
        if set(line) <= {">", " "} and kept and set(kept[-1]) <= {">", " "}:
            continue
        kept.append(line)
    return kept
