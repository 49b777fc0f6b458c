"""Rows that people did not mean: each gives a sentence with its place, the good rows go in."""

from decimal import Decimal
from pathlib import Path

import pytest

from ledger.intake.csv_documents import turned
from ledger.intake.documents import DocumentLine
from ledger.models import Invoice
from tests.factories import Cast
from tests.ledger.intake_helpers import bring_rows, codes, numbers

GOOD = "N-9;C-001;Norte;2026-01-15;2026-02-14;100.00;EUR;"
REMEDY = ("Fill", "Write", "go up to", "Check", "Use", "needs an amount", "Keep one", "Shorten")


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("N-1;C-001;Norte;2026-01-15;2026-02-14;1000000000000000;EUR;", "amount_too_large"),
        ("N-1;C-001;Norte;2026-01-15;2026-02-14;1E+15;EUR;", "amount_too_large"),
        ("N-1;C-001;Norte;2026-01-15;2026-02-14;NaN;EUR;", "missing"),
        ("N-1;C-001;Norte;2026-01-15;2026-02-14;Infinity;EUR;", "not_an_amount"),
        ("N-1;C-001;Norte;0202-01-15;2026-02-14;10.00;EUR;", "date_out_of_range"),
        ("N-1;C-001;Norte;79999;2026-02-14;10.00;EUR;", "date_out_of_range"),
        ("N-1;C-001;Norte;2026-01-15;2026-02-14;0.00;EUR;", "zero_amount"),
        ("N-1;C-001;Norte;2026-01-15;2026-02-14;10.00;EURO;", "not_a_currency"),
        (";C-001;Norte;2026-01-15;2026-02-14;10.00;EUR;", "missing"),
        ("N-9;C-001;Norte;2026-01-15;2026-02-14;10.00;EUR;", "duplicate_in_file"),
        (f"{'N' * 81};C-001;Norte;2026-01-15;2026-02-14;10.00;EUR;", "cell_too_long"),
    ],
)
def test_a_bad_row_is_refused_with_place_and_remedy(cast: Cast, tmp_path: Path, row: str, code: str) -> None:
    result = bring_rows(cast.entity, tmp_path, GOOD, row)
    assert (numbers(result), codes(result)) == ((1, 0, 0, 1), [(3, code)])
    told = result.as_json()["rejects"][0]
    assert told["at"].startswith("line 3")
    assert any(words in told["message"] for words in REMEDY), told


def test_what_is_odd_but_can_be_goes_in_with_a_word(cast: Cast, tmp_path: Path) -> None:
    rows = ("N-1;C-001;Norte;2026-01-15;2026-01-10;10.00;EUR;", "N-2;C-001;Norte;2026-01-15;;-10.00;;")
    result = bring_rows(cast.entity, tmp_path, *rows)
    assert numbers(result) == (2, 0, 0, 0)
    assert {(notice.code, notice.line) for notice in result.notices} == {
        ("due_before_issue", 2),
        ("negative_is_credit_note", 3),
        ("currency_assumed", 0),
    }
    assert Invoice.objects.get(number="N-1").due_on.isoformat() == "2026-01-10"
    assert Invoice.objects.get(number="N-2").kind == "credit_note"


def test_the_lines_of_a_negative_invoice_are_positive_like_its_amount(cast: Cast, tmp_path: Path) -> None:
    columns = ("description", "quantity", "unit price", "net amount", "tax rate")
    header = ";".join(["Number", "Customer code", "Issue date", *(f"Line {name}" for name in columns)])
    rows = (
        "A-1;C-001;2026-01-15;Back;-2;50.00;-100.00;21",
        "A-1;C-001;2026-01-15;Kept;1;10.00;10.00;21",
    )
    assert numbers(bring_rows(cast.entity, tmp_path, *rows, header=header)) == (1, 0, 0, 0)
    note = Invoice.objects.get(number="A-1")
    assert (note.kind, note.amount, note.net) == ("credit_note", Decimal("108.90"), Decimal("90.00"))
    assert list(note.lines.values_list("quantity", "unit_price", "net")) == [
        (Decimal(2), Decimal(50), Decimal("100.00")),
        (Decimal(-1), Decimal(10), Decimal("-10.00")),
    ]


@pytest.mark.parametrize(("quantity", "price"), [("-2", "50"), ("2", "-50"), (None, "-100"), ("-1", None)])
def test_a_turned_line_still_multiplies_to_its_net(quantity: str | None, price: str | None) -> None:
    amounts = [None if part is None else Decimal(part) for part in (quantity, price)]
    line = turned(DocumentLine(1, "", amounts[0], "", amounts[1], Decimal("-100"), None))
    assert (line.quantity or 1) * (line.unit_price or 1) > 0
    assert line.net == Decimal("100")
