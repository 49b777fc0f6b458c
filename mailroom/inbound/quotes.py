"""Cuts an answer into what is new and what it quotes. Nothing is thrown away: both halves are kept."""

from __future__ import annotations

import re
from dataclasses import dataclass

import quotequail

from lib.text import fold

# Written above what our letters quote; everything under it is ours.
MARKS = {
    "en": "— write above this line —",
    "es": "— escriba por encima de esta línea —",
    "fr": "— écrivez au-dessus de cette ligne —",
}
_MARK = re.compile("|".join(re.escape(fold(words).strip("— ")) for words in MARKS.values()))
# "On Mon, 3 Nov 2025 at 10:12, Ana <a@b> wrote:", in the languages and with the commas of Gmail, Apple and Thunderbird.
_INTRO = re.compile(
    r"^(on\b.*\d.*\bwrote\s?:|el\b.*\d.*\bescribio\s?:|le\b.*\d.*\ba ecrit\s?:|am\b.*\d.*\bschrieb\b.*:"
    r"|.*\d{4}.*<?[\w.+-]+@[\w.-]+>?\s?:)$"
)
_RULE = re.compile(
    r"^[-_\s]*(original message|mensaje original|message d.origine|forwarded message|mensaje reenviado|"
    r"message transfere|begin forwarded message|urspruengliche nachricht)\s?:?[-_\s]*$"
)
_FROM = re.compile(r"^\*?(from|de|von)\s?:\*?\s+\S")
_HEAD = re.compile(
    r"^\*?(sent|enviado( el)?|envoye( le)?|date|fecha|to|para|a|subject|asunto|objet|cc|gesendet|an|betreff)\s?:\*?"
)
_PHONE = re.compile(
    r"^(sent from (my|outlook|mail|yahoo)\b.*|get outlook for \w+.*|enviado desde (mi|outlook|correo|yahoo|el)\b.*|"
    r"obtener outlook para \w+.*|descargar outlook para \w+.*|envoye (de|depuis) (mon|outlook|ma)\b.*|"
    r"envoye a partir de .*|"
    r"(obtenez|telecharger?) outlook pour \w+.*|von meinem .* gesendet.*)$"
)
INTRO_LINES = 4
HEAD_LINES = 6
MOST_LINES = 5000


@dataclass(frozen=True, slots=True)
class Parts:
    """The two halves of a mail: what its writer says, and the rest: what is quoted, and the signature."""

    said: str
    rest: str


def split(text: str) -> Parts:
    """What is new in an answer, and the rest. Answers between quoted lines stay together with those lines."""
    lines = text.split("\n")[:MOST_LINES]
    top, below, rest = _hard_cut(lines)
    said = _without_signature([*top, *below], rest)
    if not any(line.strip() for line in said):
        return Parts(text.strip(), "")
    return Parts("\n".join(said).strip(), "\n".join(rest).strip())


def _hard_cut(lines: list[str]) -> tuple[list[str], list[str], list[str]]:
    """What stands above the quotation, what was written below a quotation that is marked by `>`, and the rest."""
    end = _end_of_own(lines)
    own, rest = lines[:end], lines[end:]
    start = _first_quoted(own)
    if start is None:
        return _second_look(own, rest)
    marked = [place for place, line in enumerate(own) if line.startswith(">") and place >= start]
    last = marked[-1] if marked else start
    tail = own[last + 1 :]
    if not _says_something(tail):
        return own[:start], [], own[start:] + rest
    between = any(own[place].strip() and not own[place].startswith(">") for place in range(marked[0], last))
    if between:  # answers line by line: without the quoted lines they would say nothing
        return own, [], rest
    return own[:start], tail, own[start : last + 1] + rest


def _says_something(lines: list[str]) -> bool:
    """Whether more than a signature stands there."""
    return any(line.strip() for line in _without_signature(lines, []))


def _end_of_own(lines: list[str]) -> int:
    """Where our own marker, or a header block or rule of Outlook, begins: nothing below was written now."""
    for place, line in enumerate(lines):
        plain = fold(line)
        if line.startswith(">"):
            continue
        if _MARK.search(plain):
            return _before_intro(lines, place)
        if _RULE.match(plain) or _is_head(lines, place):
            return place - 1 if place and re.fullmatch(r"[_-]{5,}", lines[place - 1].strip()) else place
    return len(lines)


def _is_head(lines: list[str], place: int) -> bool:
    """`From:` with at least two more header lines right below it."""
    if not _FROM.match(fold(lines[place])):
        return False
    below = [fold(line) for line in lines[place + 1 : place + 1 + HEAD_LINES]]
    return sum(bool(_HEAD.match(line)) for line in below) >= 2


def _before_intro(lines: list[str], place: int) -> int:
    """The place of the introduction right above the marker, or of the marker."""
    start = place
    while start > 0 and place - start < INTRO_LINES + 2:
        start -= 1
        found = _intro_at(lines, start)
        if found and found >= place - 2:
            return start
    return place


def _intro_at(lines: list[str], place: int) -> int | None:
    """The last line of the introduction of a quotation that begins here; mail programs break it over several lines."""
    if not lines[place].strip() or lines[place].startswith(">"):
        return None
    for end in range(place, min(place + INTRO_LINES, len(lines))):
        if end > place and not lines[end].strip():
            return None
        if _INTRO.match(fold(" ".join(lines[place : end + 1]))):
            return end
    return None


def _first_quoted(lines: list[str]) -> int | None:
    """Where the quotation begins: at its introduction, else at the first line marked by `>`."""
    for place, line in enumerate(lines):
        if line.startswith(">"):
            return place
        end = _intro_at(lines, place)
        if end is not None:
            return place
    return None


def _second_look(own: list[str], rest: list[str]) -> tuple[list[str], list[str], list[str]]:
    """What quotequail knows beyond our own patterns: other languages, forwarded messages."""
    found = quotequail.quote("\n".join(own), limit=MOST_LINES, quote_intro_line=True)
    if len(found) == 2 and found[0][1].strip():
        top = found[0][1].split("\n")
        return top, [], own[len(top) :] + rest
    return own, [], rest


def _without_signature(lines: list[str], rest: list[str]) -> list[str]:
    """The lines without the signature at their end, which goes to the front of the rest."""
    kept = list(lines)
    for place, line in enumerate(kept):
        if line.rstrip() == "--" and place:
            rest[:0] = kept[place:]
            kept = kept[:place]
            break
    while kept and (not kept[-1].strip() or _PHONE.match(fold(kept[-1]))):
        line = kept.pop()
        if line.strip():
            rest[:0] = [line]
    return kept
