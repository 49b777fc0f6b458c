"""A company whose year is played day by day: what its customers do, and what happens to its machines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import mailroom.services
from accounts.selectors import Offices
from collections_app.choices import LIVE
from collections_app.models import InstalmentPlan, Notice, Plan, Segment
from collections_app.schedules import Share, equal
from collections_app.services import dunning, plans
from collections_app.services.holds import set_hold
from collections_app.services.instalments import agree_plan, make_plan
from collections_app.services.limits import set_rules
from collections_app.services.promises import make_promise
from collections_app.services.writing import Desk
from disputes import services as disputes
from disputes.models import ApprovalLimit, Dispute
from ledger import services as ledger
from ledger.models import Contact, Customer, Invoice, Payment
from mailroom.envelope import Envelope
from mailroom.providers import FileProvider
from mailroom.providers.base import Unreachable
from tests.collections.conftest import House
from tests.collections.naive import Claim, NaivePlan, Paper, Parts, Word
from tests.factories import make_customer, make_payment

DAY = timedelta(days=1)
GRACE = 3
PLANS = {
    "standard": NaivePlan(
        (-5, 1, 15, 30), 5, Decimal(5), cool=4, cap=(3, 20), from_amount={30: Decimal(400)}
    ),
    "strategic": NaivePlan((-5, 3), 7, Decimal(5), lowest=True),
    "risky": NaivePlan((1, 8, 15, 22), 3, Decimal(20), climbs=True),
}
COUNTRIES = ("ES", "ES", "FR", "ES", "FR", "ES", "ES", "FR")
SEGMENTS = ("standard", "strategic", "standard", "risky", "standard", "risky", "standard", "strategic")


class Killed(BaseException):
    """The worker dies: nothing catches it."""


class Postman(FileProvider):
    """Carries letters to files, remembers every time one is handed over, and dies or falls silent when told to."""

    def __init__(self, company: Company) -> None:
        super().__init__(company.house.mail_dir)
        self.company, self.left = company, 0
        self.fault, self.at_letter = "", 0

    def send(self, envelope: Envelope) -> None:
        """Hand over one letter, unless the fault of the day says otherwise."""
        self.left += 1
        if self.fault == "away":
            raise Unreachable("451 come back later")
        if self.fault == "dies before" and self.left == self.at_letter:
            raise Killed
        super().send(envelope)
        self.company.sees(envelope)
        if self.fault == "dies after" and self.left == self.at_letter:
            raise Killed


@dataclass
class Company:
    """Its books as it knows them, and the product that collects for it."""

    house: House
    random: Random
    watch: Callable[[Envelope], None]
    today: date = date(2025, 1, 1)
    customers: list[Customer] = field(default_factory=list)
    papers: dict[str, Paper] = field(default_factory=dict)
    account: dict[int, list[tuple[Payment, Decimal]]] = field(default_factory=lambda: defaultdict(list))
    stopped: dict[int, date] = field(default_factory=dict)
    unreachable: set[int] = field(default_factory=set)
    counted: int = 0

    def __post_init__(self) -> None:
        for number, (country, segment) in enumerate(zip(COUNTRIES, SEGMENTS, strict=True)):
            language = "fr" if country == "FR" else "es"
            self.customers.append(
                make_customer(
                    self.house.cast.entity,
                    f"Y-{number}",
                    f"Cliente {number}",
                    country=country,
                    segment=segment,
                    language=language,
                )
            )
        self._publish()
        self.offices = Offices(self.house.cast.entity)

    @property
    def at(self) -> datetime:
        """Nine o'clock of the day."""
        return datetime.combine(self.today, time(9), ZoneInfo("Europe/Madrid"))

    def _publish(self) -> None:
        cast = self.house.cast
        for code, naive in PLANS.items():
            plan = Plan.objects.create(entity=cast.entity, code=f"y-{code}", labels={"en": code})
            rules = plans.Rules(
                minimum_amount=naive.minimum,
                gap_days=naive.gap,
                cool_days=naive.cool,
                climb="steps" if naive.climbs else "jump",
                resume="lowest" if naive.lowest else "next",
                cap_messages=naive.cap[0] if naive.cap else None,
                cap_days=naive.cap[1] if naive.cap else 30,
                working_days=True,
            )
            kinds = {days: "dunning.friendly" if days > 0 else "dunning.courtesy" for days in naive.steps}
            steps = [
                plans.StepInput(days, kind, from_amount=naive.from_amount.get(days))
                for days, kind in kinds.items()
            ]
            plans.publish_version(plan=plan, steps=steps, by=None, at=self.at, rules=rules)
            Segment.objects.update_or_create(entity=cast.entity, code=code, defaults={"plan": plan})
        ApprovalLimit.objects.create(entity=cast.entity, user=cast.alice, amount=Decimal(1_000_000))
        set_rules(
            entity=cast.entity,
            grace_days=GRACE,
            whole_comes_back=True,
            limits={},
            by=cast.alice,
            at=self.at,
        )

    def sees(self, envelope: Envelope) -> None:
        """A letter leaves at this moment."""
        self.watch(envelope)

    # What customers do

    def live_a_day(self) -> None:
        """Some of the things of a day happen."""
        acts = (
            (self.sell, 0.5),
            (self.is_paid, 0.45),
            (self.is_paid_on_account, 0.05),
            (self.places, 0.3),
            (self.hears_a_claim, 0.12),
            (self.settles_a_claim, 0.1),
            (self.grants_a_claim, 0.06),
            (self.books_what_was_granted, 0.05),
            (self.hears_a_promise, 0.12),
            (self.agrees_on_parts, 0.04),
            (self.stops_reminders, 0.03),
            (self.loses_an_address, 0.02),
            (self.finds_an_address, 0.2),
        )
        for act, chance in acts:
            if self.random.random() < chance:
                act()

    def some_paper(self, *, late: bool = False) -> Paper | None:
        """An invoice that is open."""
        found = [p for p in self.papers.values() if p.open > 0 and (not late or p.due < self.today)]
        return self.random.choice(found) if found else None

    def amount_of(self, whole: Decimal) -> Decimal:
        """Mostly all of it, else a part."""
        if self.random.random() < 0.6:
            return whole
        return max((whole * self.random.randint(5, 95) / 100).quantize(Decimal("0.01")), Decimal("0.01"))

    def sell(self) -> None:
        """An invoice, of up to three."""
        for _ in range(self.random.randint(1, 3)):
            who = self.random.randrange(len(self.customers))
            amount = Decimal(self.random.randint(300, 300_000)) / 100
            due = self.today + timedelta(days=self.random.choice((0, 15, 30, 60)))
            self.counted += 1
            number = f"Y{self.counted:05d}"
            facts = ledger.DocumentFacts(number, self.today, due, amount, "EUR")
            row = ledger.record_document(customer=self.customers[who], facts=facts, at=self.at)
            self.papers[number] = Paper(number, row.pk, who, self.today, due, amount, amount)

    def invoice(self, paper: Paper) -> Invoice:
        """The row behind it."""
        return Invoice.objects.select_related("customer__entity", "entity").get(pk=paper.pk)

    def is_paid(self) -> None:
        """Money comes and is placed, late ones first."""
        paper = self.some_paper(late=self.random.random() < 0.7)
        if paper:
            amount = self.amount_of(paper.open)
            payment = make_payment(self.customers[paper.who], str(amount), on=self.today)
            self.place(paper, payment, amount)

    def place(self, paper: Paper, payment: Payment, amount: Decimal) -> None:
        """A payment settles a part of an invoice."""
        ledger.allocate(
            invoice=self.invoice(paper), amount=amount, on=self.today, at=self.at, payment=payment
        )
        paper.open -= amount

    def is_paid_on_account(self) -> None:
        """Money comes and nobody knows for what."""
        who = self.random.randrange(len(self.customers))
        amount = Decimal(self.random.randint(1_000, 400_000)) / 100
        payment = make_payment(self.customers[who], str(amount), on=self.today)
        self.account[who].append((payment, amount))

    def on_account(self, who: int) -> Decimal:
        """What lies on account of a customer."""
        return sum((left for _payment, left in self.account[who]), Decimal(0))

    def places(self) -> None:
        """Money on account is placed on an invoice; what it does not need stays on account."""
        for who, held in self.account.items():
            mine = [p for p in self.papers.values() if p.who == who and p.open > 0]
            if held and mine:
                payment, left = held.pop()
                paper = self.random.choice(mine)
                amount = min(left, paper.open)
                self.place(paper, payment, amount)
                if left > amount:
                    held.append((payment, left - amount))
                return

    def hears_a_claim(self) -> None:
        """A customer says that something is wrong with a part of an invoice, or with all of it."""
        paper = self.some_paper()
        if paper and all(claim.closed for claim in paper.claims):
            amount = self.amount_of(paper.open)
            row = self.house.dispute(self.invoice(paper), str(amount), at=self.at)
            paper.claims.append(Claim(amount, self.today, pk=row.pk))

    def running_claim(self) -> Claim | None:
        """A claim that has not ended."""
        found = [claim for paper in self.papers.values() for claim in paper.claims if claim.closed is None]
        return self.random.choice(found) if found else None

    def settles_a_claim(self) -> None:
        """A claim is taken back: what was disputed is owed again."""
        if claim := self.running_claim():
            row = Dispute.objects.get(pk=claim.pk)
            disputes.withdraw_dispute(dispute=row, by=self.house.cast.alice, at=self.at)
            claim.closed = self.today

    def grants_a_claim(self) -> None:
        """A claim was right, or a part of it; it ends, the books follow some day."""
        if claim := self.running_claim():
            claim.granted, claim.closed = self.amount_of(claim.amount), self.today
            disputes.close_dispute(
                dispute=Dispute.objects.get(pk=claim.pk),
                verdict="justified" if claim.granted == claim.amount else "partly",
                resolution="write_off",
                amount=claim.granted,
                told=True,
                by=self.house.cast.alice,
                at=self.at,
            )
            assert not Dispute.objects.get(pk=claim.pk).is_open

    def books_what_was_granted(self) -> None:
        """What was given up comes into the books, as far as it is still open."""
        found = [(p, c) for p in self.papers.values() for c in p.claims if c.granted and p.open >= c.granted]
        if found:
            paper, claim = self.random.choice(found)
            row = ledger.allocate(
                invoice=self.invoice(paper),
                amount=claim.granted,
                on=self.today,
                at=self.at,
                kind="write_off",
            )
            assert disputes.take_allocation(allocation_id=row.pk, at=self.at)
            paper.open -= claim.granted
            claim.granted = Decimal(0)

    def hears_a_promise(self) -> None:
        """They will pay a part, or all, on a day."""
        paper = self.some_paper(late=True)
        if paper and paper.parts is None:
            amount, day = (
                self.amount_of(paper.open),
                self.today + timedelta(days=self.random.choice((0, 3, 10, 25))),
            )
            make_promise(
                invoice=self.invoice(paper),
                amount=amount,
                promised_on=day,
                by=self.house.cast.alice,
                on=self.today,
                at=self.at,
            )
            paper.word = Word(amount, day, paper.open)

    def agrees_on_parts(self) -> None:
        """An invoice is to be paid in instalments."""
        paper = self.some_paper(late=True)
        if paper is None or paper.parts or paper.open < 1:
            return
        first = self.today + timedelta(days=self.random.randint(1, 10))
        shares = equal(paper.open, self.random.randint(2, 4), first, self.random.choice(("week", "month")))
        by = {"by": self.house.cast.alice, "on": self.today, "at": self.at}
        plan = make_plan(
            parts=[(self.invoice(paper), paper.open)],
            shares=[Share(s.due_on, s.amount) for s in shares],
            **by,
        )
        agree_plan(plan_id=plan.pk, **by)
        paper.parts = Parts([(s.due_on, s.amount) for s in shares], paper.open)
        paper.word = None

    def stops_reminders(self) -> None:
        """Somebody asks for quiet: for one invoice, or for the customer."""
        until = self.today + timedelta(days=self.random.randint(1, 20))
        paper = self.some_paper()
        if paper is None:
            return
        customer = self.customers[paper.who]
        whole = self.random.random() < 0.5
        running = self.stopped.get(paper.who, date.min) if whole else paper.stopped or date.min
        if running < self.today:
            set_hold(
                customer=customer,
                reason="Quiet",
                by=self.house.cast.alice,
                on=self.today,
                at=self.at,
                invoice=None if whole else self.invoice(paper),
                until=until,
            )
            if whole:
                self.stopped[paper.who] = until
            else:
                paper.stopped = until

    def loses_an_address(self) -> None:
        """A mailbox is gone."""
        who = self.random.randrange(len(self.customers))
        Contact.objects.filter(customer=self.customers[who]).update(undeliverable_since=self.at)
        self.unreachable.add(who)

    def finds_an_address(self) -> None:
        """The mailboxes that were gone are mended."""
        for who in self.unreachable:
            Contact.objects.filter(customer=self.customers[who]).update(undeliverable_since=None)
        self.unreachable.clear()

    # What the machines do

    def works(self, fault: str = "") -> None:
        """A worker's day: what was left over first, then the day's own."""
        postman = Postman(self)
        if fault in ("dies before", "dies after", "away"):
            postman.fault, postman.at_letter = fault, self.random.randint(1, 2)
        try:
            self.sweeps(self.at - timedelta(hours=1), postman)
            run = dunning.decide(entity=self.house.cast.entity, on=self.today, at=self.at)
            if fault == "dies deciding":
                return
            waiting = dunning.waiting(run=run)
            if fault == "dies claiming" and waiting:
                dunning._claim(waiting[0], self.at, Desk(postman))
                return
            dunning.send_batch(notice_ids=waiting, at=self.at, desk=Desk(postman))
        except Killed:
            pass

    def sweeps(self, at: datetime, postman: Postman | None = None) -> None:
        """What beat does every minute."""
        postman = postman or Postman(self)
        mailroom.services.sweep(at=at)
        dunning.send_batch(notice_ids=dunning.sweep(at=at), at=at, desk=Desk(postman))

    def ends_agreements(self) -> None:
        """Agreements that were broken or fulfilled by the day, as the worker learns when it decides."""
        for paper in self.papers.values():
            if paper.parts is None:
                continue
            missed = [day for day in paper.parts.unpaid(paper.open) if (self.today - day).days > GRACE]
            if missed or paper.parts.paid(paper.open) >= paper.parts.total:
                paper.parts = None

    @property
    def under_way(self) -> set[int]:
        """The customers with a message that is neither sent nor given up."""
        rows = Notice.objects.filter(status__in=LIVE).values_list("customer_id", flat=True)
        return set(rows)

    @property
    def agreements(self) -> int:
        """How many run in the product's books."""
        return InstalmentPlan.objects.filter(status="running").count()
