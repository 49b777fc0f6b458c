"""What a bank's file may leave out, filled from the entity that it is for. No database here."""

from dataclasses import replace

from ledger.bank.statements import Statement
from ledger.intake.documents import NoticeBook


def with_currency(statement: Statement, currency: str, notices: NoticeBook) -> Statement:
    """The statement in the entity's currency when its file names none, as many banks' tables do; with a word."""
    if statement.currency:
        return statement
    notices.add("bank_currency_assumed", statement.line, currency=currency)
    entries = tuple(
        replace(
            entry,
            currency=currency,
            transactions=tuple(replace(part, currency=currency) for part in entry.transactions),
        )
        for entry in statement.entries
    )
    return replace(statement, currency=currency, entries=entries)
