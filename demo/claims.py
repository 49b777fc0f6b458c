"""What customers contest, invented: which part of which invoices, from when to when, and how it ends."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from demo.dice import ONE_DAY, dice, weighted
from demo.papers import Paper
from disputes.choices import Resolution
from disputes.clocks import Office
from lib.money import ZERO, q

R = Resolution
# Reason, how often, and how its disputes end.
REASONS: dict[str, tuple[float, tuple[tuple[str, float], ...]]] = {
    "price": (0.30, ((R.CREDIT, 0.55), (R.REJECTED, 0.35), (R.WITHDRAWN, 0.1))),
    "delivery": (0.20, ((R.CREDIT, 0.4), (R.REJECTED, 0.5), (R.WITHDRAWN, 0.1))),
    "quantity": (0.14, ((R.CREDIT, 0.6), (R.REJECTED, 0.4))),
    "quality": (0.10, ((R.CREDIT, 0.6), (R.REJECTED, 0.4))),
    "invoice_data": (0.12, ((R.REBILL, 0.85), (R.REJECTED, 0.15))),
    "duplicate": (0.05, ((R.CREDIT, 0.6), (R.REJECTED, 0.4))),
    "already_paid": (0.06, ((R.PAID, 0.7), (R.REJECTED, 0.3))),
    "to_classify": (0.03, ((R.WRITE_OFF, 0.5), (R.REJECTED, 0.5))),
}
# Days from opening to closing: a long tail, slower for what logistics and quality must look into.
SLOW = {"delivery": 30, "quality": 38, "quantity": 26}
USUAL = 18
# Nobody argues long about less than this, tax included.
WORTH = 600
WHOLE = ("invoice_data", "duplicate", "already_paid", "to_classify")


@dataclass(slots=True)
class Part:
    """The contested part of one invoice; `line` counts its lines from 0, None for the invoice as a whole."""

    paper: Paper
    amount: Decimal
    line: int | None = None
    quantity: Decimal | None = None


@dataclass(slots=True)
class Claim:
    """One dispute. A live one has a `stage` to be in and no end; a closed one an end and what was credited."""

    reason: str
    parts: list[Part]
    opened: date
    stage: str = ""
    closed: date | None = None
    resolution: str = ""
    partly: bool = False

    @property
    def amount(self) -> Decimal:
        """All that is contested."""
        return sum((part.amount for part in self.parts), ZERO)


def closed_claims(papers: Sequence[Paper], count: int, last: date, office: Office, seed: int) -> list[Claim]:
    """`count` disputes opened and closed within the last fourteen months, in the order of their opening."""
    chance = dice(seed, f"closed {papers[0].number}{office.country}")
    claims: list[Claim] = []
    pool = [
        p
        for p in papers
        if not p.claimed
        and p.amount > WORTH
        and last - timedelta(days=420) <= p.issued <= last - timedelta(days=50)
    ]
    # What lies for long is large, and of late there is more of it.
    pool = sorted(pool, key=lambda p: -p.amount)[: 3 * count + 10]
    pool.sort(key=lambda p: chance.random() * ((last - p.issued).days + 90))
    for paper in pool:
        if len(claims) == count:
            break
        # Each reason at least once or twice, then as often as it comes.
        given = list(REASONS)[len(claims) % len(REASONS)] if len(claims) < 2 * len(REASONS) else ""
        claim = _closed(chance, paper, papers, last, office, given)
        if claim:
            claims.append(claim)
    return sorted(claims, key=lambda claim: (claim.opened, claim.parts[0].paper.number))


def _closed(
    chance: random.Random, paper: Paper, papers: Sequence[Paper], last: date, office: Office, given: str
) -> Claim | None:
    reason = given or weighted(chance, [(code, share) for code, (share, _ends) in REASONS.items()])
    opened = _working(paper.due + timedelta(days=chance.randint(-12, 6)), office)
    opened = max(opened, _working(paper.issued + ONE_DAY, office))
    days = 1 + round(chance.lognormvariate(0, 0.7) * SLOW.get(reason, USUAL))
    closed = _working(opened + timedelta(days=days), office)
    if closed >= last - timedelta(days=1):
        return None
    resolution = weighted(chance, REASONS[reason][1])
    claim = Claim(reason, _parts(chance, reason, paper, papers), opened, closed=closed, resolution=resolution)
    claim.partly = resolution == R.CREDIT and chance.random() < 0.3
    return claim


def live_claims(
    papers: Sequence[Paper], places: Sequence[tuple[str, str]], last: date, office: Office, seed: int
) -> list[Claim]:
    """A dispute for each (reason, stage), on invoices that are late or soon due and not paid because of it."""
    chance = dice(seed, f"live {office.country}")
    near = [p for p in papers if not p.claimed and p.issued <= last - timedelta(days=12) and p.amount > WORTH]
    near = sorted(near, key=lambda p: (abs((p.due - last).days + 9), p.number))[: max(3 * len(places), 30)]
    claims = []
    for reason, stage in places:
        paper = _take(near, reason, stage)
        parts = _parts(chance, reason, paper, papers)
        for part in parts:
            near = [p for p in near if p is not part.paper]
        opened = _working(last - timedelta(days=_age(chance, stage)), office, back=True)
        opened = max(opened, _working(paper.issued + ONE_DAY, office))
        claims.append(Claim(reason, parts, opened, stage=stage))
    return sorted(claims, key=lambda claim: (claim.opened, claim.parts[0].paper.number))


def _age(chance: random.Random, stage: str) -> int:
    """How many days ago a live dispute was opened; one in five has been with us for weeks."""
    if stage == "to_triage":
        return chance.randint(0, 2)
    return chance.randint(21, 45) if chance.random() < 0.2 else chance.randint(5, 16)


def _take(near: list[Paper], reason: str, stage: str) -> Paper:
    """The next invoice; what is asked of sales about prices and deliveries is asked of the first salesperson."""
    if stage == "ask_sales" and reason in ("price", "delivery"):
        first = min(p.buyer.code for p in near)
        mine = [p for p in near if p.buyer.code <= first[:-2] + "04"]
        near = mine or near
    return near[0]


def _parts(chance: random.Random, reason: str, paper: Paper, papers: Sequence[Paper]) -> list[Part]:
    """The contested parts: sometimes of a second invoice of the same customer too."""
    chosen = [paper]
    if reason in ("price", "delivery") and chance.random() < 0.3:
        around = [
            p
            for p in papers
            if p.buyer is paper.buyer
            and p is not paper
            and not p.claimed
            and abs((p.issued - paper.issued).days) < 20
            and p.issued <= paper.issued
        ]
        chosen += around[:1]
    for one in chosen:
        one.claimed = True
    return [_part(chance, reason, one) for one in chosen]


def _part(chance: random.Random, reason: str, paper: Paper) -> Part:
    if reason in WHOLE or (reason == "delivery" and chance.random() < 0.5):
        return Part(paper, paper.amount)
    place = max(range(len(paper.items)), key=lambda n: paper.items[n].gross)
    if reason == "quantity":
        place = max(range(len(paper.items)), key=lambda n: paper.items[n].quantity)
    item = paper.items[place]
    if reason == "price":
        amount = q(item.gross * Decimal(chance.randint(9, 28)) / 100)
        return Part(paper, max(amount, Decimal("5.00")), place)
    if reason == "quantity" and item.quantity > 4:
        missing = Decimal(max(2, int(item.quantity * Decimal(chance.randint(10, 45)) / 100)))
        return Part(paper, q(item.gross * missing / item.quantity), place, missing)
    return Part(paper, item.gross, place)


def _working(day: date, office: Office, *, back: bool = False) -> date:
    while not office.works_on(day):
        day += -ONE_DAY if back else ONE_DAY
    return day


def share_out(places: Sequence[tuple[str, str]]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The stages that each house has a live dispute in (France, Spain): every stage of every route in one of them.

    The questions of the story (price, delivery) are asked in Spain; France has some of the same.
    """
    home: list[tuple[str, str]] = []
    away = [("price", "ask_sales"), ("delivery", "ask_logistics"), ("price", "to_triage")]
    for number, (reason, stage) in enumerate(places):
        story = stage == "ask_sales" and reason in ("price", "delivery")
        (home if story or number % 5 < 3 else away).append((reason, stage))
    return away, home
