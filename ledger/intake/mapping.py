"""Which column of a table means what: guessed from the header words and the values, kept as a profile."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.intake.amounts import AmountEvidence, is_empty
from ledger.intake.customers_words import CUSTOMER_FIELDS
from ledger.intake.dates import DateEvidence, plain
from ledger.intake.evidence import gathered
from ledger.intake.words import HEADERS, LINE_HEADERS, LINE_PREFIXES

DATES = frozenset({"issued_on", "due_on", "settled_on"})
AMOUNTS = frozenset(
    {
        "amount",
        "net",
        "tax",
        "paid",
        "credit_limit",
        *(name for name in LINE_HEADERS if name != "line_description"),
    }
)
FIELD_NAMES = frozenset({*HEADERS, *LINE_HEADERS, *CUSTOMER_FIELDS})
CONSTANTS = ("currency", "issued_on", "kind")
IDENTITY = frozenset({"customer_code", "customer_name", "customer_tax_id"})
CURRENCY_IN_HEADER = re.compile(r"\b(eur|usd|gbp|chf|cad|aud|mxn|brl|pln|sek|nok|dkk|jpy|cny|czk|huf|ron)\b")
NOT_TERMS = frozenset(
    ["late", "overdue", "past", "settle", "retard", "retraso", "verzug", "ritardo", "atraso"]
)
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
EMPTY_COLUMN = 250
SURE, HARDLY = 5000, 0.05
# A header that is one of the words of a field, not only like one.
VERY_WORD = 800
# A cell of these alone is a figure or a date: it names nothing.
FIGURES = "0123456789.,-+/: "
SYMBOLS = {
    "€": " eur ",
    "£": " gbp ",
    "$": " usd ",
    "nº": " n ",
    "n°": " n ",
    "n.º": " n ",
    "№": " n ",
    "#": " no ",
    "%": " rate ",
}


@dataclass(frozen=True, slots=True)
class TableMapping:
    """Field -> column position, the style of each date and amount field, and fixed values for fields without column."""

    columns: Mapping[str, int]
    styles: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    # The styles that a person chose: they count, whatever the values seem to say.
    chosen: Mapping[str, str] = field(default_factory=dict)

    @property
    def grouped(self) -> bool:
        """Whether the table has one row per invoice line: lines have amounts, documents have none."""
        return "amount" not in self.columns and bool({"line_amount", "line_net"} & self.columns.keys())

    @property
    def missing(self) -> list[str]:
        """What an invoice cannot do without and this mapping does not give."""
        needed = ["number", "issued_on"]
        lost = [name for name in needed if name not in self.columns and name not in self.constants]
        if "amount" not in self.columns and not self.grouped and not {"net", "tax"} <= self.columns.keys():
            lost.append("amount")
        return lost if IDENTITY & self.columns.keys() else [*lost, "customer"]

    def as_json(self, header: Sequence[str]) -> dict[str, Any]:
        """Plain JSON for MappingProfile and ImportBatch: fields by the words of their headers."""
        columns = {name: [place, header[place]] for name, place in self.columns.items()}
        return {
            "columns": columns,
            "styles": dict(self.styles),
            "constants": dict(self.constants),
            "chosen": dict(self.chosen),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any], header: Sequence[str]) -> "TableMapping":
        """The mapping that as_json gave, for a table with this header: by place when the words are the same there,
        else by the words; a field whose column is gone is left out."""
        words = [folded(cell) for cell in header]
        columns: dict[str, int] = {}
        for name, (place, cell) in dict(data.get("columns", {})).items():
            if name not in FIELD_NAMES:
                continue
            if place < len(words) and words[place] == folded(cell):
                columns[name] = place
            elif folded(cell) in words:
                columns[name] = words.index(folded(cell))
        styles, constants, chosen = (dict(data.get(name, {})) for name in ("styles", "constants", "chosen"))
        return cls(columns, styles, constants, chosen)


class ColumnEvidence:
    """What the values of one column look like. Bounded, however long the column."""

    def __init__(self) -> None:
        self.filled = self.codes = self.mails = self.countries = self.days = 0
        self.amounts, self.dates = AmountEvidence(), DateEvidence()
        self.samples: list[str] = []

    def learn(self, cells: Iterable[str]) -> None:
        """Learn from a piece of the column; equal cells are looked at once."""
        # A long column that has shown hardly an amount (or date) will not become one.
        amounts = self.filled < SURE or self.amounts.share > HARDLY
        dates = self.filled < SURE or self.dates.share > HARDLY
        for cell, count in gathered(cells).items():
            self._learn(cell.strip(), count, amounts, dates)

    def _learn(self, cell: str, count: int, amounts: bool, dates: bool) -> None:
        if is_empty(cell):
            return
        self.filled += count
        if len(self.samples) < 5 and cell not in self.samples:
            self.samples.append(cell[:80])
        if amounts:
            self.amounts.add(cell, count)
        if dates:
            self.dates.add(cell, count)
        if len(cell) <= 3:
            self.days += count * cell.isdigit()
            self.codes += count * (len(cell) == 3 and cell.isalpha())
            self.countries += count * (len(cell) == 2 and cell.isalpha())
        self.mails += count * ("@" in cell)

    def hints(self, name: str) -> bool:
        """Whether at least one of these values is what a date or amount field wants: the others are bad rows."""
        seen = self.dates if name in DATES else self.amounts if name in AMOUNTS else None
        return seen is not None and seen.share > 0

    def fits(self, name: str) -> bool:
        """Whether these values can be what the field wants; an empty column fits anything."""
        if not self.filled:
            return True
        if name in DATES:
            return self.dates.share >= 0.5
        if name in AMOUNTS:
            return self.amounts.share >= 0.5
        if name == "terms_days":
            return self.days >= self.filled * 0.5
        if name == "currency":
            return self.codes >= self.filled * 0.5
        if name == "customer_country":
            return self.countries >= self.filled * 0.5
        if name in {"salesperson", "customer_email", "contact_email"}:
            return self.mails >= self.filled * 0.5
        if name == "customer_name":
            return self.amounts.share < 0.9
        if name == "number":
            return self.dates.share < 0.9 or "." not in "".join(self.samples)
        return True


def folded(header: str) -> str:
    """A header as words: `InvoiceNumber`, `invoice_number` and `Nº Factura:` lose their looks."""
    text = header.strip().strip("\ufeff")
    for sign, word in SYMBOLS.items():
        text = text.replace(sign, word).replace(sign.upper(), word)
    return " ".join(re.sub(r"[^0-9a-z]+", " ", plain(CAMEL.sub(" ", text))).split())


def score(words: str, phrases: str) -> int:
    """How well a folded header says what one of the phrases (in order of preference) says; 0 for not at all."""
    options = phrases.split("|")
    if words in options:
        return 1000 - options.index(words)
    parts = set(words.split())
    best = 0
    for place, option in enumerate(options):
        wanted = option.split()
        if len(option) > 2 and set(wanted) <= parts:
            best = max(best, 300 + 60 * len(wanted) - 40 * (len(parts) - len(wanted)) - min(place, 39))
    return best


def scores_of(header: str) -> dict[str, int]:
    """Every field that a header could name, with its score."""
    words = folded(header)
    if not words:
        return {}
    money = CURRENCY_IN_HEADER.sub("", words)
    words = " ".join(money.split()) or words
    first, _, rest = words.partition(" ")
    if first in LINE_PREFIXES and rest:
        found = {name: score(rest, phrases) for name, phrases in LINE_HEADERS.items()}
    else:
        found = {name: score(words, phrases) for name, phrases in HEADERS.items()}
        found |= {
            name: score(words, LINE_HEADERS[name]) - 200
            for name in ("line_description", "line_quantity", "line_unit_price")
        }
    if NOT_TERMS & set(words.split()):
        found.pop("terms_days", None)
    return {name: points for name, points in found.items() if points > 0}


def header_score(cells: Sequence[str]) -> int:
    """How many different fields the cells of a row name: tells a header row from the lines above it."""
    named: set[str] = set()
    for cell in cells:
        found = scores_of(cell) if len(cell) <= 60 and cell.strip(FIGURES) else {}
        if found:
            named.add(max(found, key=lambda name: found[name]))
    return len(named)


def _rank(evidence: ColumnEvidence, name: str, points: int) -> int:
    """Less is taken first: values that fit, then empty columns, then the very word above mostly other values."""
    if not evidence.fits(name):
        return 1000 - points
    return -points if evidence.filled else EMPTY_COLUMN - points


def guess(header: Sequence[str], evidence: Sequence[ColumnEvidence]) -> TableMapping:
    """The most likely mapping: best score first, each field and column once, values that do not fit refused."""
    options = sorted(
        (_rank(evidence[place], name, points), place, name)
        for place, cell in enumerate(header)
        for name, points in scores_of(cell).items()
        if evidence[place].fits(name) or (points >= VERY_WORD and evidence[place].hints(name))
    )
    columns: dict[str, int] = {}
    for _points, place, name in options:
        if name not in columns and place not in columns.values():
            columns[name] = place
    if "amount" in columns or not {"line_amount", "line_net"} & columns.keys():
        columns = {name: place for name, place in columns.items() if name not in LINE_HEADERS}
    constants = {}
    amount = columns.get("amount", -1)
    found = CURRENCY_IN_HEADER.search(folded(header[amount])) if amount >= 0 else None
    if "currency" not in columns and found:
        constants["currency"] = found[0].upper()
    return styled(TableMapping(columns, {}, constants), evidence)


def styled(mapping: TableMapping, evidence: Sequence[ColumnEvidence]) -> TableMapping:
    """The mapping with a style for each date and amount column: what a person chose, else what its values tell, else
    the style that the mapping came with, else what the other columns tell."""
    styles = {}
    dates = {name: evidence[place].dates for name, place in mapping.columns.items() if name in DATES}
    amounts = {name: evidence[place].amounts for name, place in mapping.columns.items() if name in AMOUNTS}
    order = next((seen.style for seen in dates.values() if seen.style in {"dmy", "mdy"}), "dmy")
    sign = next((seen.style for seen in amounts.values() if seen.style in {".", ","}), "")
    for name, seen in dates.items():
        styles[name] = seen.style or mapping.styles.get(name) or order
    for name, numbers in amounts.items():
        styles[name] = numbers.style or mapping.styles.get(name) or sign or numbers.guess
    styles |= {name: style for name, style in mapping.chosen.items() if name in styles and style}
    return TableMapping(mapping.columns, styles, mapping.constants, mapping.chosen)


def signature(header: Sequence[str]) -> str:
    """A digest of the header row: the same export has the same one."""
    return hashlib.sha256("\x1f".join(folded(cell) for cell in header).encode()).hexdigest()
