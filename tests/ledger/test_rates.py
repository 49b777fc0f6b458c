"""Exchange rates: the ECB's files come in once, and amounts are converted exactly with the last known rate."""

from __future__ import annotations

import gzip
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.intake.formats import format_of
from ledger.models import ExchangeRate
from ledger.rates import RatesOfDay, convert, rates_of_day
from lib.money import unit
from tests.factories import Cast
from tests.ledger.intake_helpers import bring, codes, numbers

DAY = date(2026, 3, 12)
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" '
    'xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><gesmes:subject>Reference rates</gesmes:subject>'
)
DAILY = (
    HEAD + "<Cube><Cube time='2026-03-12'><Cube currency='USD' rate='1.0832'/>"
    "<Cube currency='GBP' rate='0.84150'/></Cube></Cube></gesmes:Envelope>"
)
HISTORY = (
    HEAD
    + '<Cube><Cube time="2026-03-12"><Cube currency="USD" rate="1.0832"/><Cube currency="JPY" rate="161.10"/>'
    '</Cube><Cube time="2026-03-11"><Cube currency="USD" rate="1.0800"/></Cube></Cube></gesmes:Envelope>'
)
DAILY_CSV = "Date, USD, JPY, GBP, \n12 March 2026, 1.0832, 161.10, 0.84150, \n"
HISTORY_CSV = "Date,USD,JPY,CYP,\n2026-03-12,1.0832,161.1,N/A,\n2026-03-11,1.0800,160.9,N/A,\n"
PORTAL_CSV = (
    "KEY,FREQ,CURRENCY,CURRENCY_DENOM,EXR_TYPE,EXR_SUFFIX,TIME_PERIOD,OBS_VALUE,OBS_STATUS\n"
    "EXR.D.USD.EUR.SP00.A,D,USD,EUR,SP00,A,2026-03-12,1.0832,A\n"
    "EXR.M.USD.EUR.SP00.A,M,USD,EUR,SP00,A,2026-02,1.07,A\n"
)
GENERIC = (
    '<message:GenericData xmlns:message="http://www.sdmx.org/m" xmlns:generic="http://www.sdmx.org/g"><message:DataSet>'
    '<generic:Series><generic:SeriesKey><generic:Value id="FREQ" value="D"/><generic:Value id="CURRENCY" value="USD"/>'
    '<generic:Value id="CURRENCY_DENOM" value="EUR"/><generic:Value id="EXR_TYPE" value="SP00"/></generic:SeriesKey>'
    '<generic:Obs><generic:ObsDimension value="2026-03-12"/><generic:ObsValue value="1.0832"/></generic:Obs>'
    "</generic:Series></message:DataSet></message:GenericData>"
)
SPECIFIC = (
    '<message:StructureSpecificData xmlns:message="http://www.sdmx.org/m"><message:DataSet><Series FREQ="D" '
    'CURRENCY="USD" CURRENCY_DENOM="EUR" EXR_TYPE="SP00"><Obs TIME_PERIOD="2026-03-12" OBS_VALUE="1.0832"/></Series>'
    "</message:DataSet></message:StructureSpecificData>"
)


def put(folder: Path, text: str, name: str = "rates") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def rate(currency: str, value: str, on: date = DAY) -> None:
    ExchangeRate.objects.create(currency=currency, on=on, per_euro=Decimal(value))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (DAILY, 2),
        (HISTORY, 3),
        (DAILY_CSV, 3),
        (HISTORY_CSV, 4),
        (PORTAL_CSV, 1),
        (GENERIC, 1),
        (SPECIFIC, 1),
    ],
    ids=[
        "daily xml",
        "history xml",
        "daily csv",
        "history csv",
        "portal csv",
        "sdmx generic",
        "sdmx specific",
    ],
)
def test_each_form_of_the_ecb_is_known_and_comes_in_once(
    cast: Cast, tmp_path: Path, text: str, count: int
) -> None:
    path = put(tmp_path, text)
    assert format_of(path).name == "ecb_rates"
    assert numbers(bring(cast.entity, path)) == (count, 0, 0, 0)
    assert ExchangeRate.objects.get(currency="USD", on=DAY).per_euro == Decimal("1.0832")
    assert numbers(bring(cast.entity, path)) == (0, 0, count, 0)


