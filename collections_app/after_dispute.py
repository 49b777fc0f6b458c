"""What happens to the invoices of a dispute once it ends: who tells the customer, what comes next and when.

Played with the very statement of the decision, as if the dispute ended today and the customer were told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from collections_app.choices import StepChannel
from collections_app.decision.book import Book
from collections_app.decision.play import next_asked
from collections_app.models import Step
from collections_app.segmenting.shown import with_segment
from disputes.choices import Resolution
from disputes.models import Dispute, Move
from ledger.models import Customer
from lib.money import ZERO, split_exact, unit

CREDITS = (Resolution.CREDIT, Resolution.WRITE_OFF, Resolution.REBILL)
TOLD = (*CREDITS, Resolution.REJECTED)


@dataclass(frozen=True, slots=True)
class Ending:
    """How it would end. `amount` is what we give up, all that is disputed when empty."""

    resolution: str
    amount: Decimal | None = None
    waits: bool = False
    told: bool = False


@dataclass(frozen=True, slots=True)
class After:
    """What comes next for one invoice; without a `step` nothing within a quarter of a year.

    `amount` is what the message asks for of it: without what we give up (`given`), in the books or not.
    """

    number: str
    quiet_until: date | None = None
    on: date | None = None
    step: Step | None = None
    amount: Decimal = ZERO
    given: Decimal = ZERO

    @property
    def channel(self) -> str:
        """How the message goes, in words."""
        return str(StepChannel(self.step.channel).label) if self.step else ""


@dataclass(frozen=True, slots=True)
class Foresight:
    """`letter`: today, person (somebody reads and sends it), known or none. With `waits` the dispute stays open."""

    letter: str
    waits: bool
    currency: str
    invoices: list[After]


def ending_of_move(dispute: Dispute, code: str) -> Ending | None:
    """How a move of the present stage ends the dispute; None when it does not."""
    move = Move.objects.filter(stage=dispute.stage_id, code=code, to_stage=None).first()
    return Ending(move.resolution) if move else None


def foresee(dispute: Dispute, ending: Ending, on: date) -> Foresight:
    """The days after `on`, the day on which the dispute would end."""
    waits = ending.waits and ending.resolution in CREDITS
    rows = list(dispute.lines.filter(closed_on=None).select_related("invoice").order_by("pk"))
    letter = _letter(dispute, ending)
    if waits or not rows:
        return Foresight(letter, waits, dispute.currency, [])
    book = Book.of(dispute.entity)
    invoices = {row.invoice_id: row.invoice for row in rows}
    given = _given(
        dispute, ending, {pk: sum((r.amount for r in rows if r.invoice_id == pk), ZERO) for pk in invoices}
    )
    tomorrow = on + timedelta(days=1)
    found = next_asked(book, dispute.customer, dispute.currency, invoices, tomorrow, (dispute.pk, on))
    mine = with_segment(Customer.objects.filter(pk=dispute.customer_id)).get()
    plan = book.by_segment.get(mine.followed)
    quiet = book.rules[plan].quiet if plan else 0
    until = on + timedelta(days=quiet) if quiet else None
    listed = []
    for pk, invoice in invoices.items():
        one, less = found.get(pk), given.get(pk, ZERO)
        if one is None:
            listed.append(After(invoice.number, until, given=less))
        else:
            step = book.rules[one.plan_id].steps[one.step_days]
            listed.append(After(invoice.number, until, one.on, step, max(one.amount - less, ZERO), less))
    return Foresight(letter, waits, dispute.currency, listed)


def _letter(dispute: Dispute, ending: Ending) -> str:
    if ending.resolution not in TOLD:
        return "none"
    if ending.told:
        return "known"
    by_itself = ending.resolution in CREDITS and dispute.route_version.route.writes_to_customers
    return "today" if by_itself else "person"


def _given(dispute: Dispute, ending: Ending, disputed: dict[int, Decimal]) -> dict[int, Decimal]:
    """What is given up of each invoice; an amount for all is shared out by what is disputed."""
    if ending.resolution not in CREDITS:
        return {}
    if ending.resolution == Resolution.REBILL or ending.amount is None:
        return disputed
    amount = min(max(ending.amount, ZERO), sum(disputed.values(), ZERO))
    return dict(
        zip(disputed, split_exact(amount, list(disputed.values()), unit(dispute.currency)), strict=True)
    )
