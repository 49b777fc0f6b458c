"""What a report is asked with: filters as an address or a program gives them, kept as JSON, and said in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import policy
from accounts.models import User
from ledger.choices import Segment
from ledger.models import Customer
from lib.errors import FieldErrors
from reporting.dashboard.filters import DEFAULT_MONTHS, MONTHS
from reporting.metrics.dso import METHODS
from reporting.reports.table import dimension
from reporting.selectors.frame import FILTERS, READ

# Beside the filters of a frame: how the report is cut, and over which period.
MORE = ("months", "by", "step", "method")
NUMBERS = frozenset({"salesperson", "collector", "customer"})
# What the dashboard's address knows.
ON_THE_DASHBOARD = ("months", "salesperson", "segment")
LONGEST = 40


def filters_in(given: Mapping[str, Any]) -> dict[str, str]:
    """The filters of an address or a body, without what does not filter. Raises FieldErrors for what cannot be one."""
    kept = {name: str(given.get(name) or "").strip() for name in (*FILTERS, *MORE)}
    kept = {name: value for name, value in kept.items() if value}
    wrong = {
        name: _("This filter cannot be used.") for name, value in kept.items() if not _usable(name, value)
    }
    if wrong:
        raise FieldErrors(wrong)
    return kept


def _usable(name: str, value: str) -> bool:
    if name in NUMBERS:
        return (value.isdecimal() and len(value) < 19) or (value == "none" and name != "customer")
    if name == "months":
        return value.isdecimal() and int(value) in MONTHS
    if name == "segment":
        return value in Segment.values
    if name == "method":
        return value in METHODS
    return len(value) <= LONGEST and "\0" not in value


def months_of(filters: Mapping[str, str]) -> int:
    """How many months the period has."""
    return int(filters.get("months", DEFAULT_MONTHS))


def frame_filters(filters: Mapping[str, str]) -> dict[str, str]:
    """Those that choose customers and documents."""
    return {name: value for name, value in filters.items() if name in FILTERS}


def query(filters: Mapping[str, str], names: Iterable[str], **more: str) -> str:
    """Some of the filters, and more, as the query of an address."""
    kept = {name: filters[name] for name in names if name in filters}
    return "?" + urlencode({**more, **kept})


class Names:
    """The people and customers that filters name, read for a whole list at once: two queries at most.

    A customer the reader may not see stays a number.
    """

    def __init__(self, many: Iterable[Mapping[str, str]], reader: User) -> None:
        asked = list(many)
        people = {one[key] for one in asked for key in ("salesperson", "collector") if key in one} - {"none"}
        customers = {one["customer"] for one in asked if "customer" in one}
        self.people = {
            str(pk): name for pk, name in User.objects.filter(pk__in=people).values_list("pk", "name")
        }
        seen = Customer.objects.filter(policy.rows(reader, READ, salesperson="salesperson"))
        rows = seen.filter(pk__in=customers).values_list("pk", "name")
        self.customers = {str(pk): name for pk, name in rows}

    def words(self, filters: Mapping[str, str]) -> list[tuple[str, str]]:
        """Each filter as its name and its value, in the active language."""
        return [(self._label(name), self._value(name, value)) for name, value in filters.items()]

    def _label(self, name: str) -> str:
        return {
            "salesperson": _("Salesperson"),
            "collector": _("Collector"),
            "segment": _("Segment"),
            "country": _("Country"),
            "currency": _("Currency"),
            "customer": _("Customer"),
            "months": _("Period"),
            "by": _("Split by"),
            "step": _("Step"),
            "method": _("Method"),
        }[name]

    def _value(self, name: str, value: str) -> str:
        if name in ("salesperson", "collector"):
            return _("none") if value == "none" else self.people.get(value, value)
        if name == "customer":
            return self.customers.get(value, value)
        if name == "segment":
            return str(Segment(value).label)
        if name == "months":
            return ngettext("%(n)d month", "%(n)d months", int(value)) % {"n": int(value)}
        return dimension(value) if name == "by" else value
