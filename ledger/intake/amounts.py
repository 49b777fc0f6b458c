"""Reads amounts however a system writes them: `1.234,56-`, `(1,234.56)`, `1 234,56 €`, `1'234.50`, `1.2E+05`.

The decimal sign is decided per column, from all its values: see AmountEvidence.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from babel.numbers import list_currencies

from ledger.intake.documents import MAX_AMOUNT, BadCell

EMPTY = frozenset({"", "-", "--", "nan", "null", "none", "n/a", "na", "#n/a", "nat", "#value!", "\\n"})
SYMBOLS = {"€": "EUR", "£": "GBP", "¥": "JPY", "zł": "PLN"}
CURRENCIES = frozenset(list_currencies())
PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)
BARE = re.compile(r"-?[0-9][0-9.,]*", re.ASCII)
# The usual ways, read without undressing.
USUAL = {
    ".": re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?", re.ASCII),
    ",": re.compile(r"-?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)(?:,[0-9]+)?", re.ASCII),
}
SPACES = re.compile(r"[\s'’`´_\u00a0\u2009\u202f]+")
SCIENTIFIC = re.compile(r"[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]{1,2}", re.ASCII)
SHAPE = re.compile(r"[0-9.,]*[0-9][.,]?", re.ASCII)
CURRENCY_CODE = re.compile(r"^(?P<before>[A-Za-z]{3})(?=[\s0-9(+-])|(?<=[\s0-9).-])(?P<after>[A-Za-z]{3})$")
NUMBER_LETTERS = {"cr": True, "h": True, "dr": False, "s": False}
GROUPED = {
    ".": re.compile(
        r"[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3}(?:\.[0-9]*)?|[0-9]+(?:\.[0-9]*)?|\.[0-9]+", re.ASCII
    ),
    ",": re.compile(
        r"[0-9]{1,3}(?:\.[0-9]{2,3})*\.[0-9]{3}(?:,[0-9]*)?|[0-9]+(?:,[0-9]*)?|,[0-9]+", re.ASCII
    ),
}


@dataclass(frozen=True, slots=True)
class Bare:
    """An amount without its clothes: digits and separators, the sign, the currency it named."""

    digits: str
    negative: bool
    currency: str = ""


def is_empty(cell: str) -> bool:
    """Whether the cell says nothing, as spreadsheets and data tools write that."""
    return cell.strip().lower() in EMPTY


def undress(cell: str) -> Bare | None:
    """Take sign, brackets, spaces and currency off; None when what is left is not a number."""
    text = cell.strip().replace("−", "-").replace("–", "-")
    currency = ""
    for symbol, code in SYMBOLS.items():
        if symbol in text:
            text, currency = text.replace(symbol, " ").strip(), code
    text = text.replace("$", " ").strip()
    found = CURRENCY_CODE.search(text)
    if found and found.group(0).upper() in CURRENCIES:
        currency = found.group(0).upper()
        text = (text[: found.start()] + text[found.end() :]).strip()
    negative = False
    for letters, credit in NUMBER_LETTERS.items():
        if text.lower().endswith(letters) and text[: -len(letters)].strip()[-1:].isdigit():
            text, negative = text[: -len(letters)].strip(), credit
            break
    if text.startswith("(") and text.endswith(")"):
        text, negative = text[1:-1].strip(), not negative
    if text[-1:] in "+-" and text[:1] not in "+-":
        text = text[-1:] + text[:-1]
    if text[:1] in {"-", "+"}:
        negative ^= text[0] == "-"
        text = text[1:]
    digits = SPACES.sub("", text)
    if SCIENTIFIC.fullmatch(digits):
        return Bare(format(Decimal(digits), "f"), negative, currency)
    return Bare(digits, negative, currency) if SHAPE.fullmatch(digits) else None


def evidence_of(digits: str) -> str:
    """What one value says about the decimal sign: `.`, `,`, `none`, or `?.` / `?,` when it could be either."""
    dots, commas = digits.count("."), digits.count(",")
    if dots and commas:
        return "." if digits.rfind(".") > digits.rfind(",") else ","
    if not dots and not commas:
        return "none"
    sign = "." if dots else ","
    if dots + commas > 1:
        return "," if dots else "."
    whole, _, part = digits.partition(sign)
    ambiguous = len(part) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")
    return f"?{sign}" if ambiguous else sign


class AmountEvidence:
    """What a column's values say about how amounts are written in it. Bounded, however long the column."""

    def __init__(self) -> None:
        self.filled = self.numbers = 0
        self.seen: dict[str, int] = {}

    def add(self, cell: str, count: int = 1) -> None:
        """Learn from a cell that is not empty and stands `count` times in the column."""
        self.filled += count
        if BARE.fullmatch(cell):
            digits = cell.lstrip("-")
        else:
            bare = undress(cell)
            if bare is None:
                return
            digits = bare.digits
        self.numbers += count
        what = evidence_of(digits)
        self.seen[what] = self.seen.get(what, 0) + count

    @property
    def share(self) -> float:
        """The part of the filled cells that are amounts."""
        return self.numbers / self.filled if self.filled else 0.0

    @property
    def style(self) -> str:
        """`.` or `,` (the decimal sign), `mixed` when values contradict each other, or `` when none tells."""
        point, comma = "." in self.seen, "," in self.seen
        if point and comma:
            return "mixed"
        return "." if point else "," if comma else ""

    @property
    def guess(self) -> str:
        """The decimal sign when every value is ambiguous: three digits after a sign are thousands."""
        if "?." in self.seen and "?," not in self.seen:
            return ","
        return "mixed" if {"?.", "?,"} <= self.seen.keys() else "."

    @property
    def ambiguous(self) -> bool:
        """Whether the style had to be guessed."""
        return not self.style and bool({"?.", "?,"} & self.seen.keys())


def read_amount(cell: str, style: str) -> tuple[Decimal, str]:
    """The amount and the currency that the cell names. `style` is `.`, `,` or `mixed`. Raises BadCell."""
    usual = USUAL.get(style)
    if usual and usual.fullmatch(cell):
        point = cell.replace(",", "") if style == "." else cell.replace(".", "").replace(",", ".")
        return _bounded(Decimal(point)), ""
    bare = undress(cell)
    if bare is None:
        raise BadCell("not_an_amount")
    sign = style
    if style == "mixed":
        sign = evidence_of(bare.digits)
        if sign.startswith("?"):
            raise BadCell("ambiguous_amount")
        sign = "." if sign == "none" else sign
    if not GROUPED[sign].fullmatch(bare.digits):
        raise BadCell("not_an_amount")
    plain = bare.digits.replace("," if sign == "." else ".", "").replace(sign, ".")
    value = Decimal(plain)
    return _bounded(-value if bare.negative else value), bare.currency


def _bounded(value: Decimal) -> Decimal:
    if abs(value) > MAX_AMOUNT:
        raise BadCell("amount_too_large")
    return value
