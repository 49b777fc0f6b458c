"""Statements in the ledger: recognised, held when they do not add up, never booked twice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ledger.bank.booking import entity_of_file
from ledger.bank.held import book_held, dismiss
from ledger.bank.identity import same_account
from ledger.bank.statements import Transaction
from ledger.choices import StatementStatus
from ledger.errors import LedgerError
from ledger.models import BankStatement, BankTransaction
from tests.factories import AT, Cast
from tests.ledger.bank_helpers import ACCOUNT, Bank, bank, batch_entry, moved, statement

__all__ = ["bank"]


def counts(result: object) -> tuple[int, ...]:
    return tuple(
        getattr(result, name) for name in ("documents", "created", "updated", "unchanged", "rejected")
    )


def test_a_statement_is_stored_and_its_figures_reported(cast: Cast, bank: Bank) -> None:
    paper = statement(moved("100.5", text="INV-1"), moved("-3.00", text="fee"), number="7")
    result = bank.takes(paper, entity=cast.entity)
    assert counts(result) == (2, 2, 0, 0, 0)
    assert result.exit_code == 0
    assert result.totals == {"EUR": Decimal("97.50")}
    told = result.as_json()["statements"][0]
    assert {name: told[name] for name in ("account", "number", "opening", "closing", "credits", "debits")} == {
        "account": ACCOUNT, "number": "7", "opening": "1000.00", "closing": "1097.50", "credits": "100.50",
        "debits": "3.00",
    }  # fmt: skip
    assert (told["entries"], told["balanced"], told["difference"]) == (2, True, "0.00")
    row = BankStatement.objects.get()
    assert (row.status, row.difference, row.entries) == ("booked", Decimal(0), 2)
    money_in, money_out = row.transactions.order_by("entry")
    assert (money_in.status, money_out.status) == ("unmatched", "other")


def test_the_same_file_twice_changes_nothing(cast: Cast, bank: Bank) -> None:
    paper = statement(moved("100", text="A"), moved("100", text="A"), moved("5", text="B"))
    assert counts(bank.takes(paper, entity=cast.entity)) == (3, 3, 0, 0, 0)
    assert counts(bank.takes(paper, entity=cast.entity)) == (3, 0, 0, 3, 0)
    assert (BankStatement.objects.count(), BankTransaction.objects.count()) == (1, 3)


def test_the_notification_and_the_statement_of_a_day_have_the_same_movements(cast: Cast, bank: Bank) -> None:
    notice = statement(moved("100", reference="ACCT1", text="INV-1"), opening=None, number="N1")
    paper = statement(
        moved("100", reference="ACCT1", text="INV 1 / more words"), moved("7", reference="ACCT2"), number="S1"
    )
    bank.takes(notice, entity=cast.entity)
    assert counts(bank.takes(paper, entity=cast.entity)) == (2, 1, 0, 1, 0)
    assert BankTransaction.objects.count() == 2


def test_overlapping_exports_tell_equal_movements_by_their_number(cast: Cast, bank: Bank) -> None:
    one = statement(moved("10", text="coffee"), moved("10", text="coffee"), opening=None, number="")
    more = statement(*[moved("10", text="coffee")] * 3, moved("4", text="tea"), opening=None, number="")
    bank.takes(one, entity=cast.entity)
    assert counts(bank.takes(more, entity=cast.entity)) == (4, 2, 0, 2, 0)


def test_equal_movements_of_statements_that_follow_each_other_are_two(cast: Cast, bank: Bank) -> None:
    first = statement(moved("10", text="coffee"), number="12/1")
    second = statement(moved("10", text="coffee"), opening="1010.00", number="12/2")
    third = statement(moved("10", text="coffee"), opening="1020.00", number="12/3")
    bank.takes(first, entity=cast.entity)
    assert counts(bank.takes(second, third, entity=cast.entity)) == (2, 2, 0, 0, 0)
    assert counts(bank.takes(third, entity=cast.entity)) == (1, 0, 0, 1, 0)
    assert BankTransaction.objects.count() == 3


def test_the_parts_of_a_batch_take_the_place_of_its_sum(cast: Cast, bank: Bank) -> None:
    bank.takes(statement(moved("300", reference="BATCH9"), number="S1"), entity=cast.entity)
    parts = [Transaction(Decimal(amount), "EUR", end_to_end_id=f"E{amount}") for amount in ("100", "200")]
    detailed = statement(batch_entry(parts, reference="BATCH9"), opening=None, number="N1")
    assert counts(bank.takes(detailed, entity=cast.entity)) == (1, 0, 1, 0, 0)
    rows = BankTransaction.objects.order_by("part")
    assert [(row.entry, row.part, row.amount, row.end_to_end_id) for row in rows] == [
        (1, 1, Decimal(100), "E100"),
        (1, 2, Decimal(200), "E200"),
    ]
    assert counts(bank.takes(detailed, entity=cast.entity)) == (1, 0, 0, 1, 0)
    # The other way round: the sum says nothing new.
    late = statement(moved("300", reference="BATCH9"), opening="5.00", number="S2")
    assert counts(bank.takes(late, entity=cast.entity)) == (1, 0, 0, 1, 0)


def test_a_statement_that_does_not_balance_is_held(cast: Cast, bank: Bank) -> None:
    wrong = statement(moved("100", text="INV-1"), moved("1"), closing="1100.00")
    result = bank.takes(wrong, entity=cast.entity)
    assert counts(result) == (2, 0, 0, 0, 2)
    assert (result.exit_code, result.totals, len(result.rejects)) == (1, {}, 1)
    reject = result.as_json()["rejects"][0]
    assert reject["code"] == "unbalanced"
    assert "a difference of 1.00" in reject["message"]
    assert "--allow-unbalanced" in reject["message"]
    row = BankStatement.objects.get()
    assert (row.status, row.difference) == ("held", Decimal(1))
    assert set(row.transactions.values_list("status", flat=True)) == {"held"}
    # Again: the same answer, no second row. A corrected file goes in beside it.
    assert counts(bank.takes(wrong, entity=cast.entity)) == (2, 0, 0, 0, 2)
    assert counts(bank.takes(statement(moved("100", text="INV-1"), moved("1")), entity=cast.entity)) == (
        2, 2, 0, 0, 0,
    )  # fmt: skip
    assert BankStatement.objects.count() == 2


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"declared_credits": Decimal(90)}, "declared_credits_differ"),
        ({"declared_debits": Decimal(1)}, "declared_debits_differ"),
        ({"fault": "balances_in_currencies", "params": {"found": "EUR, SEK"}}, "balances_in_currencies"),
        ({"currency": "USD"}, "entry_other_currency"),
    ],
)
def test_a_statement_that_contradicts_itself_is_held(
    cast: Cast, bank: Bank, facts: dict[str, Any], why: str
) -> None:
    result = bank.takes(statement(moved("100"), **facts), entity=cast.entity)
    assert counts(result) == (1, 0, 0, 0, 1)
    assert (BankStatement.objects.get().held_for, result.statements[0]["balanced"]) == (why, False)


def test_allow_unbalanced_books_with_a_word(cast: Cast, bank: Bank) -> None:
    wrong = statement(moved("100"), closing="1200.00")
    result = bank.takes(wrong, entity=cast.entity, allow_unbalanced=True)
    assert counts(result) == (1, 1, 0, 0, 0)
    assert [notice.code for notice in result.notices] == ["booked_unbalanced"]
    row = BankStatement.objects.get()
    assert (row.status, row.decided_at, row.difference) == ("booked", AT, Decimal(-100))


def test_a_held_statement_is_booked_by_a_person_or_by_the_switch(cast: Cast, bank: Bank) -> None:
    wrong = statement(moved("100"), moved("3"), closing="1200.00")
    bank.takes(wrong, entity=cast.entity)
    bank.takes(statement(moved("100"), number="right"), entity=cast.entity)
    result = bank.takes(wrong, entity=cast.entity, allow_unbalanced=True)
    assert counts(result) == (2, 1, 0, 1, 0)
    held = BankStatement.objects.get(number="1")
    assert (held.status, held.transactions.get().amount) == ("booked", Decimal(3))
    with pytest.raises(LedgerError, match="booked already"):
        book_held(statement=held, at=AT, by=cast.alice)


def test_a_dismissed_statement_stays_out(cast: Cast, bank: Bank) -> None:
    wrong = statement(moved("100"), closing="1200.00")
    bank.takes(wrong, entity=cast.entity)
    row = dismiss(statement=BankStatement.objects.get(), at=AT, by=cast.alice, note="a test file")
    assert row.status == StatementStatus.DISMISSED
    assert counts(bank.takes(wrong, entity=cast.entity)) == (1, 0, 0, 0, 1)
    with pytest.raises(LedgerError, match="held"):
        dismiss(statement=row, at=AT, by=cast.alice)
    assert len(book_held(statement=row, at=AT, by=cast.alice, note="it was right")) == 1


def test_the_account_says_which_entity_it_is(cast: Cast, bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.other.iban = "FR76 3000 6000 0112 3456 7890 189"
    cast.other.save()
    paper = statement(moved("100"), account="FR7630006000011234567890189")
    # Carl collects for ACM only; the command may everything.
    result = bank.takes(paper, entity=cast.entity, by=cast.carl)
    assert (counts(result), result.rejects[0].code) == ((1, 0, 0, 0, 1), "account_of_other")
    bank.takes(paper, entity=cast.entity)
    assert BankStatement.objects.get().entity == cast.other
    from ledger.bank import booking
    from ledger.intake import batch

    monkeypatch.setattr(booking, "format_of", batch.format_of)
    assert entity_of_file(bank.path, "auto") == cast.other


@pytest.mark.parametrize(
    ("iban", "account", "same"),
    [
        ("ES91 2100 0418 4502 0005 1332", "ES9121000418450200051332", True),
        ("ES9121000418450200051332", "210004180200051332", True),
        ("DE89370400440532013000", "37040044/532013000", True),
        ("FR7630006000011234567890189", "30006000011234567890189", True),
        ("FR7630006000011234567890189", "0189", False),
        ("", "", False),
    ],
)
def test_an_account_is_known_however_the_bank_writes_it(iban: str, account: str, same: bool) -> None:
    assert same_account(iban, account) is same