def test_a_packed_file_is_read_too(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "rates.gz"
    path.write_bytes(gzip.compress(HISTORY_CSV.encode()))
    assert numbers(bring(cast.entity, path)) == (4, 0, 0, 0)


def test_a_changed_rate_is_an_update_with_a_word(cast: Cast, tmp_path: Path) -> None:
    bring(cast.entity, put(tmp_path, DAILY))
    result = bring(cast.entity, put(tmp_path, DAILY.replace("1.0832", "1.0900")))
    assert numbers(result) == (0, 1, 1, 0)
    assert "USD of 2026-03-12, 1.0832, now 1.09" in result.notices_json()[0]["message"]
    assert ExchangeRate.objects.get(currency="USD").per_euro == Decimal("1.09")


def test_what_is_no_rate_is_listed_and_the_rest_goes_in(cast: Cast, tmp_path: Path) -> None:
    rows = (
        "2026-03-12,0,161.1",
        "2026-13-40,1.1,160",
        "2026-03-11,-1,1e3",
        "2026-03-12,1.1,161.1",
        "2026-03-10,1.1",
    )
    text = "\n".join(("Date,USD,JPY", *rows))
    result = bring(cast.entity, put(tmp_path, text))
    assert codes(result) == [
        (2, "not_a_rate"),
        (3, "not_a_date"),
        (3, "not_a_date"),
        (4, "not_a_rate"),
        (4, "not_a_rate"),
        (6, "wrong_column_count"),
    ]
    assert (result.created, result.unchanged) == (2, 1)


def test_one_day_twice_with_different_rates_keeps_the_first(cast: Cast, tmp_path: Path) -> None:
    text = "Date,USD\n2026-03-12,1.1\n2026-03-12,1.2\n"
    result = bring(cast.entity, put(tmp_path, text))
    assert codes(result) == [(3, "rate_twice")]
    assert ExchangeRate.objects.get().per_euro == Decimal("1.1")


@pytest.mark.parametrize(
    "text",
    [
        "effective_from,mro_percent,tender\n2005-12-06,2.25,variable\n",
        "from,to,rate_percent,status\n2005-01-01,2005-06-30,9.09,x\n",
        "Date,Amount\n2026-01-01,12\n",
        "KEY,FREQ,REF_AREA,CURRENCY,TIME_PERIOD,OBS_VALUE\nFM.B.U2.EUR,B,U2,EUR,2024-06-12,4.25\n",
    ],
)
def test_interest_rates_and_lists_are_not_taken_for_exchange_rates(tmp_path: Path, text: str) -> None:
    assert format_of(put(tmp_path, text)).name != "ecb_rates"


def test_a_form_without_rates_says_so(cast: Cast, tmp_path: Path) -> None:
    result = bring(
        cast.entity, put(tmp_path, HEAD.replace("Reference", "eurofxref") + "<Cube/></gesmes:Envelope>")
    )
    assert result.error is not None
    assert result.error.code == "no_rates"


def test_an_amount_is_converted_through_the_euro_with_the_older_date(cast: Cast) -> None:
    rate("USD", "1.0832")
    rate("GBP", "0.8415", DAY - timedelta(days=1))
    found = convert(Decimal("1083.20"), "USD", "EUR", DAY)
    assert found is not None
    assert (found.amount, found.rate, found.rate_date) == (Decimal("1000.00"), Decimal("1.0832"), DAY)
    crossed = convert(Decimal("100.00"), "GBP", "USD", DAY)
    assert crossed is not None
    assert (crossed.amount, crossed.rate, crossed.rate_date) == (
        Decimal("128.72"),
        Decimal("0.776865"),
        DAY - timedelta(days=1),
    )
    same = convert(Decimal("5.00"), "USD", "USD", DAY)
    assert same is not None
    assert same.amount == Decimal("5.00")


def test_the_last_rate_of_ten_days_counts_and_none_older_or_later(cast: Cast) -> None:
    rate("USD", "1.10", DAY)
    for after in (0, 9):
        assert convert(Decimal(1), "USD", "EUR", DAY + timedelta(days=after)) is not None
    assert convert(Decimal(1), "USD", "EUR", DAY + timedelta(days=10)) is None
    assert convert(Decimal(1), "USD", "EUR", DAY - timedelta(days=1)) is None
    assert convert(Decimal(1), "CHF", "EUR", DAY) is None


def test_all_rates_of_a_day_are_one_query(
    cast: Cast, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    rate("USD", "1.10", DAY - timedelta(days=2))
    rate("USD", "1.12", DAY)
    rate("JPY", "160", DAY)
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = rates_of_day(DAY)
    assert {currency: value for currency, (value, _on) in found.known.items()} == {
        "USD": Decimal("1.12"),
        "JPY": Decimal("160"),
    }


RATE = st.decimals("0.05", "20000", places=4).filter(lambda value: value > 0)
AMOUNT = st.decimals("0", "99999999", places=2)


@given(AMOUNT, RATE, RATE)
def test_there_and_back_loses_no_more_than_the_rounding(
    amount: Decimal, first: Decimal, second: Decimal
) -> None:
    book = RatesOfDay(DAY, {"USD": (first, DAY), "GBP": (second, DAY)})
    there = book.convert(amount, "USD", "GBP")
    assert there is not None
    back = book.convert(there.amount, "GBP", "USD")
    assert back is not None
    cent = Fraction(unit("USD"))
    worth = book.quotient("USD", "GBP")
    assert worth is not None
    assert abs(Fraction(back.amount) - Fraction(amount)) <= cent / 2 * worth + cent / 2
    if first <= second:
        assert abs(back.amount - amount) <= Decimal("0.01")


@given(AMOUNT, RATE, RATE)
def test_the_triangle_is_equal(amount: Decimal, first: Decimal, second: Decimal) -> None:
    """Straight, or by way of the euro: the same quotient exactly, the same amount but for the rounding on the way."""
    book = RatesOfDay(DAY, {"USD": (first, DAY), "GBP": (second, DAY)})
    straight, leg, rest = (book.quotient(*pair) for pair in (("USD", "GBP"), ("USD", "EUR"), ("EUR", "GBP")))
    assert straight is not None
    assert leg is not None
    assert rest is not None
    assert straight == leg * rest
    euro, direct = book.convert(amount, "USD", "EUR"), book.convert(amount, "USD", "GBP")
    assert euro is not None
    assert direct is not None
    over = book.convert(euro.amount, "EUR", "GBP")
    assert over is not None
    assert abs(Fraction(direct.amount) - Fraction(over.amount)) <= Fraction(1, 200) / rest + Fraction(1, 100)


@given(AMOUNT, RATE)
def test_rounding_is_half_up_and_exact(amount: Decimal, first: Decimal) -> None:
    found = RatesOfDay(DAY, {"USD": (first, DAY)}).convert(amount, "USD", "EUR")
    assert found is not None
    difference = Fraction(found.amount) - Fraction(amount) / Fraction(first)
    assert -Fraction(1, 200) < difference <= Fraction(1, 200)
