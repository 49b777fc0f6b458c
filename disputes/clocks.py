"""Working time as disputes count it. Pure: no database. How it is counted: lib/working.py."""

from lib.working import (
    STANDARD_WEEK,
    Closed,
    NeverOpen,
    Office,
    Span,
    Timetable,
    Week,
    add_working,
    working_time,
)

__all__ = [
    "STANDARD_WEEK",
    "Closed",
    "NeverOpen",
    "Office",
    "Span",
    "Timetable",
    "Week",
    "add_working",
    "working_time",
]
