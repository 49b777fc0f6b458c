"""The customers: who they are, how much they buy and how they pay. First invented, then recorded."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from stdnum import luhn
from stdnum.es import cif
from stdnum.pt import nif

from accounts.models import User
from demo.cast import ES, House
from demo.dice import dice, weighted, words
from ledger import services
from ledger.choices import ContactRole, Segment
from lib.text import fold

# How customers pay: on time, some weeks late as a habit, late after the summer, badly.
PROMPT, HABITUAL, SEASONAL, BAD = "prompt", "habitual", "seasonal", "bad"
HABITS = ((PROMPT, 0.58), (HABITUAL, 0.28), (SEASONAL, 0.14))
# Every so many customers, by size, one pays badly.
BAD_EVERY, FIRST_BAD = 9, 6
# Where the customers of a house are, and what tax their invoices bear.
COUNTRIES = {"ES": (("es", 0.9), ("pt", 0.1)), "FR": (("fr", 0.86), ("be", 0.14))}
TERMS = {"ES": ((30, 0.5), (60, 0.5)), "FR": ((30, 0.4), (45, 0.4), (60, 0.2))}
TAX = {"ES": Decimal(21), "FR": Decimal(20)}
LANGUAGE = {"es": "es", "pt": "en", "fr": "fr", "be": "fr"}


@dataclass(slots=True)
class Buyer:
    """A customer before it is recorded. `weight` is its share of the house's sales."""

    code: str
    name: str
    tax_id: str
    country: str
    segment: str
    salesperson: User
    terms: int
    habit: str
    weight: float
    tax_rate: Decimal
    contact: str
    email: str
    address: str
    phone: str


def invent_buyers(house: House, count: int, seed: int) -> list[Buyer]:
    """`count` customers of the house, the largest first."""
    chance = dice(seed, f"buyers {house.entity.code}")
    names = _names(chance, house.entity.country)
    return [_buyer(chance, house, place, names) for place in range(count)]


def _buyer(
    chance: random.Random, house: House, place: int, names: dict[str, Iterator[tuple[str, str]]]
) -> Buyer:
    home = house.entity.country
    region = weighted(chance, COUNTRIES[home])
    name, stem = next(names[region])
    local: dict[str, Any] = words("companies")[region]
    slug = "".join(c if c.isalnum() else "-" for c in fold(stem)).strip("-")
    while "--" in slug:
        slug = slug.replace("--", "-")
    habit = weighted(chance, HABITS) if place else PROMPT
    if place % BAD_EVERY == FIRST_BAD:
        habit = BAD
    return Buyer(
        code=f"{'43' if home == 'ES' else '41'}{place + 1:05d}",
        name=name,
        tax_id=_tax_id(chance, region),
        country=region.upper(),
        segment=_segment(place, habit),
        # The first four belong to the first salesperson: the story of the demo is about them.
        salesperson=house.sales[0] if place < 4 else house.sales[place % len(house.sales)],
        terms=weighted(chance, TERMS[home]),
        habit=habit,
        weight=1 / (place + 3) ** 0.6,
        tax_rate=TAX[home] if region == home.lower() else Decimal(0),
        contact=chance.choice(local["people"]),
        email=f"{local['mailbox']}@{slug}.example",
        address=f"{chance.choice(local['streets'])} {chance.randint(1, 140)}, {chance.choice(local['towns'])}",
        phone=_phone(chance, region),
    )


def _segment(place: int, habit: str) -> str:
    if habit == BAD:
        return Segment.RISKY
    return Segment.STRATEGIC if place < 3 else Segment.KEY if place < 12 else Segment.STANDARD


def _names(chance: random.Random, home: str) -> dict[str, Iterator[tuple[str, str]]]:
    return {region: _endless(chance, words("companies")[region]) for region, _share in COUNTRIES[home]}


def _endless(chance: random.Random, local: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Company names without repetition, plain ones first; each with the part a web address is made of."""
    kinds, owners = list(local["kinds"]), list(local["owners"])
    chance.shuffle(kinds)
    chance.shuffle(owners)
    plain = [
        f"{kinds[(place + turn) % len(kinds)]} {owner}"
        for turn in range(len(kinds))
        for place, owner in enumerate(owners)
    ]
    for stem in plain:
        yield stem + chance.choice(local["forms"]), stem
    for place in local["places"]:
        for stem in plain:
            yield f"{stem} {place}{chance.choice(local['forms'])}", f"{stem} {place}"


def _tax_id(chance: random.Random, region: str) -> str:
    """A well-formed number of the country: NIF, SIREN, NIPC or BTW/TVA."""
    if region == "es":
        stem = f"B{chance.choice((28, 39, 48, 33, 15, 47, 50, 46))}{chance.randint(10_000, 99_999)}"
        return stem + cif.calc_check_digits(stem)[0]
    if region == "fr":
        stem = f"{chance.choice((3, 4, 5, 8))}{chance.randint(1_000_000, 9_999_999)}"
        return stem + luhn.calc_check_digit(stem)
    if region == "pt":
        stem = f"50{chance.randint(100_000, 999_999)}"
        return f"PT{stem}{nif.calc_check_digit(stem)}"
    number = chance.randint(4_000_000, 4_999_999)
    return f"BE0{number}{97 - number % 97:02d}"


def _phone(chance: random.Random, region: str) -> str:
    lead = {"es": "+34 900", "fr": "+33 1 99 00", "pt": "+351 200", "be": "+32 2 000"}[region]
    return f"{lead} {chance.randint(0, 99):02d} {chance.randint(0, 99):02d} {chance.randint(0, 99):02d}"


def record_buyers(house: House, buyers: list[Buyer], at: datetime) -> None:
    """Record the customers with who gets their reminders, and whom the larger ones buy through."""
    for place, buyer in enumerate(buyers):
        _record(house, buyer, place, at)


def _record(house: House, buyer: Buyer, place: int, at: datetime) -> None:
    customer = services.record_customer(
        entity=house.entity,
        code=buyer.code,
        name=buyer.name,
        at=at,
        tax_id=buyer.tax_id,
        country=buyer.country,
        language=LANGUAGE[buyer.country.lower()],
        segment=buyer.segment,
        salesperson=buyer.salesperson,
        terms_days=buyer.terms,
        credit_limit=Decimal(round(250_000 * buyer.weight / 5_000) * 5_000 + 5_000),
        email=buyer.email,
        address=buyer.address,
    )
    services.record_contact(
        customer=customer, name=buyer.contact, email=buyer.email, phone=buyer.phone, is_billing=True
    )
    if place < 12:
        people = words("companies")[buyer.country.lower()]["people"]
        other = people[(people.index(buyer.contact) + 5) % len(people)]
        mail = f"{'compras' if house.entity.code == ES else 'achats'}@{buyer.email.partition('@')[2]}"
        services.record_contact(customer=customer, name=other, email=mail, role=ContactRole.BUYER)
