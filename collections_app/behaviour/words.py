"""What a customer's behaviour says, as sentences."""

from __future__ import annotations

from decimal import Decimal

from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from collections_app.behaviour.learning import FEWEST, ON_TIME
from collections_app.models import Behaviour
from collections_app.models.behaviour import MONTH_END
from lib import formats

# So many days more or less than before are worth a word.
NOTABLE = 5


def habits(behaviour: Behaviour) -> str:
    """In one breath: on which day they usually pay, and how late; empty when there is nothing to say."""
    parts = [_weekday(behaviour), _month_day(behaviour)]
    late = behaviour.late
    if late is not None and late > ON_TIME:
        words = ngettext("typically %(n)d day late", "typically %(n)d days late", late)
        parts.append(words % {"n": late})
    return ", ".join(part for part in parts if part)


def sentences(behaviour: Behaviour) -> list[str]:
    """All there is to say, each a sentence; the evidence last."""
    said = [
        _lateness(behaviour),
        _spread(behaviour),
        _on_time(behaviour),
        _trend(behaviour),
        _usually(behaviour),
        _season(behaviour),
        _promises(behaviour),
        _disputes(behaviour),
        _evidence(behaviour),
    ]
    return [one for one in said if one]


def _lateness(one: Behaviour) -> str:
    if one.late is None:
        return _("Not enough data to speak of a habit.")
    if one.late == 0:
        return _("Typically pays on the due date.")
    days = abs(one.late)
    if one.late < 0:
        words = ngettext("Typically pays %(n)d day early.", "Typically pays %(n)d days early.", days)
    else:
        words = ngettext("Typically pays %(n)d day late.", "Typically pays %(n)d days late.", days)
    return words % {"n": days}


def _spread(one: Behaviour) -> str:
    if one.late_low is None or one.late_high is None or one.late_low == one.late_high:
        return ""
    words = _("Half of the money comes between %(low)d and %(high)d days past due.")
    return words % {"low": one.late_low, "high": one.late_high}


def _on_time(one: Behaviour) -> str:
    if one.on_time is None:
        return ""
    words = _("%(share)s of the money comes on time (at most %(days)d days late).")
    return words % {"share": formats.percent(Decimal(one.on_time) / 100), "days": ON_TIME}


def _trend(one: Behaviour) -> str:
    if one.late_recent is None or one.late_before is None:
        return ""
    facts = {"recent": one.late_recent, "before": one.late_before}
    if one.late_recent - one.late_before >= NOTABLE:
        return (
            _("Slower than before: %(recent)d days late in the last half-year, %(before)d before it.") % facts
        )
    if one.late_before - one.late_recent >= NOTABLE:
        return (
            _("Faster than before: %(recent)d days late in the last half-year, %(before)d before it.") % facts
        )
    return _("No slower and no faster than half a year ago.")


def _weekday(one: Behaviour) -> str:
    if one.weekday is None:
        return ""
    return _("usually pays on %(day)s") % {"day": _named(str(WEEKDAYS[one.weekday - 1]))}


def _month_day(one: Behaviour) -> str:
    if one.month_day is None:
        return ""
    if one.month_day == MONTH_END:
        return _("usually pays at the end of the month")
    return _("usually pays around day %(day)d of the month") % {"day": one.month_day}


def _usually(one: Behaviour) -> str:
    said = [part for part in (_weekday(one), _month_day(one)) if part]
    return f"{capfirst(', '.join(said))}." if said else ""


def _named(word: str) -> str:
    # Only English writes the days of the week and the months with a capital.
    return word if (get_language() or "en").startswith("en") else word.lower()


def _season(one: Behaviour) -> str:
    if not one.late_months:
        return ""
    months = ", ".join(_named(str(MONTHS[month])) for month in one.late_months)
    return _("Year after year, what falls due in these months is paid later: %(months)s.") % {
        "months": months
    }


def _promises(one: Behaviour) -> str:
    given = one.promises_kept + one.promises_broken
    if not given:
        return ""
    words = ngettext(
        "%(broken)d of %(n)d promise of the year was broken.",
        "%(broken)d of %(n)d promises of the year were broken.",
        given,
    )
    return words % {"broken": one.promises_broken, "n": given}


def _disputes(one: Behaviour) -> str:
    if not one.disputes:
        return ""
    words = ngettext(
        "%(n)d dispute in the year, %(rejected)d of them rejected.",
        "%(n)d disputes in the year, %(rejected)d of them rejected.",
        one.disputes,
    )
    return words % {"n": one.disputes, "rejected": one.disputes_rejected}


def _evidence(one: Behaviour) -> str:
    facts = {"n": one.invoices, "days": one.pay_days, "day": formats.day(one.learned_on)}
    if one.invoices < FEWEST:
        words = ngettext(
            "%(n)d invoice paid in the year up to %(day)s; disputed ones are left out.",
            "%(n)d invoices paid in the year up to %(day)s; disputed ones are left out.",
            one.invoices,
        )
        return words % facts
    words = ngettext(
        "Learned from %(n)d invoice, paid on %(days)d days of the year up to %(day)s; disputed ones are left out.",
        "Learned from %(n)d invoices, paid on %(days)d days of the year up to %(day)s; disputed ones are left out.",
        one.invoices,
    )
    return words % facts
