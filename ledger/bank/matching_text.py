"""Finds document numbers in what a payer wrote, however it is written. Pure: text in, places and keys out.

A number is cut into runs of letters and of digits, so that `F-2026-00123`, `F2026 / 123` and `f.2026.00123` give one
key. What is a date, an amount or an account number does not count.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from stdnum import iban, iso11649

RUN = re.compile(r"[A-Z]+|[0-9]+")
# What may stand between the runs of one number; anything longer starts another word.
BETWEEN = re.compile(r"[\s\-/._:#\u2013\u2014\u00ba\u00b0]{0,3}")
MOST_RUNS = 7
LONGEST = 40
MOST_TEXT = 2000
MOST_RANGE = 50
DATES = re.compile(
    r"(?<![\dA-Z])(?:(?:0?[1-9]|[12]\d|3[01])[./-](?:0?[1-9]|1[0-2])[./-](?:20)?\d\d"
    r"|20\d\d[./-](?:0[1-9]|1[0-2])[./-](?:0[1-9]|[12]\d|3[01]))(?![\dA-Z])"
)
UNIT = r"(?:EUR|CHF|USD|GBP|€|\$|£)"
AMOUNTS = re.compile(
    rf"(?<![\dA-Z])(?:{UNIT}\s*\d[\d.,']*|\d{{1,3}}(?:[.,' ]\d{{3}})+[.,]\d\d"
    rf"|\d+[.,]\d\d(?!\d)(?:\s*{UNIT})?|\d[\d.,']*\s*{UNIT})(?![\dA-Z])"
)
ACCOUNTS = re.compile(r"(?<![\dA-Z])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}")
SHORTEST_ACCOUNT = 15
# Words that say that a document's number follows.
SAYS_INVOICE = frozenset(
    re.split(
        r"\s+",
        "F FA FAC FACT FACTURA FACTURAS FACTURE FACTURES FATTURA FATTURE FRA FRAS FRAE FT FTE FTRA RE RG RGNR RECHNUNG "
        "RECHNUNGEN RECHNUNGSNR RNR RENR INV INVS INVOICE INVOICES BILL DOC DOCUMENTO BELEG BELEGNR FATURA FATURAS "
        "ABONO ABONOS AVOIR AV GUTSCHRIFT GS CN CREDIT NC KREDIT",
    )
)
FILLERS = frozenset(re.split(" ", "N NO NR NRO NUM NUMERO NUMBER NUMMER NUMS Y ET E UND AND U A I O"))
TO = re.compile(r"\s*(?:-|\u2013|\u2014|\.\.\.?|AL?|TO|BIS|HASTA|AU)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Run:
    """A run of letters or digits and where it stands."""

    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Token:
    """Something that may be a document's number. `said` is whether a word such as `Fra.` stands before it."""

    start: int
    end: int
    key: str
    loose: str
    said: bool
    runs: int
    last: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """From one number to another: `1001-1003`. `first` and `last` are the tokens at its ends."""

    start: int
    end: int
    first: str
    last: str


def keys(number: str) -> tuple[str, str]:
    """Two ways to compare numbers: all letters and digits, and their runs without leading zeros."""
    runs = RUN.findall(number.upper())
    return "".join(runs), _loose(runs)


def tail(number: str) -> str:
    """The last run of digits without leading zeros: what people write when they are in a hurry."""
    runs = [run for run in RUN.findall(number.upper()) if run.isdigit()]
    return runs[-1].lstrip("0") if runs else ""


def tokens(text: str) -> list[Token]:
    """Everything in the text that may be a number, longest first."""
    plain = text[:MOST_TEXT].upper()
    if len(plain) != len(text[:MOST_TEXT]):  # a letter that becomes two in capitals
        plain = "".join(one if len(one.upper()) > 1 else one.upper() for one in text[:MOST_TEXT])
    hidden = list(_hidden(plain))
    runs = [
        Run(found.group(), found.start(), found.end())
        for found in RUN.finditer(plain)
        if not any(start <= found.start() < end for start, end in hidden)
    ]
    found = list(_windows(plain, runs))
    return sorted(found, key=lambda token: (-(token.end - token.start), token.start))


