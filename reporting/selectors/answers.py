"""Questions and their answers: how long each took, whether it came in time, and which still wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from psycopg import sql

from accounts.selectors import Offices
from lib.working import Office, working_time
from reporting.selectors.dimensions import OF_LIVES, Dimension, chosen
from reporting.selectors.flow import Period, flow_params
from reporting.selectors.frame import Frame, fetch

# Whoever answered (or, while nobody did, whoever was asked), and the team they work in today.
OF_ANSWERS = {
    "person": Dimension("p.id::text", "p.name"),
    "team": Dimension(
        "coalesce(team.code, '')",
        "coalesce(team.name, '')",
        """ LEFT JOIN LATERAL (
    SELECT department_id FROM accounts_membership m
    WHERE m.user_id = p.id AND m.entity_id = %(entity)s AND m.department_id IS NOT NULL ORDER BY m.id DESC LIMIT 1
) works ON true LEFT JOIN accounts_department team ON team.id = works.department_id""",
    ),
} | OF_LIVES

ANSWERS = sql.SQL("""
WITH customers (id) AS NOT MATERIALIZED ({customers})
SELECT q.id AS pk, d.id AS dispute, d.number, d.opened_at, q.text, p.id AS person_id, p.name AS person, q.asked_at,
    CASE WHEN a.answered_at < %(end)s THEN a.answered_at END AS answered_at, q.due_at, {key} AS key, {label} AS label
FROM disputes_question q JOIN disputes_dispute d ON d.id = q.dispute_id JOIN ledger_customer c ON c.id = d.customer_id
LEFT JOIN disputes_answer a ON a.question_id = q.id
JOIN accounts_user p ON p.id = CASE WHEN a.answered_at < %(end)s THEN a.answered_by_id ELSE q.asked_of_id END{joins}
WHERE d.entity_id = %(entity)s AND d.customer_id IN (SELECT customers.id FROM customers)
  AND (%(currency)s = '' OR d.currency = %(currency)s) AND q.asked_at < %(end)s
  AND CASE WHEN a.answered_at < %(end)s THEN a.answered_at >= %(start)s
           ELSE q.ended_at IS NULL OR q.ended_at >= %(end)s END
ORDER BY q.id
""")


@dataclass(frozen=True, slots=True)
class Reply:
    """A question: who answered it (or has it), when, and by when. `working`: in the working hours of that person."""

    pk: int
    dispute: int
    number: int
    opened_at: datetime
    text: str
    person_id: int
    person: str
    asked_at: datetime
    answered_at: datetime | None
    due_at: datetime | None
    took: timedelta
    working: timedelta
    # Whether it was answered while that person is at work.
    at_work: bool
    key: str
    label: str

    @property
    def in_time(self) -> bool:
        """Whether it came (or may still come) before its deadline."""
        return self.due_at is None or self.asked_at + self.took <= self.due_at

    @property
    def ref(self) -> str:
        """What people call its dispute."""
        return f"D-{self.number:06d}"


def questions(frame: Frame, period: Period, by: str = "person") -> list[Reply]:
    """What was answered in the period, and what waited for an answer at its end. Some four queries."""
    key, label, joins = chosen(by, OF_ANSWERS).sql("d")
    customers, params = flow_params(frame, period)
    statement = ANSWERS.format(customers=customers, key=key, label=label, joins=joins)
    offices, end = Offices(frame.entity), params["end"]
    assert isinstance(end, datetime)
    found = []
    for row in fetch(statement.as_string(None), params):
        office, until = offices.ours(row["person_id"]), row["answered_at"] or end
        took = max(until - row["asked_at"], timedelta())
        worked = working_time(row["asked_at"], until, office) if took else timedelta()
        at_work = row["answered_at"] is not None and _open_at(office, until)
        found.append(Reply(**row, took=took, working=worked, at_work=at_work))
    return found


def _open_at(office: Office, at: datetime) -> bool:
    """Whether the office is open at that moment."""
    day = at.astimezone(ZoneInfo(office.time_zone)).date()
    return any(opens <= at < closes for opens, closes in office.stretches(day))


def replies(frame: Frame, period: Period) -> list[Reply]:
    """The answers given in the period."""
    return [one for one in questions(frame, period) if one.answered_at]


def first_answers(found: list[Reply]) -> list[timedelta]:
    """From the opening of each dispute to the first answer it got."""
    first: dict[int, datetime] = {}
    for one in found:
        if one.answered_at:
            first[one.dispute] = min(one.answered_at, first.get(one.dispute, one.answered_at))
    opened = {one.dispute: one.opened_at for one in found}
    return [max(at - opened[dispute], timedelta()) for dispute, at in first.items()]
