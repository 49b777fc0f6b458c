"""What can go wrong with a report, in sentences for the person who asked."""

from collections.abc import Iterable
from datetime import date

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from lib.errors import DomainError, Unprocessable


class ReportError(Unprocessable):
    """The report cannot be made as asked."""


class NoRate(DomainError):
    """An amount in another currency cannot be converted."""

    def __init__(self, currencies: Iterable[str], on: date) -> None:
        listed = ", ".join(sorted(currencies))
        message = _(
            "There is no exchange rate for {currency} on {day}. Import the rates of that day and try again."
        )
        super().__init__(
            format_lazy(message, currency=listed, day=on.isoformat()), code="no_rate", currency=listed, on=on
        )


def choose_entity(codes: Iterable[str]) -> ReportError:
    """Several legal entities are there and none was named."""
    text = _("There are several legal entities. Choose one of: {codes}.")
    return ReportError(format_lazy(text, codes=", ".join(sorted(codes))), code="choose_entity")


def no_entity() -> ReportError:
    return ReportError(_("There is no legal entity yet. Add one, or load the demo data."), code="no_entity")


def unknown_entity(code: str, codes: Iterable[str]) -> ReportError:
    """A legal entity of this code is not there (or not for this reader)."""
    text = _("There is no legal entity {code}. There are: {codes}.")
    return ReportError(
        format_lazy(text, code=code, codes=", ".join(sorted(codes)) or "-"), code="unknown_entity"
    )


def unknown_report(name: str, names: Iterable[str]) -> ReportError:
    text = _("There is no report {name}. There are: {names}.")
    return ReportError(format_lazy(text, name=name, names=", ".join(names)), code="unknown_report")


def unknown_step(name: str, names: Iterable[str]) -> ReportError:
    text = _("A series goes by {names}, not by {name}.")
    return ReportError(format_lazy(text, name=name, names=", ".join(names)), code="unknown_step")


def unknown_part(name: str, names: Iterable[str]) -> ReportError:
    text = _("There is no part {name} of what is open. There are: {names}.")
    return ReportError(format_lazy(text, name=name, names=", ".join(names)), code="unknown_part")


def unknown_bucket(name: str, names: Iterable[str]) -> ReportError:
    text = _("There is no age {name}. There are: {names}.")
    return ReportError(format_lazy(text, name=name, names=", ".join(names)), code="unknown_bucket")


def unknown_dimension(name: str, names: Iterable[str]) -> ReportError:
    text = _("This report cannot be split by {name}. It can be by: {names}.")
    return ReportError(format_lazy(text, name=name, names=", ".join(names) or "-"), code="unknown_dimension")


def period_reversed() -> ReportError:
    return ReportError(_("The period ends before it begins."), code="period_reversed")
