"""Three years of invoices, invented: what was sold to whom, when, for how much. No database here."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from demo.buyers import Buyer
from demo.cast import House
from demo.dice import ONE_DAY, dice, weekday, words
from lib.money import ZERO, q

# What a month sells of an average one, January first; August is closed, autumn is strong.
SEASON = (0.88, 0.95, 1.08, 1.05, 1.1, 1.02, 0.84, 0.42, 1.1, 1.2, 1.16, 0.92)
GROWTH = 0.05
HUNDRED = Decimal(100)


@dataclass(slots=True)
class Item:
    """One line: amounts without and with tax."""

    text: str
    quantity: Decimal
    price: Decimal
    net: Decimal
    gross: Decimal


@dataclass(slots=True)
class Paper:
    """An invoice or credit note. `paid` lists (day, paid in total by then); `credits` (credit note, amount placed)."""

    number: str
    buyer: Buyer
    issued: date
    due: date
    order: str
    items: list[Item]
    corrects: str = ""
    paid: list[tuple[date, Decimal]] = field(default_factory=list)
    credits: list[tuple["Paper", Decimal]] = field(default_factory=list)
    claimed: bool = False

    @property
    def amount(self) -> Decimal:
        """Including tax."""
        return sum((item.gross for item in self.items), ZERO)

    @property
    def is_credit(self) -> bool:
        """Whether it is a credit note."""
        return bool(self.corrects)


class Numbers:
    """The next number of each series and year, as the company's own system gives them."""

    def __init__(self) -> None:
        self.last: dict[tuple[str, int], int] = {}

    def next(self, series: str, day: date) -> str:
        """For example F26-00042."""
        key = (series, day.year)
        self.last[key] = self.last.get(key, 0) + 1
        return f"{series}{day.year % 100}-{self.last[key]:05d}"


def invent_papers(
    house: House, buyers: list[Buyer], count: int, first: date, last: date, seed: int
) -> list[Paper]:
    """About `count` invoices issued from `first` to `last`, in the order of their days and numbers."""
    chance = dice(seed, f"papers {house.entity.code}")
    days = sorted(_days(chance, count, first, last))
    weights = [buyer.weight for buyer in buyers]
    chosen = chance.choices(buyers, weights, k=len(days))
    numbers = Numbers()
    return [_paper(chance, house, buyer, day, numbers) for buyer, day in zip(chosen, days, strict=True)]


def _days(chance: random.Random, count: int, first: date, last: date) -> Iterator[date]:
    """The days of issue: working days, as many as the season and the growth of the house want."""
    span = (last - first).days
    days = [first + timedelta(days=n) for n in range(span + 1)]
    weights = [_strength(day, first) for day in days]
    for day in chance.choices(days, weights, k=count):
        issued = weekday(day)
        yield issued if issued <= last else day - ONE_DAY * (day.weekday() - 4)


def _strength(day: date, first: date) -> float:
    grown: float = (1 + GROWTH) ** ((day - first).days / 365)
    return SEASON[day.month - 1] * grown


def _paper(chance: random.Random, house: House, buyer: Buyer, day: date, numbers: Numbers) -> Paper:
    items = [_item(chance, house, buyer, row) for row in _basket(chance)]
    return Paper(
        number=numbers.next("F", day),
        buyer=buyer,
        issued=day,
        due=day + timedelta(days=buyer.terms),
        order=f"{chance.randint(4_500, 9_900)}{chance.randint(10, 99)}",
        items=items,
    )


def _basket(chance: random.Random) -> list[dict[str, object]]:
    size = chance.choices((1, 2, 3, 4, 5), (30, 30, 20, 12, 8))[0]
    basket: list[dict[str, object]] = chance.sample(words("products"), size)
    return basket


def _item(chance: random.Random, house: House, buyer: Buyer, row: dict[str, object]) -> Item:
    most = int(str(row["most"]))
    quantity = Decimal(max(1, round(most * chance.triangular(0.05, 1, 0.25) * (0.7 + buyer.weight))))
    discount = Decimal(chance.choice((0, 0, 5, 8, 10, 12, 15)))
    price = q(Decimal(str(row["price"])) * (HUNDRED - discount) / HUNDRED)
    return line(str(row[house.language]), quantity, price, buyer.tax_rate)


def line(text: str, quantity: Decimal, price: Decimal, rate: Decimal) -> Item:
    """A line with its tax."""
    net = q(quantity * price)
    return Item(text, quantity, price, net, net + q(net * rate / HUNDRED))


def credit_for(paper: Paper, gross: Decimal, text: str, day: date) -> Paper:
    """A credit note of `gross` including tax for an invoice, still without number. It is placed on that invoice."""
    net = q(gross * HUNDRED / (HUNDRED + paper.buyer.tax_rate))
    item = Item(text, Decimal(1), net, net, gross)
    credit = Paper("", paper.buyer, day, day, paper.order, [item], corrects=paper.number)
    paper.credits.append((credit, gross))
    return credit


def number_credits(credits: list[Paper]) -> list[Paper]:
    """Give the credit notes their numbers, in the order of their days."""
    numbers = Numbers()
    ordered = sorted(credits, key=lambda credit: (credit.issued, credit.corrects))
    for credit in ordered:
        credit.number = numbers.next("A", credit.issued)
    return ordered
