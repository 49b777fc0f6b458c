"""Typed answers as people read them: money in the dispute's currency, dates, everything else as it was written."""

from datetime import date
from decimal import Decimal, InvalidOperation

from disputes.choices import QuestionKind
from lib import formats


def in_words(kind: str, value: str, currency: str) -> str:
    """The value of an answer in the reader's language; what cannot be read stays as it is."""
    try:
        if kind == QuestionKind.AMOUNT:
            return formats.money(Decimal(value), currency or formats.HOME_CURRENCY)
        if kind == QuestionKind.DATE:
            return formats.day(date.fromisoformat(value))
    except (InvalidOperation, ValueError):
        pass
    return value
