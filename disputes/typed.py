"""Typed answers as people read them: money in the dispute's currency, numbers, dates, the rest as it was written."""

from datetime import date
from decimal import Decimal, InvalidOperation

from disputes.choices import QuestionKind
from lib import formats


def in_words(kind: str, value: str, currency: str) -> str:
    """The value of an answer in the reader's language; what cannot be read stays as it is."""
    try:
        if kind == QuestionKind.AMOUNT:
            return formats.money(Decimal(value), currency or formats.HOME_CURRENCY)
        if kind == QuestionKind.NUMBER:
            return plain(Decimal(value))
        if kind == QuestionKind.DATE:
            return formats.day(date.fromisoformat(value))
    except (InvalidOperation, ValueError):
        pass
    return value


def plain(value: Decimal) -> str:
    """A quantity with as many decimals as it needs, at most three."""
    places = next((n for n in range(3) if value == round(value, n)), 3)
    return formats.number(value, places)
