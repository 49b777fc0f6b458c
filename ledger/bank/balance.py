"""Whether a statement adds up, and what it says. No database here."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ledger.bank.statements import ZERO, Statement
from ledger.intake.results import money_text

FIVE = Decimal("0.00001")


def exact(amount: Decimal) -> Decimal:
    """The amount with the decimals that the ledger keeps of a bank's figures."""
    return amount.quantize(FIVE) if amount.as_tuple().exponent < -5 else amount  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class Held:
    """Why a statement waits for a person: a code of sentences.py and what its sentence needs."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)


def why_held(statement: Statement) -> Held | None:
    """What does not add up; None when everything does."""
    if statement.fault:
        return Held(statement.fault, {"line": statement.line, **statement.params})
    difference = statement.difference
    if difference:
        return Held(
            "balance_differs",
            {
                "opening": money_text(statement.opening or ZERO),
                "credits": money_text(statement.credits),
                "debits": money_text(statement.debits),
                "closing": money_text(statement.closing or ZERO),
                "difference": money_text(difference),
                "currency": statement.currency,
            },
        )
    for what, stated, computed in (
        ("credits", statement.declared_credits, statement.credits),
        ("debits", statement.declared_debits, statement.debits),
    ):
        if stated is not None and abs(stated) != computed:
            return Held(
                f"declared_{what}_differ",
                {
                    "stated": money_text(abs(stated)),
                    "computed": money_text(computed),
                    "difference": money_text(computed - abs(stated)),
                    "currency": statement.currency,
                },
            )
    other = next((entry for entry in statement.booked if entry.currency != statement.currency), None)
    if other:
        params = {"line": other.line, "found": other.currency, "currency": statement.currency}
        return Held("entry_other_currency", params)
    return None


def as_listed(statement: Statement, held: Held | None) -> dict[str, Any]:
    """The statement as the command and the API report it; amounts are exact.

    `credits`, `debits` and `entries` count everything that it lists, `pending` what of that the bank has not booked.
    """
    difference = statement.difference
    waiting = [entry for entry in statement.entries if entry.pending]
    credits = sum((entry.amount for entry in statement.entries if entry.amount > 0), ZERO)
    debits = -sum((entry.amount for entry in statement.entries if entry.amount < 0), ZERO)
    return {
        "account": statement.account,
        "number": statement.number,
        "currency": statement.currency,
        "from": statement.opened_on.isoformat() if statement.opened_on else None,
        "to": statement.closed_on.isoformat() if statement.closed_on else None,
        "opening": _text(statement.opening),
        "closing": _text(statement.closing),
        "credits": money_text(credits),
        "debits": money_text(debits),
        "entries": len(statement.entries),
        "pending": len(waiting),
        "transactions": sum(max(1, len(entry.transactions)) for entry in statement.entries),
        "balanced": None if difference is None and held is None else held is None,
        "difference": _text(difference),
    }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else money_text(amount)
