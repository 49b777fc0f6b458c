"""What each figure means, in the reader's language: one or two sentences, the same that docs/metrics.md
explains.
"""

from django.utils.translation import gettext_lazy

DEFINITIONS = {
    "in_dispute": gettext_lazy(
        "The disputed part of what is open: the lines of disputes open that day, never more than what is open of "
        "each invoice. Only the disputed part of a partly disputed invoice counts."
    ),
    "dispute_dso": gettext_lazy(
        "How many days of sales are stuck in disputes: the disputed share of the DSO. Beside it, by how many days "
        "the DSO would fall if every dispute were solved and paid."
    ),
    "dso": gettext_lazy(
        "How many days of sales are owed to us, counted back: the sales of this month are taken from what is open, "
        "then those of the month before, until nothing is left; the last month counts pro rata."
    ),
    "overdue": gettext_lazy("What is open on invoices whose due date has passed, disputed or not."),
    "answer": gettext_lazy("Half of the questions answered in the period were answered faster than this."),
    "freed": gettext_lazy(
        "What was in disputes settled in the period and can be collected now: the disputed amount without what was "
        "credited, rebilled or written off."
    ),
    "aging": gettext_lazy(
        "Open amounts by days past due, the disputed part apart. Money and credit notes not yet placed on an "
        "invoice are never netted; they stand below the chart."
    ),
    "pareto": gettext_lazy(
        "The amount in dispute by reason, largest first. The line adds the shares up; the reasons above the 80 % "
        "mark are the ones worth fixing first."
    ),
    "waterfall": gettext_lazy(
        "The DSO in three parts: days of sales not yet due, late, and in dispute. A disputed amount is in dispute "
        "whatever its due date. The parts add up to the DSO."
    ),
    "series": gettext_lazy("The DSO and the dispute DSO at the end of each month, each as of that day."),
}


def definition(key: str) -> str:
    """The definition of a figure."""
    return str(DEFINITIONS[key])
