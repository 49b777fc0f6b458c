"""What a reader of answers hands over. No database here."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from ledger.intake.documents import Party, Reject

MAX_TEXT = 4000
MAX_REASONS = 50
ACTIONS = "OPStatusAction"
# What an amount of a reason is: what the customer does not accept, or what they do.
DISPUTED, APPROVED = "disputed", "approved"


@dataclass(frozen=True, slots=True)
class Saying:
    """One reason, or one thing we are asked to do, in the words of the message.

    `values` are fields of the invoice with the value they should have: (field, value).
    """

    code: str = ""
    scheme: str = ""
    text: str = ""
    amount: Decimal | None = None
    currency: str = ""
    means: str = ""
    values: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The shape kept in `InvoiceAnswer.reasons`; what is empty is left out."""
        kept: dict[str, Any] = {"code": self.code, "scheme": self.scheme, "text": self.text}
        if self.amount is not None:
            kept |= {"amount": str(self.amount), "currency": self.currency, "means": self.means}
        if self.values:
            kept["values"] = [list(pair) for pair in self.values]
        return kept


@dataclass(frozen=True, slots=True)
class Answered:
    """What a message says about one document. `disputed` and `approved` are amounts that it names."""

    line: int
    position: int
    number: str
    status: str
    issued_on: date | None = None
    is_credit: bool = False
    effective_on: date | None = None
    text: str = ""
    sayings: tuple[Saying, ...] = ()
    disputed: Decimal | None = None
    approved: Decimal | None = None
    currency: str = ""


@dataclass(slots=True)
class Message:
    """One message: its identity, who sent it, for which of our companies, and what it says."""

    standard: str
    id: str
    sender: str
    receiver: Party = field(default_factory=Party)
    answers: list[Answered] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


def sums(sayings: list[Saying]) -> tuple[Decimal | None, Decimal | None, str]:
    """The disputed and the approved amount that the reasons name together, and their currency."""
    found: dict[str, Decimal] = {}
    currency = ""
    for saying in sayings:
        if saying.amount is not None and saying.means:
            found[saying.means] = found.get(saying.means, Decimal(0)) + saying.amount
            currency = currency or saying.currency
    return found.get(DISPUTED), found.get(APPROVED), currency


def together(*texts: str) -> str:
    """The texts that say something, each once."""
    return "\n".join(dict.fromkeys(text for text in texts if text))[:MAX_TEXT]
