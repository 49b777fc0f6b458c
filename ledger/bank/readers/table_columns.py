"""Which column of a bank's table means what: by the words of its header, checked against its values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ledger.bank.readers.table_grid import HEAD_LINES, Line
from ledger.bank.readers.table_values import Seen, look, point_of
from ledger.bank.readers.table_words import FOREIGN, currency_in, direction_of, roles_of
from ledger.intake.mapping import folded
from ledger.intake.words import HEADERS

DATES = ("booked", "date", "trade")
MONEY = ("amount", "debit", "credit")
FIGURES = (*MONEY, "balance", "detail")
SINGLE = (
    *FIGURES,
    "value",
    "direction",
    "currency",
    "account",
    "party",
    "party_account",
    "reference",
    "end_to_end",
    "bank_reference",
    "card",
    "status",
    "fee",
)
# A header that nothing names is a text when its values are words.
LETTERS = 0.5
SAMPLE = 20_000
# Headers of invoice numbers that say so; a bank too may number its rows, documents and references.
GENERIC = frozenset(
    [
        "number",
        "no",
        "numero",
        "nummer",
        "nr",
        "n",
        "num",
        "documento",
        "document",
        "piece",
        "reference",
        "doc",
        "id",
    ]
)
NUMBERS_OF_INVOICES = frozenset(
    phrase for phrase in HEADERS["number"].split("|") if not GENERIC.issuperset(phrase.split())
)
# A text that is the same in all of at least so many rows says nothing about any of them.
SAME_TEXT = 5


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table by role: a mapping as plain data. `points` are the decimal signs of its columns,
    `order` is whether day or month comes first, `currency` is the one that the header names."""

    header: tuple[str, ...]
    places: Mapping[str, int] = field(default_factory=dict)
    dates: tuple[int, ...] = ()
    texts: tuple[int, ...] = ()
    currencies: tuple[int, ...] = ()
    points: Mapping[int, str] = field(default_factory=dict)
    order: str = "dmy"
    currency: str = ""

    def at(self, role: str) -> int:
        """The column of a role, -1 when the table has none."""
        return self.places.get(role, -1)

    def of(self, cells: Sequence[str], role: str) -> str:
        """The cell of a role in a row; empty when there is none."""
        place = self.places.get(role, -1)
        return cells[place] if 0 <= place < len(cells) else ""

    def point(self, role: str) -> str:
        """The decimal sign of the column of a role."""
        return self.points.get(self.at(role), ".")

    @property
    def missing(self) -> list[str]:
        """What a bank's table cannot do without and this one does not give."""
        lost = [] if self.dates or self.at("value") >= 0 else ["booking date"]
        return lost if any(role in self.places for role in MONEY) else [*lost, "amount"]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON for a saved profile: roles by place and by the words of their headers."""
        named = {role: [place, self.header[place]] for role, place in self.places.items()}
        named |= {f"date {n}": [place, self.header[place]] for n, place in enumerate(self.dates)}
        named |= {f"text {n}": [place, self.header[place]] for n, place in enumerate(self.texts)}
        return {"bank": True, "columns": named, "order": self.order, "currency": self.currency}

    def changed(self, data: Mapping[str, Any]) -> "Columns":
        """These columns as a saved profile says, by the words of its headers; what it does not name stays."""
        words = [folded(cell) for cell in self.header]
        found: dict[str, int] = {}
        for role, (place, cell) in dict(data.get("columns", {})).items():
            same = place < len(words) and words[place] == folded(cell)
            if same or folded(cell) in words:
                found[role] = place if same else words.index(folded(cell))
        dates = tuple(place for role, place in found.items() if role.startswith("date "))
        texts = tuple(place for role, place in found.items() if role.startswith("text "))
        places = {role: place for role, place in found.items() if role in SINGLE}
        money = not any(role in places for role in MONEY)
        kept = {role: place for role, place in self.places.items() if money or role not in MONEY}
        return replace(
            self, places=kept | places, dates=dates or self.dates, texts=texts or self.texts,
            order=str(data.get("order") or self.order), currency=str(data.get("currency") or self.currency),
        )  # fmt: skip


def header_points(cells: Sequence[str]) -> int:
    """How many different roles the cells of a row name; 0 when it cannot be the header of a bank's table."""
    first: set[str] = set()
    every: set[str] = set()
    for cell in cells:
        # Figures and dates name nothing, nor do the cells of a row of values.
        roles = roles_of(cell) if cell and not any(letter.isdigit() for letter in cell[:3]) else ()
        if roles and not cell.endswith(":"):
            first.add(roles[0])
            every.update(roles)
    dated = bool(every & {*DATES, "value"})
    return len(first) if dated and every & {*MONEY, "direction"} else 0


def header_of(lines: Sequence[Line]) -> int:
    """The place of the header row among the first lines; -1 when there is none."""
    points = [header_points(line.cells) for line in lines[:HEAD_LINES]]
    best = max(points, default=0)
    return points.index(best) if best >= 2 else -1


def foreign(header: Sequence[str]) -> bool:
    """Whether the header's words are those of a list of invoices or of an accounting ledger."""
    words = [folded(cell) for cell in header]
    return any(word in NUMBERS_OF_INVOICES or FOREIGN.search(word) for word in words)


