"""A year of a company, day by day: payments, claims, promises, holidays, and workers that die.

Every day the product's decision is held against a plain one (`naive`), and what lies in the mailbox against what was
stored. A moment counts: what a letter asks for is looked at while it is handed over.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from random import Random

import pytest
from django.core.management import call_command
from django.db import connection

from collections_app.choices import NoticeStatus
from collections_app.models import Notice, NoticeLine
from lib.money import ZERO
from mailroom.envelope import Envelope
from tests.collections.company import DAY, PLANS, SEGMENTS, Company
from tests.collections.conftest import House
from tests.collections.naive import NaivePlan, Paper, asked_of
from tests.plays import plays

S = NoticeStatus
# The days on which the database looks how much there is by now: nobody but this test sees its rows.
GROWN = (15, 40, 90, 180, 270)
FAULTS = ("dies before", "dies after", "dies deciding", "dies claiming", "away", "twice", "later")


class Witness:
    """Looks over the postman's shoulder, and counts."""

    def __init__(self) -> None:
        self.company: Company
        self.carried: Counter[str] = Counter()
        self.days: dict[tuple[int, date], set[str]] = defaultdict(set)
        self.said: dict[str, tuple[date, str]] = {}
        self.capped: dict[int, list[date]] = defaultdict(list)

    def sees(self, envelope: Envelope) -> None:
        """A letter leaves now: it asks for what is open, undisputed and not promised now, and for nothing else."""
        notice = Notice.objects.get(letter__key=envelope.key)
        lines = list(notice.lines.select_related("invoice"))
        asked = [line for line in lines if line.asked]
        papers = self.company.papers
        for line in lines:
            paper = papers[line.invoice.number]
            named = line.invoice.number in envelope.text
            assert named == bool(line.asked), (line, paper)
            if line.asked:
                assert line.asked == paper.asks(notice.on), (line, paper)
                assert paper.open > paper.disputed()
        assert notice.asked == sum((line.asked for line in asked), ZERO)
        for late in (True, False):
            # What is late and what is about to fall due stand in tables of their own.
            total = sum((line.asked for line in asked if (line.days_late > 0) == late), ZERO)
            assert not total or self.says(total, envelope)
        numbers = {number for number in papers if number in envelope.text}
        assert numbers == {line.invoice.number for line in asked}
        self.carried[envelope.key] += 1
        who = next(w for w, c in enumerate(self.company.customers) if c.pk == notice.customer_id)
        if self.carried[envelope.key] == 1:
            self.days[who, self.company.today].add(envelope.key)

    @staticmethod
    def says(amount: Decimal, envelope: Envelope) -> bool:
        """The sum as Spanish and French write it."""
        whole, cents = str(amount).split(".")
        grouped = f"{int(whole):,}"
        spellings = {f"{grouped.replace(',', mark)},{cents}" for mark in (".", "\u202f", "\xa0", " ", "")}
        return any(spelling in envelope.text for spelling in spellings)


def plan_of(who: int) -> NaivePlan:
    return PLANS[SEGMENTS[who]]


def expected(company: Company, witness: Witness) -> dict[int, dict[str, int]]:
    """Whom a letter goes to today, and which invoices it names at which step."""
    found = {}
    for who, customer in enumerate(company.customers):
        plan = plan_of(who)
        stopped = company.stopped.get(who, date.min) >= company.today
        mine = [paper for paper in company.papers.values() if paper.who == who and paper.open > 0]
        named = asked_of(mine, plan, company.today, stopped)
        total = sum((company.papers[number].asks(company.today) for number in named), ZERO)
        recent = [d for d in witness.capped[who] if plan.cap and (company.today - d).days < plan.cap[1]]
        silent = (
            total < plan.minimum
            or company.on_account(who) >= total
            or (plan.cap is not None and len(recent) >= plan.cap[0])
            or not company.offices.customer(customer.country).works_on(company.today)
            or who in company.unreachable
        )
        if named and not silent:
            found[who] = named
    return found


def remember(company: Company, witness: Witness) -> dict[int, dict[str, int]]:
    """What was sent since the last look, as the letters' own lines say; kept as the naive memory of asking."""
    seen: dict[int, dict[str, int]] = defaultdict(dict)
    place = {customer.pk: who for who, customer in enumerate(company.customers)}
    fresh = [key for key in witness.carried if key not in witness.said]
    for notice in Notice.objects.filter(letter__key__in=fresh):
        who = place[notice.customer_id]
        witness.said[notice.letter_key] = (notice.on, notice.status)
        witness.capped[who].append(notice.on)
        for line in notice.lines.filter(asked__gt=0).select_related("invoice"):
            assert line.step_days is not None
            paper: Paper = company.papers[line.invoice.number]
            before = paper.asked.get(line.due_on)
            assert before is None or before[0] < line.step_days, "no step twice"
            paper.asked[line.due_on] = (line.step_days, notice.on)
            seen[who][paper.number] = line.step_days
    return dict(seen)


def a_day(company: Company, witness: Witness, fault: str) -> None:
    """One working day: in an undisturbed one, exactly what the plain rule says is sent."""
    quiet = not fault and not company.under_way
    company.ends_agreements()
    wanted = expected(company, witness)
    company.works(fault)
    if fault == "twice":
        company.works()
    if fault == "later":
        company.sweeps(company.at + 11 * DAY / 1440)
    sent = remember(company, witness)
    if quiet:
        assert sent == wanted, company.today
    for (_who, _day), keys in witness.days.items():
        assert len(keys) <= 1, "one message per customer and day"
    witness.days.clear()


def the_mailbox_is_what_was_stored(company: Company, witness: Witness) -> None:
    files = {path.stem for path in company.house.mail_dir.glob("*.eml")}
    gone = {key.replace(":", "_") for key in witness.carried}
    assert files == gone
    stored = Notice.objects.exclude(letter=None).filter(status=S.SENT).values_list("pk", flat=True)
    # Of a letter that was at the server when the worker died nobody knows; taken back later, it is not sent again.
    unknown = Notice.objects.filter(status=S.WITHDRAWN, letter__perhaps_gone=True)
    maybe = {f"notice_{pk}" for pk in unknown.values_list("pk", flat=True)}
    assert {f"notice_{pk}" for pk in stored} <= files <= {f"notice_{pk}" for pk in stored} | maybe
    doubled = [key for key, times in witness.carried.items() if times > 1]
    died = Notice.objects.filter(letter__key__in=doubled, letter__perhaps_gone=True).count()
    assert len(doubled) == died, (
        "only what was at the server when a worker died goes again, as the same letter"
    )


@pytest.mark.parametrize("seed", range(plays(1)))
def test_a_year_of_a_company_with_dying_workers(house: House, seed: int) -> None:
    witness = Witness()
    company = witness.company = Company(house, Random(seed), witness.sees)
    random, asleep, days = company.random, 0, 365
    for number in range(days):
        if number in GROWN:
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        company.live_a_day()
        calm = number > days - 40
        if asleep:
            asleep -= 1
        elif not calm and random.random() < 0.03:
            asleep = random.randint(1, 9)
        else:
            disturbed = not calm and random.random() < 0.3
            a_day(company, witness, random.choice(FAULTS) if disturbed else "")
        company.today += DAY
    assert company.under_way == set()
    the_mailbox_is_what_was_stored(company, witness)
    for line in NoticeLine.objects.filter(counts=True):
        assert line.asked == line.open - line.disputed - line.promised > 0
    assert len(witness.carried) > 100, "the year was not an empty one"
    call_command("check_books")
