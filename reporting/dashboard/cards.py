"""The headline figures: value, what it was a month ago, what it means, where it leads."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lib import formats
from reporting.dashboard.definitions import definition
from reporting.dashboard.figures import Figures
from reporting.dashboard.filters import Chosen
from reporting.metrics.ages import times
from reporting.metrics.rounding import rounded, share
from reporting.selectors.disputes import held_by


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


def _disputed_card(found: Figures, made: Chosen) -> Card:
    now, then = found.position.total.disputed_total, found.before
    count = ngettext("%(n)d open dispute", "%(n)d open disputes", found.disputes) % {"n": found.disputes}
    was = then.figures.disputed if then else None
    link, currency = made.query(show="disputes"), made.frame.entity.currency
    return _money_card("in_dispute", _("In dispute"), now, was, count, link, currency)


def _dispute_dso_card(found: Figures, made: Chosen) -> Card:
    gain = _("%(days)s days less if all were solved") % {"days": _days(found.dso.marginal)}
    was, link = found.before, made.query(show="invoices", part="disputed")
    before = was.figures.dispute_dso if was else None
    return _days_card("dispute_dso", _("Dispute DSO"), found.dso.dispute_dso, before, gain, link)


def _dso_card(found: Figures, made: Chosen) -> Card:
    best = _("best possible %(days)s") % {"days": _days(found.dso.best_possible)}
    if found.dso.dso.exhausted:
        best = _("more than this: receivables exceed all known sales")
    was = found.before.figures.dso.days if found.before else None
    return _days_card("dso", _("DSO"), found.dso.dso.days, was, best, made.query(show="months"))


def _overdue_card(found: Figures, made: Chosen) -> Card:
    total, then = found.position.total, found.before
    late = _("%(share)s of receivables") % {"share": formats.percent(share(total.overdue, total.open) / 100)}
    link, currency = made.query(show="invoices", part="overdue"), made.frame.entity.currency
    was = then.standing.overdue if then else None
    return _money_card("overdue", _("Overdue"), total.overdue, was, late, link, currency)


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


def _asked_card(found: Figures, made: Chosen) -> Card:
    """Of what was asked of the salesperson: how much is answered, how much of it in time, how fast."""
    label, meaning = _("Questions answered"), definition("asked")
    if made.person is None:
        return Card(
            "asked", label, "–", "", _("Choose a salesperson."), "", "", meaning, made.query(show="answers")
        )
    asked = found.asked_of(made.person)
    given = [one for one in asked if one.answered_at]
    value = _("%(n)d of %(all)d") % {"n": len(given), "all": len(asked)}
    note = []
    if given:
        in_time = Decimal(sum(one.in_time for one in given)) / len(given)
        note.append(_("%(share)s in time") % {"share": formats.percent(in_time.quantize(Decimal("0.001")))})
        middle = times(one.took for one in given).median
        note.append(_("median %(time)s") % {"time": formats.span(middle or timedelta())})
    if late := sum(not one.in_time for one in asked if not one.answered_at):
        note.append(ngettext("%(n)d past its deadline", "%(n)d past their deadline", late) % {"n": late})
    link = made.query(show="questions", person=str(made.person))
    return Card("asked", label, value, "", " · ".join(note) or _("Nothing was asked."), "", "", meaning, link)


def _waiting_card(found: Figures, made: Chosen) -> Card:
    """The open disputes that stand with the salesperson now."""
    label, meaning = _("Waiting for the salesperson"), definition("waiting")
    if made.person is None:
        return Card(
            "waiting",
            label,
            "–",
            "",
            _("Choose a salesperson."),
            "",
            "",
            meaning,
            made.query(show="disputes"),
        )
    count, amount = held_by(made.frame, made.person)
    note = _("%(amount)s in dispute") % {"amount": formats.money(amount, made.frame.entity.currency)}
    link = made.query(show="disputes", by="holder", key=f"user:{made.person}")
    return Card("waiting", label, str(count), "", note, "", "", meaning, link)


CARDS: dict[str, Callable[[Figures, Chosen], Card]] = {
    "in_dispute": _disputed_card,
    "dispute_dso": _dispute_dso_card,
    "dso": _dso_card,
    "overdue": _overdue_card,
    "answer": _answer_card,
    "freed": _freed_card,
    "asked": _asked_card,
    "waiting": _waiting_card,
}
