"""Numbers, money, dates and delays as the reader writes them. Language and time zone: the active ones."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from babel import Locale
from babel.dates import format_date, format_timedelta
from babel.numbers import format_compact_currency, format_currency, format_decimal, format_percent
from django.utils import timezone
from django.utils.translation import get_language

LOCALES = {"es": "es_ES", "fr": "fr_FR", "en": "en_GB"}
HOME_CURRENCY = "EUR"
FOREIGN_PATTERN = "#,##0.00\u00a0¤¤"
NUMBER_PATTERNS = {0: "#,##0", 1: "#,##0.0", 2: "#,##0.00", 3: "#,##0.000"}
RATE_PATTERN = "#,##0.0000##"
CENTS = -2
_SPECIMEN = re.compile(r"(\D*)1(\D+)234(\D+)567(\D+)89(\D*)")
Unit = Literal["minute", "hour", "day", "month", "year"]
HOUR, DAY = 3_600, 86_400
LIMITS: tuple[tuple[Unit, int], ...] = (
    ("minute", 2 * HOUR),
    ("hour", 36 * HOUR),
    ("day", 60 * DAY),
    ("month", 730 * DAY),
)
LENGTHS: dict[Unit, int] = {"minute": 60, "hour": HOUR, "day": DAY, "month": 30 * DAY, "year": 365 * DAY}
ONE_UNIT = 10**6  # a threshold no figure reaches: Babel then keeps the unit we chose


def locale() -> Locale:
    """The Babel locale of the active language (es_ES when it is none of ours)."""
    return _locale(get_language() or "es")


@lru_cache(maxsize=32)
def _locale(language: str) -> Locale:
    return Locale.parse(LOCALES.get(language.split("-")[0], "es_ES"))


@lru_cache(maxsize=32)
def _name(language: str) -> str:
    """How a locale is called; Babel puts it together each time."""
    return str(_locale(language))


def money(amount: Decimal, currency: str = HOME_CURRENCY) -> str:
    """`1.234,50 €`; other currencies carry their ISO code (`1 234,50 GBP`), with the decimals they have."""
    if isinstance(amount, Decimal) and amount >= 0 and amount.as_tuple().exponent == CENTS:
        shape = _shape(_name(get_language() or "es"), currency)
        if shape is not None:
            before, group, point, after = shape
            whole, _dot, cents = f"{amount:,.2f}".partition(".")
            return f"{before}{whole.replace(',', group)}{point}{cents}{after}"
    return _money(amount, currency)


def _money(amount: Decimal, currency: str) -> str:
    """The long way, for whatever amount and currency."""
    pattern = None if currency == HOME_CURRENCY else FOREIGN_PATTERN
    return format_currency(amount, currency, format=pattern, locale=locale())


@lru_cache(maxsize=256)
def _shape(language: str, currency: str) -> tuple[str, str, str, str] | None:
    """What stands before, between and after the figures of an amount with cents, read off a specimen.

    A list of fifty amounts costs more in the long way than its query. None where the figures look otherwise.
    """
    specimen = _SPECIMEN.fullmatch(_money(Decimal("1234567.89"), currency))
    return (
        (specimen[1], specimen[2], specimen[4], specimen[5])
        if specimen and specimen[2] == specimen[3]
        else None
    )


def money_short(amount: Decimal, currency: str = HOME_CURRENCY) -> str:
    """`412 k €`, `1,2 M€`: for headline figures only, never where a person reconciles."""
    if currency == HOME_CURRENCY:
        digits = 0 if abs(amount) < 1_000_000 else 1
        return format_compact_currency(amount, currency, locale=locale(), fraction_digits=digits)
    return money(amount.quantize(Decimal(1)), currency)


def number(value: Decimal | int, decimals: int = 2) -> str:
    """A plain figure with `decimals` (0 to 3) places."""
    return format_decimal(value, format=NUMBER_PATTERNS[decimals], locale=locale())


def rate(value: Decimal) -> str:
    """An exchange rate with its decimals: `1,0832`, at least four and at most six."""
    return format_decimal(value, format=RATE_PATTERN, locale=locale())


def percent(ratio: Decimal) -> str:
    """A ratio (0.125) as `12,5 %`."""
    pattern = locale().percent_formats[None].pattern.replace("#,##0", "#,##0.#")
    return format_percent(ratio, format=pattern, locale=locale())


def day(on: date, width: str = "medium") -> str:
    """A date: `2 ago 2026`; `long`, `short`, or a pattern like `d MMM`."""
    if isinstance(on, datetime):
        on = timezone.localtime(on).date()
    return _day(_name(get_language() or "es"), on, width)


@lru_cache(maxsize=4096)
def _day(language: str, on: date, width: str) -> str:
    """The same few days come again and again in a list."""
    return format_date(on, format=width, locale=language)


def weekday(number: int, width: str = "wide") -> str:
    """A day of the week (Monday 0) as it stands within a sentence: `lunes`; `abbreviated`: `lun`."""
    return str(locale().days["format"][width][number])


def moment(at: datetime) -> str:
    """Date and time in the reader's time zone."""
    local = timezone.localtime(at)
    return f"{_day(str(locale()), local.date(), 'medium')}, {local:%H:%M}"


def clock(at: datetime) -> str:
    """The time of day in the reader's time zone: `10:42`."""
    return f"{timezone.localtime(at):%H:%M}"


def _unit(seconds: float) -> Unit:
    """The unit in which a delay reads best (minutes below 2 h, hours below 36 h...)."""
    return next((unit for unit, limit in LIMITS if seconds < limit), "year")


def ago(at: datetime, now: datetime) -> str:
    """`hace 5 h`, `dans 2 h`: how far `at` lies from `now`."""
    return span(at - now, direction=True)


def span(delta: timedelta, *, direction: bool = False) -> str:
    """A length of time: `3 días`, `5 h`; with `direction`, `hace 3 días` or `dentro de 5 h`."""
    unit = _unit(abs(delta.total_seconds()))
    seconds = delta.days * DAY + delta.seconds
    length = abs(seconds) / LENGTHS[unit]
    count = round(max(1.0, length)) if length > 0 else 0
    return _span(str(locale()), unit, -count if seconds < 0 else count, direction)


@lru_cache(maxsize=2048)
def _span(language: str, unit: Unit, count: int, direction: bool) -> str:
    """`count` of a unit in words; the same few lengths come again and again in a list."""
    return format_timedelta(
        timedelta(seconds=count * LENGTHS[unit]),
        granularity=unit,
        threshold=ONE_UNIT,
        format="short" if unit in ("minute", "hour") else "long",
        add_direction=direction,
        locale=locale(),
    )
