"""The headline figures: value, what it was a month ago, what it means, where it leads."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lib import formats
from reporting.dashboard.definitions import definition
from reporting.dashboard.figures import Figures
from reporting.dashboard.filters import Chosen
from reporting.metrics.rounding import rounded, share


@dataclass(frozen=True, slots=True)
class Card:
    """One headline figure. `tone` colours the change (ok: better, bad: worse)."""

    key: str
    label: str
    value: str
    unit: str
    note: str
    change: str
    tone: str
    definition: str
    href: str


def _change(now: Fraction | Decimal, before: Fraction | Decimal | None, shown: str) -> tuple[str, str]:
    """The change since the month before in words, and whether it is good news (less is better for all of
    them).
    """
    if before is None or now == before:
        return "", ""
    return f"{'+' if now > before else '−'}{shown}", "bad" if now > before else "ok"


def _days(value: Fraction) -> str:
    return formats.number(rounded(value, 1), 1)


def _days_card(key: str, label: str, now: Fraction, before: Fraction | None, note: str, href: str) -> Card:
    change, tone = _change(
        rounded(now, 1), None if before is None else rounded(before, 1), _days(abs(now - (before or 0)))
    )
    return Card(key, label, _days(now), _("days"), note, change, tone, definition(key), href)


def _money_card(
    key: str, label: str, now: Decimal, before: Decimal | None, note: str, href: str, currency: str
) -> Card:
    change, tone = _change(now, before, formats.money_short(abs(now - (before or 0)), currency))
    return Card(key, label, formats.money_short(now, currency), "", note, change, tone, definition(key), href)


def cards(found: Figures, made: Chosen) -> list[Card]:
    """The six cards of the page, in the order finance reads them."""
    currency, total, then = made.frame.entity.currency, found.position.total, found.before
    was = then.figures if then else None
    count = ngettext("%(n)d open dispute", "%(n)d open disputes", found.disputes) % {"n": found.disputes}
    gain = _("%(days)s days less if all were solved") % {"days": _days(found.dso.marginal)}
    best = _("best possible %(days)s") % {"days": _days(found.dso.best_possible)}
    if found.dso.dso.exhausted:
        best = _("more than this: receivables exceed all known sales")
    late = _("%(share)s of receivables") % {"share": formats.percent(share(total.overdue, total.open) / 100)}
    invoices = made.query(show="invoices", part="disputed")
    return [
        _money_card(
            *("in_dispute", _("In dispute"), total.disputed_total, was.disputed if was else None),
            *(count, made.query(show="disputes"), currency),
        ),
        _days_card(
            *("dispute_dso", _("Dispute DSO"), found.dso.dispute_dso, was.dispute_dso if was else None),
            *(gain, invoices),
        ),
        _days_card(
            *(
                "dso",
                _("DSO"),
                found.dso.dso.days,
                was.dso.days if was else None,
                best,
                made.query(show="months"),
            ),
        ),
        _money_card(
            *("overdue", _("Overdue"), total.overdue, then.standing.overdue if then else None),
            *(late, made.query(show="invoices", part="overdue"), currency),
        ),
        _answer_card(found, made),
        _freed_card(found, made),
    ]


def _answer_card(found: Figures, made: Chosen) -> Card:
    n = found.answers.count
    note = ngettext("%(n)d answer", "%(n)d answers", n) % {"n": n}
    if n:
        note += " · " + _("%(share)s in time") % {"share": formats.percent(Decimal(found.in_time) / n)}
    value = formats.span(found.answers.median) if found.answers.median is not None else "–"
    return Card(
        "answer",
        _("Median answer"),
        value,
        "",
        note,
        "",
        "",
        definition("answer"),
        made.query(show="answers"),
    )


def _freed_card(found: Figures, made: Chosen) -> Card:
    note = ngettext("%(n)d dispute settled", "%(n)d disputes settled", found.settled) % {"n": found.settled}
    value = formats.money_short(found.freed, made.frame.entity.currency)
    return Card(
        "freed", _("Cash freed"), value, "", note, "", "", definition("freed"), made.query(show="settled")
    )
