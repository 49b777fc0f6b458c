"""The reports there are, by name."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from reporting.errors import unknown_report
from reporting.reports.aging import aging_report
from reporting.reports.cei import cei_report
from reporting.reports.collecting import dunning_report, forecast_report, promises_report
from reporting.reports.dispute_dso import dispute_dso_report
from reporting.reports.disputing import disputes_report, outcomes_report, pareto_report, wait_time_report
from reporting.reports.dso import dso_report
from reporting.reports.interest import interest_report
from reporting.reports.table import Options, Report
from reporting.selectors.frame import Frame

REPORTS: dict[str, Callable[[Frame, Options], Report]] = {
    "aging": aging_report,
    "dso": dso_report,
    "dispute-dso": dispute_dso_report,
    "disputes": disputes_report,
    "wait-time": wait_time_report,
    "pareto": pareto_report,
    "cei": cei_report,
    "promises": promises_report,
    "dunning": dunning_report,
    "outcomes": outcomes_report,
    "forecast": forecast_report,
    "interest": interest_report,
}
NAMES = tuple(REPORTS)
TITLES = {
    "aging": _("Aging by customer"),
    "dso": _("DSO"),
    "dispute-dso": _("Dispute DSO"),
    "disputes": _("Open disputes"),
    "wait-time": _("Wait time of disputes"),
    "pareto": _("Causes of disputes"),
    "cei": _("Collection effectiveness (CEI)"),
    "promises": _("Promises of payment"),
    "dunning": _("Dunning effectiveness"),
    "outcomes": _("Outcomes of disputes"),
    "forecast": _("Cash forecast"),
    "interest": _("Late interest and recovery costs"),
}


def find(name: str) -> Callable[[Frame, Options], Report]:
    """The maker of this report; an unknown name says which exist."""
    if name not in REPORTS:
        raise unknown_report(name, NAMES)
    return REPORTS[name]


def build(name: str, frame: Frame, options: Options) -> Report:
    """The report of this name."""
    return find(name)(frame, options)
