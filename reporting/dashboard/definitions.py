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
    "asked": gettext_lazy(
        "Of the questions about these customers that were asked of the salesperson, how many they answered in the "
        "period; the rest still waits for them. Beside it the share answered in time, and the median time it took."
    ),
    "waiting": gettext_lazy(
        "The open disputes that stand with the salesperson at the end of the day: the next step is theirs."
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
        "whatever its due date. The parts add up to the DSO. Beside it the best possible DSO, if everybody paid on "
        "the due date, and the average days delinquent, which are the difference between the two."
    ),
    "series": gettext_lazy("The DSO and the dispute DSO at the end of each month, each as of that day."),
    "flow": gettext_lazy(
        "Disputes opened (or opened again) and solved in each week, from Monday to Sunday. The backlog is what was "
        "open at its end: the backlog of the week before, and what was opened, less what was solved."
    ),
    "hours": gettext_lazy(
        "The answers of the period by the weekday and the hour in which they were given, by the clock of the legal "
        "entity. The darker, the more; the number is how many. It says when people can be asked and answer at once."
    ),
    "stages": gettext_lazy(
        "The open disputes by the stage they stand in today, in the order of the route: how many, how much they hold "
        "up, and for how many days half of them have stood there already."
    ),
}

REPORTS = {
    "aging": DEFINITIONS["aging"],
    "dso": DEFINITIONS["waterfall"],
    "dispute-dso": DEFINITIONS["dispute_dso"],
    "disputes": gettext_lazy(
        "Every open dispute with its stage, its holder and its age; above it how many were opened and settled in the "
        "period, and how long settling took."
    ),
    "wait-time": gettext_lazy(
        "Where disputes spent the time of the period: every minute belongs to one stage and one holder, by the "
        "calendar and in the working hours of whoever had it."
    ),
    "pareto": DEFINITIONS["pareto"],
    "cei": gettext_lazy(
        "How much of what could be collected in the period was collected: owed at the beginning, plus sales, less "
        "owed at the end; divided by the same less only what is not yet due at the end. All of it is 100."
    ),
    "promises": gettext_lazy(
        "Of the promises whose day and three days of grace are over, the share that was paid in full by then."
    ),
    "dunning": gettext_lazy(
        "For each step and channel what reminders of the period asked for, and how much of it was paid within 7, 14 "
        "and 30 days. A payment never counts for more than was asked."
    ),
    "outcomes": gettext_lazy(
        "How the disputes closed in the period ended, what that cost, how many were justified and how many were "
        "opened again."
    ),
    "answers": gettext_lazy(
        "How long questions waited for their answer, by the calendar and in working hours, the share within the "
        "deadline, and what still waits."
    ),
    "costs": gettext_lazy(
        "What disputes cost: the money that waits at the financing rate, the minutes of work at the price of an "
        "hour, and the credit given. The rates are your own, each from its day on."
    ),
    "forecast": gettext_lazy(
        "What is open and undisputed, by the week it is expected: the day promised, else the due date plus what this "
        "customer is usually late, else the due date."
    ),
    "interest": gettext_lazy(
        "Late interest by invoice at the legal or agreed rate of each half-year, and the fixed sum for recovery "
        "costs. What is in dispute is suspended."
    ),
    "figures": gettext_lazy(
        "The headline figures of the period beside the period before, and beside the targets that hold."
    ),
    "series": gettext_lazy(
        "Aging, the DSO with its parts, and the CEI at the end of each day, week or month; each point says what the "
        "reports of its day say."
    ),
    "invoices": gettext_lazy(
        "Every open invoice of the day, with what of it is in dispute: the rows behind the aging, the amount in "
        "dispute and the parts of the DSO."
    ),
    "count-back": gettext_lazy(
        "The months whose sales are taken from what is open, one after the other, and the days each stands for. Their "
        "days add up to the DSO."
    ),
    "settled": gettext_lazy(
        "Every dispute settled in the period, with what was in dispute and what was given up: the rows behind the "
        "settled disputes and the cash freed."
    ),
    "flow": DEFINITIONS["flow"],
    "stages": DEFINITIONS["stages"],
    "hours": DEFINITIONS["hours"],
    "group": gettext_lazy(
        "Aging and DSO of all legal entities you may see, converted into one currency at the rates of the day. "
        "Entities add up to the group."
    ),
}


def definition(key: str) -> str:
    """The definition of a figure."""
    return str(DEFINITIONS[key])
