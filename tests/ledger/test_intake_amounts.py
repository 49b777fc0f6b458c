"""Amounts and dates are read back exactly, however a system wrote them."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.intake.amounts import AmountEvidence, read_amount
from ledger.intake.dates import DateEvidence, read_date
from ledger.intake.documents import BadCell

amounts = st.decimals(Decimal("-99999999.99"), Decimal("99999999.99"), places=2, allow_nan=False)
days = st.dates(date(1990, 1, 1), date(2060, 12, 31))


def grouped(value: Decimal, thousands: str, decimal: str) -> str:
    """The absolute value with separators."""
    return f"{abs(value):,.2f}".replace(",", "T").replace(".", decimal).replace("T", thousands)


SIGNS = {
    "front": lambda text: f"-{text}",
    "behind": lambda text: f"{text}-",
    "brackets": lambda text: f"({text})",
    "spaced": lambda text: f"- {text}",
    "minus sign": lambda text: f"−{text}",
    "credit": lambda text: f"{text} CR",
}
DRESS = ("{}", "{} €", "€ {}", "EUR {}", "{} EUR", "$ {}", "  {} ")
SEPARATORS = (
    (".", ","),
    (",", "."),
    (" ", ","),
    ("\u00a0", ","),
    ("\u202f", ","),
    ("'", "."),
    ("", ","),
    ("", "."),
)


@given(
    values=st.lists(amounts, min_size=1, max_size=20),
    separators=st.sampled_from(SEPARATORS),
    sign=st.sampled_from(sorted(SIGNS)),
    dress=st.sampled_from(DRESS),
)
def test_a_column_in_any_style_is_read_back_exactly(
    values: list[Decimal], separators: tuple[str, str], sign: str, dress: str
) -> None:
    column = []
    for value in values:
        text = grouped(value, *separators)
        column.append(dress.format(SIGNS[sign](text) if value < 0 else text))
    seen = AmountEvidence()
    for cell in column:
        seen.add(cell)
    style = seen.style or seen.guess
    assert [read_amount(cell.strip(), style)[0] for cell in column] == values


DATE_STYLES = {
    "iso": ("%Y-%m-%d", ""),
    "iso with time": ("%Y-%m-%d 05:02:32.250000000", ""),
    "iso T": ("%Y-%m-%dT00:00:00Z", ""),
    "day first": ("%d/%m/%Y", "dmy"),
    "day first dots": ("%d.%m.%Y", "dmy"),
    "month first": ("%m/%d/%Y", "mdy"),
    "two digits": ("%d-%m-%y", "dmy"),
    "compact": ("%Y%m%d", ""),
    "compact float": ("%Y%m%d.0", ""),
}


@given(values=st.lists(days, min_size=1, max_size=30), style=st.sampled_from(sorted(DATE_STYLES)))
def test_a_column_of_dates_in_any_style_is_read_back_exactly(values: list[date], style: str) -> None:
    pattern, order = DATE_STYLES[style]
    column = [day.strftime(pattern) for day in [*values, date(2026, 3, 31)]]
    seen = DateEvidence()
    for cell in column:
        seen.add(cell)
    assert seen.style in {order, ""}
    assert seen.share == 1.0
    assert [read_date(cell, seen.style or "dmy") for cell in column] == [*values, date(2026, 3, 31)]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("12 mar 2026", date(2026, 3, 12)),
        ("12 de marzo de 2026", date(2026, 3, 12)),
        ("1er février 2026", date(2026, 2, 1)),
        ("3. Dezember 2025", date(2025, 12, 3)),
        ("12-Jan-26", date(2026, 1, 12)),
        ("March 5, 2026", date(2026, 3, 5)),
        ("43831", date(2020, 1, 1)),
        ("20200630.0", date(2020, 6, 30)),
    ],
)
def test_dates_in_words_and_serial_numbers_are_read(cell: str, day: date) -> None:
    assert read_date(cell, "dmy") == day


@pytest.mark.parametrize(
    ("cell", "style", "amount"),
    [
        ("1.234,56-", ",", "-1234.56"),
        ("(1,234.56)", ".", "-1234.56"),
        ("1 234,56 €", ",", "1234.56"),
        ("1'234.50", ".", "1234.50"),
        ("1.2E+05", ".", "120000"),
        ("1,23,456.78", ".", "123456.78"),
        ("100,00 H", ",", "-100.00"),
        (".5", ".", "0.5"),
        ("+7", ".", "7"),
    ],
)
def test_the_amounts_of_the_brief_are_read(cell: str, style: str, amount: str) -> None:
    assert read_amount(cell, style)[0] == Decimal(amount)


@pytest.mark.parametrize(
    "cell", ["abc", "1.2.3,4,5", "12,34.56,78", "1-2", "--5", "Infinity", "1,2,3", "٣", "1e99"]
)
def test_what_is_no_amount_is_refused(cell: str) -> None:
    with pytest.raises(BadCell):
        read_amount(cell, ".")


@pytest.mark.parametrize(
    "cell", ["31/02/2026", "0202-01-01", "2026-13-01", "31.12.9999", "soon", "12/34/2026", "1/2"]
)
def test_what_is_no_date_is_refused(cell: str) -> None:
    with pytest.raises(BadCell):
        read_date(cell, "dmy")


def test_a_column_of_thousands_without_decimals_is_not_read_as_fractions() -> None:
    seen = AmountEvidence()
    for cell in ("1.234", "12.345", "999"):
        seen.add(cell)
    assert seen.ambiguous
    assert read_amount("1.234", seen.guess)[0] == 1234


def test_one_clear_value_settles_the_whole_column() -> None:
    seen = AmountEvidence()
    for cell in ("1.234", "12.5"):
        seen.add(cell)
    assert read_amount("1.234", seen.style)[0] == Decimal("1.234")


def test_in_a_column_that_mixes_styles_only_clear_values_are_read() -> None:
    seen = AmountEvidence()
    for cell in ("1.234,50", "1,234.50", "1.234"):
        seen.add(cell)
    assert seen.style == "mixed"
    assert read_amount("1.234,50", "mixed")[0] == read_amount("1,234.50", "mixed")[0] == Decimal("1234.50")
    with pytest.raises(BadCell, match="ambiguous_amount"):
        read_amount("1.234", "mixed")


def test_an_amount_of_fifteen_digits_is_refused() -> None:
    with pytest.raises(BadCell, match="amount_too_large"):
        read_amount("1" + "0" * 15, ".")


@given(st.text(max_size=40), st.sampled_from([".", ",", "mixed"]))
def test_any_text_is_an_amount_or_a_refusal(cell: str, style: str) -> None:
    try:
        value, _currency = read_amount(cell, style)
    except BadCell:
        return
    assert value.is_finite()


@given(st.text(max_size=40))
def test_any_text_is_a_date_or_a_refusal(cell: str) -> None:
    try:
        day = read_date(cell, "dmy")
    except BadCell:
        return
    assert 1970 <= day.year <= 2100
