"""Who pays what when: each by habit, and around what is contested. No database here."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from demo.buyers import BAD, HABITUAL, SEASONAL
from demo.claims import Claim
from demo.dice import dice, weekday
from demo.papers import Paper, credit_for
from disputes.choices import Resolution
from lib.money import ZERO, q

CREDIT_TEXT = {"es": "Abono parcial de la factura {0}", "fr": "Avoir sur la facture {0}"}
NEVER = date.max
R = Resolution


def settle_claims(claims: Sequence[Claim], last: date, language: str, seed: int) -> list[Paper]:
    """Credit notes for what was credited, and the payments of every contested invoice; the credit notes made."""
    chance = dice(seed, f"settle {language}")
    credits: list[Paper] = []
    for claim in sorted(claims, key=lambda c: (c.closed or NEVER, c.parts[0].paper.number)):
        for part in claim.parts:
            paper, given = part.paper, credited(claim, part.amount)
            if given and claim.resolution == R.CREDIT and claim.closed:
                text = CREDIT_TEXT[language].format(paper.number)
                credits.append(credit_for(paper, given, text, claim.closed))
            _pay_around(chance, paper, part.amount, claim, last)
    return credits


def credited(claim: Claim, amount: Decimal) -> Decimal:
    """What is given up of a contested part at the end."""
    if claim.resolution == R.WRITE_OFF:
        return amount
    if claim.resolution != R.CREDIT:
        return ZERO
    return q(amount * Decimal("0.6")) if claim.partly else amount


def _pay_around(chance: random.Random, paper: Paper, contested: Decimal, claim: Claim, last: date) -> None:
    """Some pay at once what they do not contest; the rest comes some days after the end, less what was given up."""
    total = ZERO
    rest = paper.amount - contested
    if rest and chance.random() < 0.55:
        day = paying_day(chance, paper)
        if day <= last:
            total = rest
            paper.paid.append((day, total))
    if claim.closed:
        left = paper.amount - credited(claim, contested)
        day = weekday(max(claim.closed, paper.due) + timedelta(days=chance.randint(2, 16)))
        day = max(day, paper.paid[-1][0] if paper.paid else day)
        if left > total and day <= last:
            paper.paid.append((day, left))


def pay_papers(papers: Sequence[Paper], last: date, seed: int) -> None:
    """The payments of the invoices nobody contests, up to `last`."""
    chance = dice(seed, f"pay {papers[0].buyer.country}")
    for paper in papers:
        if paper.claimed or paper.is_credit:
            continue
        day = paying_day(chance, paper)
        due = paper.amount - sum((amount for _credit, amount in paper.credits), ZERO)
        if chance.random() < 0.04:
            part = q(due * Decimal(chance.randint(30, 70)) / 100)
            if day <= last:
                paper.paid.append((day, part))
            day = weekday(day + timedelta(days=chance.randint(15, 40))) if day != NEVER else NEVER
        if day <= last:
            paper.paid.append((day, due))


def paying_day(chance: random.Random, paper: Paper) -> date:
    """When this customer pays this invoice; NEVER for what a bad payer lets lie."""
    habit = paper.buyer.habit
    late = round(chance.gauss(1, 3))
    if habit == HABITUAL:
        late = chance.randint(10, 21)
    elif habit == SEASONAL and paper.due.month in (8, 9):
        late = chance.randint(18, 34)
    elif habit == BAD:
        if chance.random() < 0.25:
            return NEVER
        late = chance.randint(30, 115)
    elif chance.random() < 0.03:
        late = chance.randint(12, 45)
    return max(weekday(paper.due + timedelta(days=late)), paper.issued)


def returns(papers: Sequence[Paper], most: int, last: date, language: str, seed: int) -> list[Paper]:
    """Credit notes outside disputes: goods taken back, a few days after the invoice."""
    chance = dice(seed, f"returns {papers[0].buyer.country}")
    pool = [p for p in papers if not p.claimed and p.amount > 300 and p.issued < last - timedelta(days=12)]
    chosen = sorted(chance.sample(pool, min(most, len(pool))), key=lambda p: (p.issued, p.number))
    text = {"es": "Devolución de material, factura {0}", "fr": "Retour de marchandise, facture {0}"}[language]
    return [
        credit_for(
            paper,
            q(paper.amount * Decimal(chance.randint(4, 18)) / 100),
            text.format(paper.number),
            weekday(paper.issued + timedelta(days=chance.randint(4, 8))),
        )
        for paper in chosen
    ]
