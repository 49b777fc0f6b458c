"""Exchange rates as the pages show them: the latest of each currency, gaps, and amounts with what they are worth."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import F, Window
from django.db.models.functions import Lag
from django.utils.translation import gettext as _

from ledger.models import ExchangeRate, Invoice
from ledger.rates import LAST_KNOWN, Conversion, latest, rates_of_day
from lib import formats

# Between two published days lie at most a long weekend and a holiday: Thursday to Tuesday at Easter.
LONGEST_PAUSE = timedelta(days=5)
LOOKED_AT = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Gap:
    """Two published days with too many in between."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Newest:
    """The latest rate of a currency; `late` when it is no rate of the day any more."""

    rate: ExchangeRate
    late: bool


@dataclass(frozen=True, slots=True)
class Together:
    """Amounts of several currencies in one: the total, the rates behind it, and the currencies that have none."""

    total: Decimal
    currency: str
    used: list[Conversion]
    missing: list[str]


def newest(on: date) -> list[Newest]:
    """The latest rate of each currency, by currency."""
    return [Newest(rate, rate.on <= on - LAST_KNOWN) for rate in latest()]


def gaps(on: date) -> list[Gap]:
    """Where days seem to be missing in the last two years, the newest first. One query over the dollar's days."""
    rows = ExchangeRate.objects.filter(currency="USD", on__gt=on - LOOKED_AT)
    before = Window(Lag("on"), order_by="on")
    pairs = rows.annotate(before=before).filter(before__lt=F("on") - LONGEST_PAUSE).order_by("-on")
    return [Gap(row.before, row.on) for row in pairs]


def worth(invoice: Invoice, left: Decimal, on: date) -> tuple[Conversion, Conversion] | str | None:
    """What the invoice and its open part are worth in its entity's currency: whole, open. Words without a rate."""
    home = invoice.entity.currency
    if invoice.currency == home:
        return None
    book = rates_of_day(on, [invoice.currency, home])
    whole, rest = (
        book.convert(invoice.amount, invoice.currency, home),
        book.convert(left, invoice.currency, home),
    )
    if whole is None or rest is None:
        return no_rate(invoice.currency, on)
    return whole, rest


def no_rate(currency: str, on: date) -> str:
    """Why an amount is not converted."""
    words = _("No exchange rate of %(currency)s in the ten days before %(day)s: import the rates.")
    return words % {"currency": currency, "day": formats.day(on)}


def together(amounts: Iterable[tuple[str, Decimal]], home: str, on: date) -> Together | None:
    """Amounts per currency as one total in the home currency; None when all of them are in it already."""
    rows = list(amounts)
    foreign = {currency for currency, _amount in rows} - {home}
    if not foreign:
        return None
    book = rates_of_day(on, [*foreign, home])
    total, used, missing = Decimal("0.00"), [], []
    for currency, amount in rows:
        found = book.convert(amount, currency, home)
        if found is None:
            missing.append(currency)
            continue
        total += found.amount
        if currency != home:
            used.append(Conversion(amount, currency, found.rate, found.rate_date))
    return Together(total, home, used, missing)
