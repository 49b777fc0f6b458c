import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from babel.dates import format_timedelta
from django.utils import timezone, translation

from lib import formats

NOW = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
NBSP, THIN = "\u00a0", "\u202f"


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("es", f"1.234.567,50{NBSP}€"),
        ("fr", f"1{THIN}234{THIN}567,50{NBSP}€"),
        ("en", "€1,234,567.50"),
    ],
)
def test_euros_are_written_as_the_reader_writes_them(language: str, shown: str) -> None:
    with translation.override(language):
        assert formats.money(Decimal("1234567.5")) == shown


@pytest.mark.parametrize(
    ("language", "shown"),
    [("es", f"1.234,50{NBSP}GBP"), ("fr", f"1{THIN}234,50{NBSP}GBP"), ("en", f"1,234.50{NBSP}GBP")],
)
def test_a_foreign_currency_carries_its_iso_code(language: str, shown: str) -> None:
    with translation.override(language):
        assert formats.money(Decimal("1234.5"), "GBP") == shown


def test_a_currency_without_decimals_shows_none() -> None:
    with translation.override("es"):
        assert formats.money(Decimal("1234"), "JPY") == f"1.234{NBSP}JPY"


def test_four_digits_are_grouped_in_spanish_too() -> None:
    with translation.override("es"):
        assert formats.money(Decimal("1234.5")) == f"1.234,50{NBSP}€"


def test_headline_figures_are_short() -> None:
    with translation.override("fr"):
        assert formats.money_short(Decimal("412345.67")) == f"412{NBSP}k{NBSP}€"
    with translation.override("es"):
        assert formats.money_short(Decimal("1234567")) == f"1,2{NBSP}M€"
        assert formats.money_short(Decimal("1234567"), "GBP") == f"1.234.567,00{NBSP}GBP"


def test_a_ratio_becomes_a_percentage() -> None:
    with translation.override("es"):
        assert formats.percent(Decimal("0.125")) == f"12,5{NBSP}%"
    with translation.override("en"):
        assert formats.percent(Decimal("0.8")) == "80%"


@pytest.mark.parametrize(("decimals", "shown"), [(0, "1.234"), (1, "1.234,5"), (3, "1.234,500")])
def test_a_figure_has_as_many_decimals_as_asked(decimals: int, shown: str) -> None:
    with translation.override("es"):
        assert formats.number(Decimal("1234.5"), decimals) == shown


@pytest.mark.parametrize(
    ("language", "shown"), [("es", "2 ago 2026"), ("fr", "2 août 2026"), ("en", "2 Aug 2026")]
)
def test_a_day_is_written_in_the_language(language: str, shown: str) -> None:
    with translation.override(language):
        assert formats.day(date(2026, 8, 2)) == shown


def test_a_moment_is_shown_in_the_readers_time_zone() -> None:
    with translation.override("es"), timezone.override("Europe/Madrid"):
        assert formats.moment(NOW) == "16 mar 2026, 10:00"
        assert formats.clock(NOW) == "10:00"
    with translation.override("es"), timezone.override("America/Bogota"):
        late = datetime(2026, 3, 16, 1, 30, tzinfo=UTC)
        assert formats.moment(late) == "15 mar 2026, 20:30"
        assert formats.day(late) == "15 mar 2026"


@pytest.mark.parametrize(
    ("delta", "shown"),
    [
        (timedelta(seconds=-5), "hace 1 min"),
        (timedelta(minutes=-90), "hace 90 min"),
        (timedelta(hours=-5), "hace 5 h"),
        (timedelta(hours=26), "dentro de 26 h"),
        (timedelta(days=3), "dentro de 3 días"),
        (timedelta(days=-59), "hace 59 días"),
        (timedelta(days=-90), "hace 3 meses"),
        (timedelta(days=-1100), "hace 3 años"),
    ],
)
def test_a_delay_is_told_in_the_unit_that_reads_best(delta: timedelta, shown: str) -> None:
    with translation.override("es"):
        assert formats.ago(NOW + delta, NOW) == shown


def test_a_length_of_time_has_no_direction() -> None:
    with translation.override("fr"):
        assert formats.span(timedelta(days=3)) == f"3{NBSP}jours"


def test_a_language_of_no_ours_reads_like_spanish() -> None:
    with translation.override("de"):
        assert formats.money(Decimal("1.5")) == f"1,50{NBSP}€"


@pytest.mark.parametrize("language", ["es", "fr", "en"])
def test_the_short_ways_say_what_the_long_ways_say(language: str) -> None:
    numbers = random.Random(7)
    with translation.override(language):
        for _ in range(300):
            amount = Decimal(numbers.randrange(0, 10 ** numbers.randrange(1, 13))).scaleb(-2)
            for currency in ("EUR", "GBP", "JPY", "USD"):
                assert formats.money(amount, currency) == formats._money(amount, currency)
            delta = timedelta(seconds=numbers.uniform(-1, 1) * 10 ** numbers.randrange(0, 9))
            unit = formats._unit(abs(delta.total_seconds()))
            short = "short" if unit in ("minute", "hour") else "long"
            said = format_timedelta(
                delta,
                granularity=unit,
                threshold=formats.ONE_UNIT,
                format=short,
                add_direction=True,
                locale=formats.locale(),
            )
            assert formats.span(delta, direction=True) == said