def decide(header: Sequence[str], body: Sequence[Line]) -> tuple[Columns, list[Seen]]:
    """The columns of the table below the header, and what their values look like."""
    width = max(len(header), max((len(line.cells) for line in body[:500]), default=0))
    names = tuple(header) + ("",) * (width - len(header))
    # A row with one cell says nothing about its column: it is a footer, or more words of the row above.
    seen = look((line.cells for line in body[:SAMPLE] if sum(map(bool, line.cells)) > 1), width)
    roles = [_role(roles_of(name) if name else (), one) for name, one in zip(names, seen, strict=True)]
    found: dict[str, list[int]] = {}
    for place, role in enumerate(roles):
        found.setdefault(role, []).append(place)
    if not found.keys() & {*DATES, "value"}:
        unnamed = [place for place, role in enumerate(roles) if not role]
        days = [place for place in unnamed if seen[place].is_dates and "serial" not in seen[place].dates.seen]
        found |= {"date": days[:1], "value": days[1:2]}
    dates = tuple(place for role in DATES for place in found.get(role, ())) or tuple(
        found.get("value", ())[:1]
    )
    places = _figures({role: found[role][0] for role in SINGLE if found.get(role)}, found, names, seen)
    _settle_accounts(places, seen)
    named = [names[places[role]] for role in (*MONEY, "balance") if role in places]
    currency = next((code for code in map(currency_in, named) if code), "")
    codes = tuple(found.get("currency", ()))
    order = order_of(dates, seen)
    columns = Columns(names, places, dates, _texts(found, seen), codes, point_of(seen), order, currency)
    return columns, seen


def _figures(
    places: dict[str, int], found: Mapping[str, list[int]], names: Sequence[str], seen: Sequence[Seen]
) -> dict[str, int]:
    """The places with the columns of figures settled: filled before empty, debit and credit before an amount beside
    them, net before gross."""
    for role in FIGURES:
        filled = [place for place in found.get(role, ()) if seen[place].filled]
        if role in places and filled:
            places[role] = filled[0]
    if "debit" in places and "credit" in places:
        places.pop("amount", None)
    moved = [place for place in found.get("amount", ()) if folded(names[place]) in {"net", "netto"}]
    if moved and seen[moved[0]].filled:
        places["amount"] = moved[0]
    return places


def _texts(found: Mapping[str, list[int]], seen: Sequence[Seen]) -> tuple[int, ...]:
    """The columns of words: those that the header names, else those that it does not name and that have words."""
    said = found.get("text", [])
    same = [place for place in said if seen[place].filled >= SAME_TEXT and len(seen[place].values) == 1]
    if said:
        return tuple(place for place in said if place not in same or len(same) == len(said))
    words = [place for place in found.get("", ()) if seen[place].letters > seen[place].filled * LETTERS]
    return tuple(place for place in words if not seen[place].is_dates)


def _settle_accounts(places: dict[str, int], seen: Sequence[Seen]) -> None:
    """An account behind the payer's name, with other values (or none) in other rows, is the payer's."""
    place = places.get("account", -1)
    if place <= places.get("party", place) or "party_account" in places:
        return
    if len(seen[place].values) > 1 or seen[place].filled < max(one.filled for one in seen):
        places["party_account"] = places.pop("account")


def _role(roles: Sequence[str], seen: Seen) -> str:
    """The first of the roles that the values can have."""
    if roles and not seen.filled:
        return roles[0]
    both = {"debit", "credit", "direction"} <= set(roles)
    if both and seen.is_amounts:
        return "amount"
    found = next((role for role in roles if _fits(role, seen)), "")
    # Many accounts under a word for the own one: those of the payers.
    figures = any(sign.isdigit() for value in seen.values for sign in value)
    others = not found and figures and "account" in roles and not seen.is_dates
    return "party_account" if others else found


def _fits(role: str, seen: Seen) -> bool:
    if role in DATES or role == "value":
        # The word says it already; a few rows of a short table may be totals.
        return seen.is_dates or (bool(seen.filled) and seen.dates.share >= LETTERS / 2)
    if role in {"amount", "debit", "credit", "balance"}:
        return seen.is_amounts
    if role in {"detail", "fee"}:
        return seen.is_amounts
    if role == "direction":
        known = sum(count for value, count in seen.values.items() if direction_of(value))
        return bool(seen.filled) and known >= 0.8 * sum(seen.values.values())
    if role == "currency":
        return seen.is_codes
    if role == "account":
        figures = any(sign.isdigit() for value in seen.values for sign in value)
        return len(seen.values) <= max(2, seen.filled // 4) and figures and not seen.is_dates
    return role != "reference" or not seen.is_dates


def order_of(dates: Sequence[int], seen: Sequence[Seen]) -> str:
    """Whether the day or the month comes first in the dates: `dmy`, `mdy`, or empty when no value tells."""
    styles = [seen[place].dates.style for place in dates] + [one.dates.style for one in seen if one.is_dates]
    return next((style for style in styles if style in {"dmy", "mdy"}), "")
