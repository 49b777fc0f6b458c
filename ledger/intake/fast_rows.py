"""Makes documents of a table's rows many at a time. What is not plain goes to the maker of single documents."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ledger.intake.arrow import Mask, booleans, integers, is_null, mask_of, strings
from ledger.intake.csv_documents import DocumentMaker
from ledger.intake.documents import CREDIT_NOTE, INVOICE, Party
from ledger.intake.fast_cells import BAD, Repeated, Texts, amounts, texts
from ledger.intake.mapping import AMOUNTS, DATES
from lib.money import NO_DECIMALS

Days = npt.NDArray[np.int32]
EPOCH = date(1970, 1, 1)
NO_DAY, BAD_DAY = -1_000_000, -1_000_001
# Columns whose cells hardly come twice, and how long they may be.
SELDOM = frozenset({"number", "order_reference", "corrects", "line_description"})
PARTY = ("customer_name", "customer_code", "customer_tax_id", "customer_country")
# Columns of e-mail addresses, and what the stage calls them.
ADDRESSES = {"salesperson": "salesperson", "contact_email": "contact"}
REFERENCES = ("order_reference", "corrects")


@dataclass(slots=True)
class Bulk:
    """Documents as columns, in the order of their lines. `columns` are those of the stage; `party` counts `parties`."""

    columns: dict[str, Any] = field(default_factory=dict)
    parties: list[Party] = field(default_factory=list)
    party: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))

    def __len__(self) -> int:
        return len(self.party)


class BulkMaker:
    """Makes the documents of many rows. `readers` read one cell each, by field; `limits` are lengths of text."""

    def __init__(self, maker: DocumentMaker, readers: dict[str, Any], limits: dict[str, int]) -> None:
        self.maker, self.mapping, self.readers, self.limits = maker, maker.mapping, readers, limits
        self._repeated = {
            name: self._days(name) if name in DATES else Repeated(readers[name])
            for name in self.mapping.columns
            if name not in AMOUNTS and name not in SELDOM
        }

    def _days(self, name: str) -> Repeated:
        read = self.readers[name]
        return Repeated(lambda cell: (read(cell) - EPOCH).days, NO_DAY, BAD_DAY)

    def make(self, lines: Sequence[int], cells: Sequence[list[str]]) -> tuple[Bulk, Mask]:
        """The documents of plain rows, and a mask of the rows that have to be looked at one by one."""
        if not cells:
            return Bulk(), np.zeros(0, bool)
        table = _Table(self, len(cells))
        for name, column in zip(self.mapping.columns, self._columns(cells), strict=True):
            table.read(name, column)
        table.decide()
        return table.bulk(np.asarray(lines, np.int64)), table.slow

    def _columns(self, cells: Sequence[list[str]]) -> list[Sequence[str]]:
        everything = list(zip(*cells, strict=True))
        return [everything[place] for place in self.mapping.columns.values()]

    def repeated(self, name: str) -> Repeated:
        """The reader of a column whose cells come again."""
        return self._repeated[name]


class _Table:
    """The columns of some rows while they are put together."""

    def __init__(self, maker: BulkMaker, size: int) -> None:
        self.maker, self.size, self.constants = maker, size, maker.mapping.constants
        self.slow: Mask = np.zeros(size, bool)
        self.texts: dict[str, Texts] = {}
        self.lists: dict[str, list[Any]] = {}
        self.days: dict[str, Days] = {}

    def read(self, name: str, cells: Sequence[str]) -> None:
        """Read one column; rows with a cell that cannot be read are slow."""
        read, style = self.maker.readers[name], self.maker.mapping.styles.get(name, ".")
        if name in AMOUNTS or name in SELDOM:
            limit = self.maker.limits.get(name, 0)
            found = amounts(cells, style, read) if name in AMOUNTS else texts(cells, read, limit)
            self.texts[name] = found
            self.slow |= found.bad
        elif name in DATES:
            days = self.days[name] = np.array(self.maker.repeated(name).values(cells), np.int32)
            self.slow |= days == BAD_DAY
        else:
            values = self.lists[name] = self.maker.repeated(name).values(cells)
            if BAD in values:
                self.slow |= np.array([value is BAD for value in values])

    def decide(self) -> None:
        """Whatever a document lacks, or has in an unusual way, makes its row slow."""
        amount, number = self.texts.get("amount"), self.texts.get("number")
        if amount is None or number is None:
            self.slow[:] = True
            return
        self.slow |= is_null(amount.values) | is_null(number.values)
        self.slow |= ~_filled_by(amount.values)
        self._decide_days()
        self._decide_parties()
        self._decide_money(amount)

    def _decide_days(self) -> None:
        issued = self.days.get("issued_on", np.full(self.size, NO_DAY, np.int32))
        fixed = self.maker.maker.issued
        if fixed is not None:
            issued = np.where(issued == NO_DAY, np.int32((fixed - EPOCH).days), issued)
        self.slow |= issued <= NO_DAY
        due = self.days.get("due_on", np.full(self.size, NO_DAY, np.int32))
        if "terms_days" in self.lists:
            terms = np.array(
                [-1 if days is None or days is BAD else days for days in self.lists["terms_days"]]
            )
            due = np.where((due == NO_DAY) & (terms >= 0), issued + terms, due).astype(np.int32)
        self.days |= {"issued_on": issued, "due_on": due}

    def _decide_parties(self) -> None:
        nothing: list[None] = [None] * self.size
        names = (*PARTY, self.maker.maker.mail_of_customer)
        keys = list(zip(*(self.lists.get(name, nothing) for name in names), strict=True))
        found: dict[tuple[Any, ...], int] = {}
        self.party = np.array([found.setdefault(key, len(found)) for key in keys], np.int32)
        usable = [BAD not in key for key in found]
        self.parties = [
            self.maker.maker.party(key) if good else Party() for key, good in zip(found, usable, strict=True)
        ]
        known = np.array([party.known for party in self.parties])
        if not known.all():
            self.slow |= ~known[self.party]

    def _decide_money(self, amount: Texts) -> None:
        """Kind and currency. Currencies without decimals are rounded row by row."""
        constant = self.constants.get("currency", "")
        named = self.lists.get("currency") or [None] * self.size
        taken = (
            [code or amount.currencies.get(place) or constant for place, code in enumerate(named)]
            if amount.currencies or not constant
            else [code or constant for code in named]
        )
        self.assumed = np.array([not code for code in taken])
        own = self.maker.maker.currency
        self.currency = [code or own for code in taken] if self.assumed.any() else taken
        used = set(self.currency)
        if used & NO_DECIMALS or BAD in used:
            self.slow |= np.array([code is BAD or code in NO_DECIMALS for code in self.currency])
            self.currency = ["" if code is BAD else code for code in self.currency]
        usual = self.constants.get("kind") or INVOICE
        said = self.lists.get("kind")
        credit = (
            np.array([(kind or usual) == CREDIT_NOTE for kind in said])
            if said
            else np.full(self.size, usual == CREDIT_NOTE)
        )
        negative = mask_of(pc.starts_with(amount.values, "-"))
        self.turned = negative & ~credit
        self.credit = credit | negative

    def bulk(self, lines: npt.NDArray[np.int64]) -> Bulk:
        """The columns of the rows that are not slow; what is worth a word is told."""
        keep = ~self.slow
        kept = np.flatnonzero(keep)
        if not len(kept):
            return Bulk()
        self._tell(lines, keep)
        amount = self.texts["amount"].values
        places = integers(lines)
        columns = {"id": places, "line": places, "stated": amount, "amount": _unsigned(amount)}
        columns["number"] = self.texts["number"].values
        columns["issued_on"] = _dates(self.days["issued_on"])
        columns["due_on"] = _dates(self.days["due_on"])
        columns["currency"] = strings(self.currency)
        if self.credit.any():
            columns["kind"] = strings([CREDIT_NOTE if credit else INVOICE for credit in self.credit.tolist()])
        for name in ("net", "tax"):
            if name in self.texts:
                columns[name] = _unsigned(self.texts[name].values)
        for name in REFERENCES:
            if name in self.texts:
                columns[name] = self.texts[name].values
        for name, column in ADDRESSES.items():
            if name in self.lists:
                columns[column] = strings(
                    [value.lower() if isinstance(value, str) else "" for value in self.lists[name]]
                )
        self._paid(columns)
        if len(kept) < self.size:
            take = integers(kept)
            columns = {name: column.take(take) for name, column in columns.items()}
        return Bulk(columns, self.parties, self.party[keep])

    def _paid(self, columns: dict[str, Any]) -> None:
        """What was paid and when, as the maker of single documents says it."""
        settled = self.days.get("settled_on")
        paid = self.texts.get("paid")
        if paid is None and settled is None:
            return
        days = np.full(self.size, NO_DAY, np.int32) if settled is None else settled
        amount = columns["amount"]
        nothing = strings([None] * self.size)
        whole = pc.if_else(booleans(days != NO_DAY), amount, nothing)
        if paid is None:
            columns["paid"], columns["paid_on"] = whole, _dates(days)
            return
        said, some = ~is_null(paid.values), _filled_by(paid.values)
        columns["paid"] = pc.if_else(
            booleans(some), _unsigned(paid.values), pc.if_else(booleans(said), nothing, whole)
        )
        today = np.int32((self.maker.maker.day - EPOCH).days)
        days = np.where(some & (days == NO_DAY), today, days)
        columns["paid_on"] = _dates(np.where(said & ~some, np.int32(NO_DAY), days).astype(np.int32))

    def _tell(self, lines: npt.NDArray[np.int64], keep: Mask) -> None:
        """The notices of these rows."""
        notices = self.maker.maker.notices
        issued, due = self.days["issued_on"], self.days["due_on"]
        told = {
            "negative_is_credit_note": self.turned,
            "due_before_issue": (due != NO_DAY) & (due < issued),
        }
        for code, mask in told.items():
            places = np.flatnonzero(mask & keep)
            if len(places):
                notices.add(code, int(lines[places[0]]), len(places))
        assumed = int((self.assumed & keep).sum())
        if assumed:
            notices.add("currency_assumed", 0, assumed, currency=self.maker.maker.currency)


def _filled_by(values: Any) -> Mask:
    """Where an amount stands that is not zero."""
    return mask_of(pc.match_substring_regex(values, "[1-9]"))


def _unsigned(values: Any) -> Any:
    return pc.utf8_ltrim(values, "-")


def _dates(days: Days) -> Any:
    return integers(days, days == NO_DAY).view(pa.date32())
