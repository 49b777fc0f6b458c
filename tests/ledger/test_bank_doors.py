"""Structured bank files through the door of every import: booked, held, listed, and the same twice is once."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ledger.choices import StatementStatus
from ledger.models import BankStatement, BankTransaction
from tests.factories import Cast
from tests.ledger.bank_papers import WRITERS, Line, Paper, camt, norma43, ofx
from tests.ledger.intake_helpers import bring, codes, numbers

PAPER = Paper(
    (Line(date(2026, 3, 14), 12_345, "INVOICE 2026-7", "42"), Line(date(2026, 3, 16), -999, "FEE", "43"))
)


@pytest.mark.parametrize("name", WRITERS)
def test_a_statement_is_booked_once(name: str, cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "statement"
    path.write_text(WRITERS[name](PAPER))
    result = bring(cast.entity, path)
    assert (result.error, result.format, numbers(result)) == (None, name, (2, 0, 0, 0))
    assert [row.amount for row in BankTransaction.objects.order_by("entry")] == [
        Decimal("123.45"),
        Decimal("-9.99"),
    ]
    assert BankStatement.objects.get().status == StatementStatus.BOOKED
    assert numbers(bring(cast.entity, path)) == (0, 0, 2, 0)
    assert BankTransaction.objects.count() == 2


def test_a_statement_that_contradicts_itself_is_held(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "statement"
    path.write_text(camt(PAPER).replace(">1113.46<", ">1113.47<"))
    result = bring(cast.entity, path)
    assert (result.created, result.rejected) == (0, 2)
    assert BankStatement.objects.get().difference == Decimal("-0.01")


def test_nothing_of_a_cut_file_goes_in(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "statement"
    path.write_text(norma43(PAPER)[:300])
    result = bring(cast.entity, path)
    assert result.error
    assert result.error.code == "cut_off"
    assert not BankStatement.objects.exists()


def test_an_entry_that_cannot_be_read_is_listed_and_the_rest_booked(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "statement"
    path.write_text(ofx(PAPER).replace("<TRNAMT>123.45", "<TRNAMT>$123"))
    result = bring(cast.entity, path)
    assert (result.created, codes(result)) == (1, [(13, "not_an_amount")])


def test_what_the_bank_has_not_booked_is_told_and_left_for_later(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "statement"
    text = camt(PAPER)
    entries = text.count("<Sts>BOOK</Sts>")
    assert entries == 2
    cut = text.rindex("<Sts>BOOK</Sts>")
    waiting = text[:cut] + "<Sts>PDNG</Sts>" + text[cut + len("<Sts>BOOK</Sts>") :]
    path.write_text(waiting.replace(">1113.46<", ">1123.45<"))
    result = bring(cast.entity, path)
    assert numbers(result) == (1, 0, 1, 0)
    (listed,) = result.statements
    assert (listed["entries"], listed["pending"], listed["balanced"]) == (2, 1, True)
    assert (listed["credits"], listed["debits"]) == ("123.45", "9.99")
    assert [row.amount for row in BankTransaction.objects.all()] == [Decimal("123.45")]


def test_an_interim_report_without_a_currency_is_in_the_entitys(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "report"
    path.write_text(":20:R1\n:25:10020030/1234567\n:28C:1/1\n:61:2603160316C100,00NMSCNONREF\n:86:PAGO\n-\n")
    result = bring(cast.entity, path)
    assert (result.error, result.format, numbers(result)) == (None, "mt942", (1, 0, 0, 0))
    assert "bank_currency_assumed" in [notice.code for notice in result.notices]
    assert BankTransaction.objects.get().currency == cast.entity.currency
