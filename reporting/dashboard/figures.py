"""Everything the dashboard shows, each part read once, when a tile first asks for it."""

from decimal import Decimal
from functools import cached_property

from reporting.metrics.ages import Times, times
from reporting.metrics.aging import NOT_DUE
from reporting.metrics.dso import DsoFamily, family
from reporting.metrics.flow import Week
from reporting.metrics.pareto import Cause, ParetoRow, pareto
from reporting.selectors.answers import Reply, questions
from reporting.selectors.disputes import StageNow, open_now
from reporting.selectors.flow import Period, Settled, settled
from reporting.selectors.frame import Frame
from reporting.selectors.movements import weekly
from reporting.selectors.position import Position, position
from reporting.selectors.rates import Rates, rates_of
from reporting.selectors.sales import SalesBook, sales_book
from reporting.selectors.series import DsoPoint, dso_series, month_ends, rates_on


class Figures:
    """The figures of one reader, one frame, one period."""

    def __init__(self, frame: Frame, months: int) -> None:
        self.frame = frame
        self.days = month_ends(frame.as_of, months)
        self.period = Period(self.days[0].replace(day=1), frame.as_of)

    @cached_property
    def _rates(self) -> Rates:
        return rates_of(self.frame.as_of, self.frame.entity.currency)

    @cached_property
    def _sales(self) -> SalesBook:
        return sales_book(self.frame)

    @cached_property
    def position(self) -> Position:
        """What is open, disputed and not placed, by bucket."""
        return position(self.frame)

    @cached_property
    def dso(self) -> DsoFamily:
        """The DSO and everything that hangs on it."""
        total = self.position.total
        return family(total.parts, total.buckets[NOT_DUE], self._sales.at(self.frame.as_of, self._rates))

    @cached_property
    def points(self) -> list[DsoPoint]:
        """The DSO at the end of each month."""
        rates = rates_on(self.days, self.frame.entity.currency)
        return dso_series(self.frame, self.days, self._sales, rates)

    @cached_property
    def _open(self) -> tuple[list[Cause], list[StageNow]]:
        return open_now(self.frame)

    @cached_property
    def causes(self) -> list[ParetoRow]:
        """Open disputes by reason."""
        return pareto(self._open[0])

    @property
    def stages(self) -> list[StageNow]:
        """Open disputes by the stage they stand in."""
        return self._open[1]

    @cached_property
    def weeks(self) -> list[Week]:
        """Disputes opened and solved, week by week."""
        return weekly(self.frame, self.period)

    @cached_property
    def _settled(self) -> Settled:
        return settled(self.frame, self.period, self._rates)

    @cached_property
    def questions(self) -> list[Reply]:
        """What was answered in the period, and what waited for an answer at its end."""
        return questions(self.frame, self.period)

    @cached_property
    def replies(self) -> list[Reply]:
        """The answers given in the period."""
        return [one for one in self.questions if one.answered_at]

    def asked_of(self, person: int) -> list[Reply]:
        """What that person answered in the period, and what waited for them at its end."""
        return [one for one in self.questions if one.person_id == person]

    @property
    def answers(self) -> Times:
        """How long answers took."""
        return times(reply.took for reply in self.replies)

    @property
    def in_time(self) -> int:
        """How many answers came in time."""
        return sum(reply.in_time for reply in self.replies)

    @property
    def freed(self) -> Decimal:
        """Cash freed in the period."""
        return self._settled.freed

    @property
    def settled(self) -> int:
        """How many disputes were settled in the period."""
        return self._settled.count

    @property
    def disputes(self) -> int:
        """How many disputes are open."""
        return sum(row.cause.count for row in self.causes)

    @cached_property
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
