"""A bank's table through the door of every import: booked, held, given twice, overlapping; a profile applied."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from accounts.models import LegalEntity
from ledger.bank.readers.table_columns import Columns
from ledger.choices import StatementStatus
from ledger.intake.results import FileResult
from ledger.models import BankStatement, BankTransaction, MappingProfile
from tests.factories import AT, Cast
from tests.ledger.intake_helpers import bring

HEAD = "Datum;Buchungstext;Betrag;Valuta;Saldo\n"
ROWS = (
    "16.01.2024;Kunde 1;100.00;16.01.2024;1100.00\n",
    "17.01.2024;Miete;-40.00;17.01.2024;1060.00\n",
    "18.01.2024;Kunde 2;60.00;18.01.2024;1120.00\n",
    "19.01.2024;Kunde 2;60.00;19.01.2024;1180.00\n",
)


def taken(folder: Path, entity: LegalEntity, text: str, **how: Any) -> FileResult:
    """The result of importing the text as a file."""
    path = folder / "konto.csv"
    path.write_text(text)
    return bring(entity, path, **how)


def test_a_table_is_booked_in_the_currency_of_the_entity(tmp_path: Path, cast: Cast) -> None:
    result = taken(tmp_path, cast.entity, HEAD + "".join(ROWS))
    assert (result.error, result.format, result.documents, result.created) == (None, "bank_csv", 4, 4)
    (listed,) = result.statements
    assert (listed["opening"], listed["closing"]) == ("1000.00", "1180.00")
    assert (listed["credits"], listed["debits"]) == ("220.00", "40.00")
    statement = BankStatement.objects.get()
    assert (statement.currency, statement.status) == (cast.entity.currency, StatementStatus.BOOKED)
    assert {notice.code for notice in result.notices} >= {"bank_currency_assumed"}


def test_the_same_rows_again_are_unchanged(tmp_path: Path, cast: Cast) -> None:
    """The same export, and one that overlaps: each movement is booked once, equal ones of other days both."""
    taken(tmp_path, cast.entity, HEAD + "".join(ROWS[:3]))
    again = taken(tmp_path, cast.entity, HEAD + "".join(ROWS[:3]))
    assert (again.created, again.unchanged) == (0, 3)
    further = taken(tmp_path, cast.entity, HEAD + "".join(ROWS[1:]))
    assert (further.created, further.unchanged) == (1, 2)
    assert BankTransaction.objects.count() == 4


def test_a_missing_row_holds_the_statement(tmp_path: Path, cast: Cast) -> None:
    text = HEAD + ROWS[0] + ROWS[2]
    result = taken(tmp_path, cast.entity, text)
    assert BankStatement.objects.get().status == StatementStatus.HELD
    assert result.rejected == 2
    assert result.statements[0]["difference"] == "40.00"
    told = taken(tmp_path, cast.entity, text, allow_unbalanced=True)
    assert told.created == 2
    assert BankStatement.objects.get().status == StatementStatus.BOOKED


def test_an_unreadable_row_holds_the_statement(tmp_path: Path, cast: Cast) -> None:
    text = "Datum;Buchungstext;Betrag\n16.01.2024;Kunde;100.00\n17.01.2024;Kunde;ca. 40\n18.01.2024;X;-3.00\n"
    result = taken(tmp_path, cast.entity, text)
    held = BankStatement.objects.get()
    assert (held.status, held.held_for) == (StatementStatus.HELD, "table_row_unreadable")
    assert held.held_facts["line"] == 3
    assert [(one.line, one.column, one.code) for one in result.rejects] == [
        (1, "", "unbalanced"),
        (3, "Betrag", "not_an_amount"),
    ]
    assert result.statements[0]["credits"] == "100.00"
    assert Decimal(result.statements[0]["debits"]) == 3


ROWS_OF_TWO = "16.01.2024;Kunde;100.00;3.00\n17.01.2024;Kunde;40.00;5.00\n18.01.2024;Kunde;7.00;1.00\n"
UNCLEAR = "Datum;Text;Plus;Minus\n" + ROWS_OF_TWO


def test_a_saved_profile_says_which_column_is_which(tmp_path: Path, cast: Cast) -> None:
    """Two columns of amounts, and nothing that tells them apart: refused with a sentence, read with the profile."""
    unclear = taken(tmp_path, cast.entity, UNCLEAR, format="bank_csv")
    assert unclear.error is not None
    assert unclear.error.params["found"] == "Datum, Text, Plus, Minus"
    mapping = {
        "bank": True,
        "columns": {"date 0": [0, "Datum"], "text 0": [1, "Text"], "amount": [9, "plus"]},
    }
    MappingProfile.objects.create(
        entity=cast.entity, name="hausbank", signature="x", mapping=mapping, created_at=AT
    )
    told = taken(tmp_path, cast.entity, UNCLEAR, format="bank_csv", profile="hausbank")
    assert told.statements[0]["credits"] == "147.00"
    unknown = taken(tmp_path, cast.entity, UNCLEAR, format="bank_csv", profile="nobody")
    assert unknown.error is not None
    assert unknown.error.code == "unknown_profile"


def test_a_profile_holds_everything_that_was_recognised() -> None:
    header = ("Buchungsdatum", "Text", "Betrag", "Saldo")
    known = Columns(header, {"amount": 2, "balance": 3}, (0,), (1,), order="mdy", currency="CHF")
    moved = Columns(("Saldo", "betrag", "Notiz", "Buchungsdatum", "Text"), {"amount": 1})
    found = moved.changed(known.as_json())
    assert (dict(found.places), found.dates, found.texts) == ({"amount": 1, "balance": 0}, (3,), (4,))
    assert (found.order, found.currency) == ("mdy", "CHF")
