"""A payment that the bank took back counts as money we hold until that day, and not after; known when it was known."""

from datetime import timedelta
from decimal import Decimal

from ledger import services
from reporting.selectors.frame import make_frame
from reporting.selectors.position import position
from tests.factories import AT, ON, Cast, make_invoice, make_payment

DAY = timedelta(days=1)


def test_a_returned_payment_in_the_position_of_every_day(cast: Cast) -> None:
    invoice = make_invoice(cast.norte, "80.00")
    payment = make_payment(cast.norte, "100.00")
    services.allocate(invoice=invoice, amount=Decimal(80), on=ON, at=AT, payment=payment)
    row = services.return_payment(payment=payment, on=ON + 5 * DAY, at=AT + 6 * DAY)
    services.reverse_return(row=row, on=ON + 8 * DAY, at=AT + 8 * DAY)

    def told(day: int, known: int | None = None) -> tuple[Decimal, Decimal]:
        known_at = None if known is None else AT + known * DAY
        total = position(make_frame(cast.entity, ON + day * DAY, known_at=known_at)).total
        return total.unapplied, total.total

    paid, gone = (Decimal(-20), Decimal(-20)), (Decimal(0), Decimal(80))
    assert [told(day) for day in (0, 4, 5, 7)] == [paid, paid, gone, gone]
    assert told(8) == (Decimal(-100), Decimal(-20))
    assert [told(7, known=known) for known in (5, 6)] == [paid, gone]
    assert told(9, known=7) == gone
