"""What one house of the group will have, invented before anything is written."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from demo import payers
from demo.books import old_debts
from demo.buyers import Buyer, invent_buyers
from demo.cast import ES, House
from demo.claims import Claim, closed_claims, live_claims
from demo.dice import at_clock, last_working_day, office_of
from demo.papers import Paper, invent_papers, number_credits
from demo.sizes import Size
from disputes.choices import Resolution

# How the group's business divides between its two houses.
SHARES = {ES: Decimal("0.62")}


@dataclass(frozen=True, slots=True)
class Frame:
    """What the whole demo is made for: its size, the day it is for, and the seed of its chance."""

    size: Size
    on: date
    seed: int

    @property
    def first(self) -> date:
        """The first day of business: a first of a month."""
        months = self.on.year * 12 + self.on.month - 1 - (self.size.months - 1)
        return date(months // 12, months % 12 + 1, 1)

    def last(self, house: House) -> date:
        """The last day on which something happened: the working day before `on`."""
        return last_working_day(house.entity, self.on)

    def now(self, house: House) -> datetime:
        """The last moment of the story."""
        return at_clock(house.entity, self.last(house), 17, 40)

    def part(self, house: House, count: int) -> int:
        """The house's part of a count for the whole group."""
        return round(count * SHARES.get(house.entity.code, 1 - SHARES[ES]))


@dataclass(slots=True)
class Plan:
    """Customers, papers with their payments, and disputes of one house."""

    buyers: list[Buyer]
    papers: list[Paper]
    claims: list[Claim]
    given_up: dict[str, tuple[date, Decimal]]


def invent(frame: Frame, house: House, places: list[tuple[str, str]]) -> Plan:
    """The plan of a house; `places` are the (reason, stage) in which a live dispute must stand."""
    seed, last = frame.seed, frame.last(house)
    office = office_of(house.entity)
    buyers = invent_buyers(house, frame.part(house, frame.size.customers), seed)
    count = frame.part(house, frame.size.invoices)
    papers = invent_papers(house, buyers, count, frame.first, last, seed)
    claims = live_claims(papers, places, last, office, seed)
    claims += closed_claims(papers, frame.part(house, frame.size.closed), last, office, seed)
    credits = payers.settle_claims(claims, last, house.language, seed)
    most = min(30, count // 60)
    credits += payers.returns(papers, most, last, house.language, seed)
    payers.pay_papers(papers, last, seed)
    given_up = old_debts(papers, last) | _written_off(claims)
    return Plan(buyers, papers + number_credits(credits), claims, given_up)


def _written_off(claims: list[Claim]) -> dict[str, tuple[date, Decimal]]:
    """What closed disputes ended with giving up."""
    return {
        part.paper.number: (claim.closed, part.amount)
        for claim in claims
        if claim.closed and claim.resolution == Resolution.WRITE_OFF
        for part in claim.parts
    }
