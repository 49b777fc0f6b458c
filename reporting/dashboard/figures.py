"""Everything the dashboard shows, read once: some ten statements, whatever the size of the ledger."""

from dataclasses import dataclass
from decimal import Decimal

from reporting.metrics.ages import Times, times
from reporting.metrics.aging import NOT_DUE
from reporting.metrics.dso import DsoFamily, family
from reporting.metrics.pareto import Cause, ParetoRow, pareto
from reporting.reports.disputing import solved_in
from reporting.selectors.disputes import disputes_by
from reporting.selectors.flow import Period, freed, lives, replies
from reporting.selectors.frame import Frame
from reporting.selectors.position import Position, position
from reporting.selectors.rates import rates_of
from reporting.selectors.sales import sales_book
from reporting.selectors.series import DsoPoint, dso_series, month_ends, rates_on


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one reader, one frame, one period."""

    position: Position
    dso: DsoFamily
    points: list[DsoPoint]
    causes: list[ParetoRow]
    period: Period
    answers: Times
    in_time: int
    freed: Decimal
    settled: int

    @property
    def disputes(self) -> int:
        """How many disputes are open."""
        return sum(row.cause.count for row in self.causes)

    @property
    def empty(self) -> bool:
        """Whether there is nothing at all to show: nothing owed, nothing sold, nothing disputed."""
        return not (self.position.items or self.position.total.total or self.disputes or self._sold)

    @property
    def _sold(self) -> bool:
        return any(point.figures.receivables for point in self.points)

    @property
    def before(self) -> DsoPoint | None:
        """The end of the month before, to compare with."""
        return self.points[-2] if len(self.points) > 1 else None


def figures(frame: Frame, months: int) -> Figures:
    """Read and compute everything for the page."""
    days = month_ends(frame.as_of, months)
    period = Period(days[0].replace(day=1), frame.as_of)
    rates, book, found = rates_of(frame.as_of, frame.entity.currency), sales_book(frame), position(frame)
    lived, answered = lives(frame, period), replies(frame, period)
    causes: list[Cause] = disputes_by(frame, "reason")
    return Figures(
        position=found,
        dso=family(found.total.parts, found.total.buckets[NOT_DUE], book.at(frame.as_of, rates)),
        points=dso_series(frame, days, book, rates_on(days, frame.entity.currency)),
        causes=pareto(causes),
        period=period,
        answers=times(reply.took for reply in answered),
        in_time=sum(reply.in_time for reply in answered),
        freed=freed(lived, period, rates),
        settled=len(solved_in(lived, period)),
    )
