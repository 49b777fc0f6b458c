"""What is disputed of one invoice line: a missing quantity, another unit price, or all of it. Pure."""

from decimal import Decimal

from lib.money import q

HUNDRED = Decimal(100)


def line_amount(
    *,
    net: Decimal,
    quantity: Decimal | None,
    tax_rate: Decimal | None,
    missing: Decimal | None = None,
    agreed_price: Decimal | None = None,
    currency: str = "EUR",
) -> Decimal:
    """The disputed amount incl. tax of a line of `quantity` units for `net`.

    `missing` units are disputed whole; the others by the difference to `agreed_price` per unit (net). Without
    either the whole line is disputed. The unit price is net / quantity, so that line discounts count.
    """
    with_tax = 1 + (tax_rate or Decimal(0)) / HUNDRED
    if quantity is None or quantity <= 0 or (missing is None and agreed_price is None):
        return q(net * with_tax, currency)
    unit_price = net / quantity
    gone = missing or Decimal(0)
    disputed = gone * unit_price
    if agreed_price is not None:
        disputed += (quantity - gone) * (unit_price - agreed_price)
    return q(disputed * with_tax, currency)
