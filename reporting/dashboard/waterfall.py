"""The DSO in its parts, and beside it what it could be at best and what lateness adds."""

from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lib import formats
from reporting.charts.columns import Step, waterfall
from reporting.charts.shapes import PHONE_FRAME, WIDE_FRAME
from reporting.dashboard.definitions import definition
from reporting.dashboard.figures import Figures
from reporting.dashboard.filters import Chosen
from reporting.dashboard.picture import Picture, tick
from reporting.reports.dso import exhausted_notes, measures

# The parts of the DSO and their colours; then the two figures beside it.
PARTS = {"not_due": "age-1 outlined", "late": "c1", "disputed": "c2"}


def _labels() -> dict[str, str]:
    return {
        "not_due": _("Not due"),
        "late": _("Late"),
        "disputed": _("In dispute"),
        "dso": _("DSO"),
        "best_possible": _("Best possible"),
        "delinquent": _("Average days delinquent"),
    }


def waterfall_picture(found: Figures, made: Chosen) -> Picture:
    """Three parts that add up to the DSO to the thousandth; the best possible one and the average days delinquent."""
    labels, shown = _labels(), measures(found.dso)
    text = {key: formats.number(value, 3) for key, value in shown.items()}
    links = {key: made.query(show="invoices", part=key) for key in PARTS}
    links |= {
        "dso": made.query(show="months"),
        "best_possible": made.query(show="invoices", part="open", bucket="not_due"),
        "delinquent": made.query(show="invoices", part="overdue"),
    }
    short = labels | {"delinquent": pgettext("on a chart", "Average delay")}
    css = PARTS | {"dso": "c6", "best_possible": "age-1 outlined", "delinquent": "c4"}
    whole = {"dso", "best_possible"}
    steps = [
        Step(
            short[key], shown[key], text[key], css[key], links[key],
            f"{labels[key]}: " + _("%(days)s days") % {"days": text[key]}, total=key in whole,
        )
        for key in labels
    ]  # fmt: skip
    currency, parts = made.frame.entity.currency, found.dso.amounts
    amounts = {"not_due": parts.not_due, "late": parts.late, "disputed": parts.disputed, "dso": parts.total}
    rows = [
        (label, formats.money(amounts[key], currency) if key in amounts else "", text[key])
        for key, label in labels.items()
    ]
    equation = "{} + {} + {} = {}".format(*(text[key] for key in (*PARTS, "dso")))
    note = " ".join([_("%(sum)s days.") % {"sum": equation}, *exhausted_notes(found.dso)])
    wide, phone = (waterfall(steps, frame, tick) for frame in (WIDE_FRAME, replace(PHONE_FRAME, bottom=56)))
    return Picture(
        "waterfall", _("DSO by part"), note, definition("waterfall"), wide, phone,
        [], [_("Part"), _("Amount"), _("Days")], rows, "dso", parts.total <= Decimal(0),
    )  # fmt: skip
