"""The reports there are, by name."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from reporting.errors import unknown_report
from reporting.reports.aging import aging_report
from reporting.reports.behind import count_back_report, invoices_report, settled_report
from reporting.reports.cei import cei_report
from reporting.reports.collecting import dunning_report, promises_report
from reporting.reports.costs import costs_report
from reporting.reports.dispute_dso import dispute_dso_report
from reporting.reports.disputing import disputes_report, pareto_report, wait_time_report
from reporting.reports.dso import dso_report
from reporting.reports.figures import figures_report
from reporting.reports.forecast import forecast_report
from reporting.reports.interest import interest_report
from reporting.reports.moving import flow_report, hours_report, stages_report
from reporting.reports.outcomes import answers_report, outcomes_report
from reporting.reports.series import series_report
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
    "answers": answers_report,
    "costs": costs_report,
    "forecast": forecast_report,
    "interest": interest_report,
    "figures": figures_report,
    "series": series_report,
    "invoices": invoices_report,
    "count-back": count_back_report,
    "settled": settled_report,
    "flow": flow_report,
    "stages": stages_report,
    "hours": hours_report,
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
    "answers": _("Answers to questions"),
    "costs": _("Cost of disputes"),
    "forecast": _("Cash forecast"),
    "interest": _("Late interest and recovery costs"),
    "figures": _("Figures and targets"),
    "series": _("Figures over time"),
    "invoices": _("Open invoices"),
    "count-back": _("How the DSO is counted back"),
    "settled": _("Settled disputes"),
    "flow": _("Disputes opened and solved"),
    "stages": _("Where open disputes stand"),
    "hours": _("When questions are answered"),
}


def find(name: str) -> Callable[[Frame, Options], Report]:
    """The maker of this report; an unknown name says which exist."""
    if name not in REPORTS:
        raise unknown_report(name, NAMES)
    return REPORTS[name]


def build(name: str, frame: Frame, options: Options) -> Report:
    """The report of this name."""
    return find(name)(frame, options)
