"""Late interest and recovery costs: rates by date, the rule, and what invoices bear as of a day."""

from collections_app.interest.facts import settings_of
from collections_app.interest.position import (
    Fee,
    Position,
    Sum,
    by_customer,
    interest_for,
    line_data,
    position_data,
)
from collections_app.interest.rates import RateBook, load_book
from collections_app.interest.rule import Agreed, Explanation, Line

__all__ = [
    "Agreed",
    "Explanation",
    "Fee",
    "Line",
    "Position",
    "RateBook",
    "Sum",
    "by_customer",
    "interest_for",
    "line_data",
    "load_book",
    "position_data",
    "settings_of",
]
