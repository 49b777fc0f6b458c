"""The last weeks of collections, day by day: promises made, money that came, reminders that went out.

Letters are claimed, committed, sent and marked one by one, so this part cannot lie in one transaction. It comes last
and adds to a company that is whole without it.
"""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Self

from collections_app.choices import Door
from collections_app.services.dunning import decide, send_notice, waiting
from collections_app.services.holds import set_hold
from collections_app.services.promises import make_promise
from collections_app.services.writing import Desk
from demo.cast import House
from demo.dice import ONE_DAY, at_clock, dice, office_of, words
from disputes.clocks import Office
from disputes.models import DisputeLine
from ledger import services as ledger
from ledger.models import Customer, Invoice
from lib.money import q
from mailroom.envelope import Envelope
from mailroom.providers import Provider, outgoing, to_files

KEPT, OPEN, BROKEN = "kept", "open", "broken"
FATES = (KEPT, OPEN, BROKEN)
# Letters of these last days lie in the folder for letters; earlier ones are only on record.
KEPT_LETTERS = 5
# Days ago (and place of the customer), amount.
UNNAMED = ((3, Decimal("1850.00")), (5, Decimal("420.35")))


@dataclass(slots=True)
class Word:
    """A promise to be made, and what becomes of it."""

    number: str
    made: date
    promised: date
    fate: str
    share: int


class Shredder:
    """Takes letters and sends nothing: invented customers have no mailbox, and old letters need no file."""

    swallows = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def send(self, envelope: Envelope) -> None:
        """Nothing leaves the house."""


def collect(house: House, last: date, days: int, promises: int, seed: int) -> None:
    """Replay the last `days` days up to `last`."""
    first = last - timedelta(days=days)
    given = _given(house, first, last, promises, seed)
    office = office_of(house.entity)
    for number in range(days + 1):
        day = first + timedelta(days=number)
        if office.works_on(day):
            _remind(house, day, last)
            _listen(house, day, given)
            _unnamed(house, day, last)
    _pause(house, last)


def _remind(house: House, day: date, last: date) -> None:
    """The day's reminders."""
    at = at_clock(house.entity, day, 8, 5)
    run = decide(entity=house.entity, on=day, at=at, door=Door.BEAT)
    filed = to_files() and day > last - timedelta(days=KEPT_LETTERS)
    chosen: Provider = outgoing() if filed else Shredder()
    with chosen as provider:
        desk = Desk(provider)
        for notice_id in waiting(run=run):
            send_notice(notice_id=notice_id, at=at, desk=desk)


def _listen(house: House, day: date, given: list[Word]) -> None:
    """Promises made that day, and promised money that came."""
    for word in given:
        if word.made == day:
            _promise(house, word, at_clock(house.entity, day, 11, 20))
    for word in given:
        if word.fate == KEPT and word.promised == day:
            _pay(house, word, day)


def _unnamed(house: House, day: date, last: date) -> None:
    """Money that came that day without saying what for: it waits to be placed."""
    customers = Customer.objects.filter(entity=house.entity).order_by("code")
    for place, amount in UNNAMED:
        if day == last_open(office_of(house.entity), last - timedelta(days=place)):
            ledger.record_payment(
                customer=customers[place],
                received_on=day,
                amount=amount,
                currency=house.entity.currency,
                identity=f"transfer:{house.entity.code}:{place}",
                reference=words("talk")[house.language]["unnamed"],
                method="transfer",
                at=at_clock(house.entity, day, 17),
                by=house.collector,
            )


def _given(house: House, first: date, last: date, count: int, seed: int) -> list[Word]:
    """Who promises what, of late invoices that nobody contests: the older are kept or broken, others are to come."""
    chance = dice(seed, f"promises {house.entity.code}")
    contested = DisputeLine.objects.filter(closed_on=None).values("invoice")
    late = Invoice.objects.filter(entity=house.entity, due_on__lt=last - timedelta(days=3)).open_now()
    rows = late.exclude(pk__in=contested).order_by("-due_on", "number").values_list("number", "due_on")
    found = list(rows[: count * 2])
    chance.shuffle(found)
    given: list[Word] = []
    for number, due in found[:count]:
        earliest = max((due - first).days, 0)
        room = (last - first).days - earliest
        fate = OPEN if room < 9 else FATES[len(given) % 3]
        given.append(_word(chance, house, number, fate, first + timedelta(days=earliest), last))
    return given


def _word(chance: random.Random, house: House, number: str, fate: str, since: date, last: date) -> Word:
    """A promise made between `since` and `last`, so that its fate is known by then, or not."""
    office, span = office_of(house.entity), (last - since).days
    earliest, latest = {KEPT: (0, span // 2), OPEN: (max(span - 5, 0), span), BROKEN: (0, span - 9)}[fate]
    made = last_open(office, since + timedelta(days=chance.randint(earliest, latest)))
    made = max(made, since)
    promised = made + timedelta(days=chance.randint(*{KEPT: (2, 7), OPEN: (6, 15), BROKEN: (2, 5)}[fate]))
    if fate == KEPT:
        promised = max(last_open(office, min(promised, last)), made)
    return Word(number, made, promised, fate, chance.choice((100, 100, 100, 50)))


def last_open(office: Office, day: date) -> date:
    """The day, or the newest working day before it."""
    while not office.works_on(day):
        day -= ONE_DAY
    return day


def _promise(house: House, word: Word, at: datetime) -> None:
    invoice = Invoice.objects.get(entity=house.entity, kind="invoice", number=word.number)
    chance = dice(0, word.number)
    make_promise(
        invoice=invoice,
        amount=q((invoice.amount - invoice.allocated) * Decimal(word.share) / 100),
        promised_on=word.promised,
        by=house.collector,
        on=word.made,
        at=at,
        note=chance.choice(words("talk")[house.language]["promises"]),
    )


def _pay(house: House, word: Word, day: date) -> None:
    """The promised money comes on the promised day."""
    invoice = Invoice.objects.select_related("customer").get(
        entity=house.entity, kind="invoice", number=word.number
    )
    amount = q((invoice.amount - invoice.allocated) * Decimal(word.share) / 100)
    at = at_clock(house.entity, day, 16, 40)
    payment = ledger.record_payment(
        customer=invoice.customer,
        received_on=day,
        amount=amount,
        currency=invoice.currency,
        identity=f"transfer:{invoice.number}",
        reference=invoice.number,
        method="transfer",
        at=at,
        by=house.collector,
    )
    ledger.allocate(invoice=invoice, payment=payment, amount=amount, on=day, at=at, by=house.collector)


def _pause(house: House, last: date) -> None:
    """One customer is left alone for two weeks: somebody talks to them."""
    open_items = (
        Invoice.objects.filter(entity=house.entity, due_on__lt=last).open_now().order_by("-amount", "number")
    )
    debtor = open_items.select_related("customer").first()
    if debtor is None:
        return
    set_hold(
        customer=debtor.customer,
        reason=words("talk")[house.language]["hold"],
        by=house.manager,
        on=last,
        at=at_clock(house.entity, last, 16, 5),
        until=last + timedelta(days=14),
    )
