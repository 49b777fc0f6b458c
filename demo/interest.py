"""Late interest of the last half-year whose rate is known: one debit note, one waiver, and one that waits."""

from datetime import date, timedelta

from collections_app.choices_interest import InLetters
from collections_app.interest import Sum, by_customer, interest_for, load_book
from collections_app.services.debit_notes import claimable, issue_note
from collections_app.services.interest_terms import set_habits
from collections_app.services.waivers import Wish, ask_waiver
from demo.cast import House
from demo.dice import at_clock, words
from ledger.models import Customer, Invoice
from lib.money import q

# Fewer customers than this with something to claim, and there is no story to tell.
ENOUGH = 3
CLAIMED = 5


def charge(house: House, last: date) -> None:
    """The entity charges since the year began; the manager claims from one customer and is kind to another."""
    known = load_book().known_until(house.entity.country) or last
    until = min(known, last)
    set_habits(
        entity=house.entity,
        charge_from=date(until.year, 1, 1) - timedelta(days=180),
        in_letters=InLetters.MENTION,
        payment_days=15,
        minimum=q("5.00"),
        by=house.manager,
        at=at_clock(house.entity, last, 17, 50),
    )
    mine = Invoice.objects.filter(entity=house.entity, currency=house.entity.currency)
    rows = [
        row for row in by_customer(interest_for(mine, last, until=until).values()) if row.total > q("50.00")
    ]
    if len(rows) < ENOUGH:
        return
    _claim(house, rows[0], until, last)
    _waive(house, rows[1], until, last)
    _ask(house, rows[2], until, last)


def _customer(row: Sum) -> Customer:
    return Customer.objects.select_related("entity").get(pk=row.customer_id)


def _claim(house: House, row: Sum, until: date, last: date) -> None:
    found = claimable(customer=_customer(row), currency=row.currency, until=until, on=last)
    largest = sorted(found, key=lambda one: (-one.interest, one.paper.number))
    issue_note(
        customer=_customer(row),
        currency=row.currency,
        until=until,
        invoices=[one.paper.pk for one in largest[:CLAIMED]],
        by=house.manager,
        on=last,
        at=at_clock(house.entity, last, 17, 52),
    )


def _waive(house: House, row: Sum, until: date, last: date) -> None:
    """The flat sum of one invoice, within the manager's limit."""
    found = claimable(customer=_customer(row), currency=row.currency, until=until, on=last)
    ask_waiver(
        customer=_customer(row),
        currency=row.currency,
        until=until,
        wishes=[Wish(one.paper.pk, q("0.00")) for one in found if one.fee][:1],
        reason=words("talk")[house.language]["waived"],
        by=house.manager,
        on=last,
        at=at_clock(house.entity, last, 17, 54),
    )


def _ask(house: House, row: Sum, until: date, last: date) -> None:
    """The collector asks for one invoice; a manager decides."""
    found = claimable(customer=_customer(row), currency=row.currency, until=until, on=last)
    ask_waiver(
        customer=_customer(row),
        currency=row.currency,
        until=until,
        wishes=[Wish(found[0].paper.pk)],
        reason=words("talk")[house.language]["waiver_asked"],
        by=house.collector,
        on=last,
        at=at_clock(house.entity, last, 17, 56),
    )