def spans(text: str) -> list[Span]:
    """The ranges in the text: `1001-1003`, `F-1001 a F-1003`, `1001/03`."""
    plain = text[:MOST_TEXT].upper()
    hidden = list(_hidden(plain))
    digits = list(re.finditer(r"\d+", plain))
    found = []
    for one, two in pairwise(digits):
        gap = plain[one.end() : two.start()]
        bare = re.sub(r"[A-Z]{1,6}[-/. ]?$", "", gap)
        if any(start <= one.start() < end or start <= two.start() < end for start, end in hidden):
            continue
        last = _whole(one.group(), two.group())
        to = TO.fullmatch(gap) or TO.fullmatch(bare) or (gap == "/" and len(two.group()) < len(one.group()))
        if to and last and 0 < int(last) - int(one.group()) <= MOST_RANGE:
            found.append(Span(one.start(), two.end(), one.group().lstrip("0"), last.lstrip("0")))
    return found


def structured(reference: str) -> list[str]:
    """The keys that a structured reference may hold: of ISO 11649 its inside, of a QR reference its parts."""
    plain = "".join(RUN.findall(reference.upper()))
    if plain.startswith("RF") and iso11649.is_valid(plain):
        return [plain[4:]]
    if plain.isdigit() and len(plain) >= 15:
        body = plain[:-1]
        starts = [place for place in range(len(body)) if body[place] != "0"]
        parts = [part for part in re.split("0{2,}", body) if len(part) >= 3]
        return list(dict.fromkeys([body[place:] for place in starts if len(body) - place >= 3] + parts))
    return [plain] if plain else []


def _whole(first: str, last: str) -> str:
    """The end of a range in full: `1001-03` ends at 1003. Empty when it is none."""
    if len(last) > len(first) or len(first) > 18:
        return last if 2 < len(last) <= 18 else ""
    return first[: len(first) - len(last)] + last if len(first) > 2 else ""


def _hidden(text: str) -> Iterator[tuple[int, int]]:
    for pattern in (DATES, AMOUNTS):
        yield from ((found.start(), found.end()) for found in pattern.finditer(text))
    for found in ACCOUNTS.finditer(text):
        account = found.group()
        ends = range(len(account), SHORTEST_ACCOUNT - 1, -1)
        whole = next((end for end in ends if account[end - 1] != " " and iban.is_valid(account[:end])), 0)
        if whole:
            yield found.start(), found.start() + whole


def _windows(text: str, runs: list[Run]) -> Iterator[Token]:
    for first in range(len(runs)):
        said = _said(text, runs, first)
        for last in range(first, min(first + MOST_RUNS, len(runs))):
            if last > first and not BETWEEN.fullmatch(text, runs[last - 1].end, runs[last].start):
                break
            words = [run.word for run in runs[first : last + 1]]
            if sum(map(len, words)) > LONGEST:
                break
            if any(word.isdigit() for word in words):
                at_end = not text[runs[last].end :].strip()
                yield Token(
                    runs[first].start,
                    runs[last].end,
                    "".join(words),
                    _loose(words),
                    said,
                    last - first + 1,
                    at_end,
                )


def _said(text: str, runs: list[Run], place: int) -> bool:
    """Whether a word before says that this is a document's number; numbers in a list share it."""
    for run in reversed(runs[max(0, place - 12) : place]):
        if run.word in SAYS_INVOICE:
            return True
        if not run.word.isdigit() and run.word not in FILLERS and len(run.word) > 3:
            return False
    return False


def _loose(runs: list[str]) -> str:
    return ".".join(run.lstrip("0") or "0" if run.isdigit() else run for run in runs)
