"""Disputes on their way: what weeks, stages and hours say is what stands in the rows behind them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.utils.translation import override

from accounts.models import User
from disputes import services as disputes
from disputes.models import Question
from ledger.models import ExchangeRate
from reporting.dashboard.definitions import DEFINITIONS, REPORTS
from reporting.dashboard.tiles import PICTURES
from reporting.metrics.ages import times
from reporting.reports import NAMES, Options, build
from reporting.reports.disputing import solved_in
from reporting.selectors.answers import replies
from reporting.selectors.disputes import disputes_behind, disputes_by, open_now, stages_now
from reporting.selectors.flow import Period, freed, lives, settled
from reporting.selectors.frame import Frame, make_frame
from reporting.selectors.movements import moves_behind, weekly
from reporting.selectors.rates import rates_of
from tests.reporting.company import DISPUTED_AT, LATE, ON, Company, bill, contest
from tests.reporting.test_dashboard import plain, read, signed_in

D = Decimal
DAY = timedelta(days=1)
SPRING = Period(date(2026, 3, 2), date(2026, 3, 31))
END = "as_of=2026-03-31"


def frame_of(company: Company, as_of: date = date(2026, 3, 31), **more: Any) -> Frame:
    return make_frame(company.cast.entity, as_of, **more)


@pytest.fixture
def moved(company: Company) -> Company:
    """Opened on 10 and 16 March; the first credited on the 12th, opened again on the 20th, credited on the 24th."""
    alice = company.cast.alice
    contest((company.b1, "200.00"), reason="quality", by=alice, at=LATE)
    for at in (DISPUTED_AT + 2 * DAY, DISPUTED_AT + 14 * DAY):
        disputes.close_dispute(
            dispute=company.dispute, verdict="justified", resolution="credit", amount=D(300), by=alice, at=at
        )
        if at < LATE:
            disputes.reopen_dispute(dispute=company.dispute, by=alice, at=DISPUTED_AT + 10 * DAY)
            company.dispute.refresh_from_db()
    return company


def ask(company: Company, at: datetime, answered_at: datetime) -> Question:
    """A question to Sam that he answers."""
    question: Question = disputes.ask_question(
        dispute=company.dispute, asked_of=company.cast.sam, kind="yes_no", text="Was a price agreed?",
        by=company.cast.alice, at=at,
    )  # fmt: skip
    disputes.answer_question(question_id=question.pk, value="yes", by=company.cast.sam, at=answered_at)
    return question


def test_weeks_tell_what_was_opened_and_solved_and_left(moved: Company) -> None:
    found = weekly(frame_of(moved), SPRING)
    assert [(w.first.day, w.opened, w.solved, w.backlog) for w in found] == [
        (2, 0, 0, 0),
        (9, 1, 1, 0),
        (16, 2, 0, 2),
        (23, 0, 1, 1),
        (30, 0, 0, 1),
    ]


def test_what_was_settled_is_what_the_rows_add_up_to(moved: Company) -> None:
    """Amounts in other currencies are converted one by one: sums of rounded amounts, as the report has them."""
    ExchangeRate.objects.create(currency="USD", on=date(2026, 3, 2), per_euro=D("1.0837"))
    alice = moved.cast.alice
    for i, part in enumerate(["33.33", "66.67", "10.01"]):
        invoice = bill(
            moved.cast.sur, f"US-{i}", "100.00", date(2026, 2, 1), date(2026, 3, 1), currency="USD"
        )
        dispute = contest((invoice, part), reason="quality", by=alice, at=LATE)
        disputes.close_dispute(
            dispute=dispute,
            verdict="unjustified",
            resolution="rejected",
            amount=D(0),
            by=alice,
            at=LATE + DAY,
        )
    for as_of in (date(2026, 3, 11), date(2026, 3, 13), date(2026, 3, 31)):
        for filters in ({}, {"currency": "USD"}, {"customer": moved.cast.norte.pk}):
            frame = frame_of(moved, as_of, filters=filters)
            period, rates = Period(SPRING.first, as_of), rates_of(as_of, "EUR")
            found = lives(frame, period)
            told = settled(frame, period, rates)
            assert (told.count, told.freed) == (len(solved_in(found, period)), freed(found, period, rates))
    assert (told.count, told.freed) == (1, D("200.00"))


def test_the_backlog_of_a_week_is_what_was_open_at_its_end(moved: Company) -> None:
    for week in weekly(frame_of(moved), SPRING):
        assert week.backlog == disputes_behind(frame_of(moved, week.last)).found
    later = weekly(frame_of(moved), Period(date(2026, 3, 20), date(2026, 3, 31)))
    assert [(w.first.day, w.backlog) for w in later] == [(16, 2), (23, 1), (30, 1)]


def test_a_past_week_stays_what_it_was(moved: Company) -> None:
    then = weekly(frame_of(moved, date(2026, 3, 15)), SPRING)
    assert then == weekly(frame_of(moved), SPRING)[:2]
    known = weekly(frame_of(moved, known_at=DISPUTED_AT + DAY), SPRING)
    assert [w.backlog for w in known] == [0, 1, 1, 1, 1]


@pytest.mark.parametrize("kind", ["opened", "solved"])
def test_the_rows_of_a_week_are_as_many_as_its_bar(moved: Company, kind: str) -> None:
    for week in weekly(frame_of(moved), SPRING):
        rows, found = moves_behind(frame_of(moved), Period(week.first, week.last), kind)
        assert len(rows) == found == getattr(week, kind)


def test_stages_add_up_to_the_open_disputes(company: Company) -> None:
    contest((company.b1, "200.00"), reason="quality", by=company.cast.alice, at=LATE)
    frame = frame_of(company)
    found = stages_now(frame)
    assert open_now(frame) == (disputes_by(frame), found)
    assert sum(one.count for one in found) == disputes_behind(frame).found == 2
    assert sum(one.amount for one in found) == sum(row.amount for row in disputes_by(frame)) == D("700.00")
    assert {one.key: (one.count, one.amount) for one in found} == {
        row.key: (row.count, row.amount) for row in disputes_by(frame, "stage")
    }
    end = datetime(2026, 3, 31, 22, tzinfo=UTC)
    for one in found:
        waits = [end - at for at in _since(company, one.key)]
        assert one.median == times(waits).median


def _since(company: Company, stage: str) -> Iterator[datetime]:
    for dispute in company.cast.entity.disputes.filter(stage__code=stage):
        yield dispute.stays.get(ended_at=None).started_at


def test_hours_count_every_answer_and_say_who_was_at_work(company: Company) -> None:
    ask(company, LATE, LATE + timedelta(hours=1))
    ask(company, LATE, LATE + timedelta(hours=10))
    found = replies(frame_of(company), SPRING)
    assert [one.at_work for one in found] == [True, False]
    with override("en"):
        report = build("hours", frame_of(company), Options())
    assert [(row[0], row[1], row[2]) for row in report.rows] == [("Monday", 11, 1), ("Monday", 20, 1)]
    assert (report.data["answers"], report.data["at_work"], report.data["at_work_rate"]) == (2, 1, 50.0)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("show=moved&kind=solved&week=2026-03-11", "9 Mar 2026 – 15 Mar 2026 · 1 dispute solved"),
        ("show=moved&kind=opened&week=2026-03-16", "16 Mar 2026 – 22 Mar 2026 · 2 disputes opened"),
        ("show=moved&kind=nonsense&week=nonsense", "30 Mar 2026 – 31 Mar 2026 · 0 disputes opened"),
        ("show=disputes&at=2026-03-22", "22 Mar 2026 · 2 open disputes"),
        ("show=hours&day=9&hour=x&for=99", "0 answers"),
    ],
)
def test_the_table_behind_a_week_says_what_it_adds_up_to(moved: Company, query: str, words: str) -> None:
    assert words in plain(read(signed_in(moved.cast.fin), f"/dashboard/behind/?{END}&{query}"))


def test_the_table_behind_an_hour_names_the_answers(company: Company) -> None:
    ask(company, LATE, LATE + timedelta(hours=1))
    client = signed_in(company.cast.fin)
    one = plain(read(client, f"/dashboard/behind/?{END}&show=hours&day=0&hour=10&for=2"))
    assert "Answers to questions: Monday, 10:00–12:00" in one
    assert "Was a price agreed? Sam 16 Mar 2026 11:00" in one
    assert "0 answers" in read(client, f"/dashboard/behind/?{END}&show=hours&day=0&hour=10&for=1")


def test_the_dso_is_shown_in_parts_that_add_up_to_the_thousandth(company: Company) -> None:
    text = plain(read(signed_in(company.cast.fin), "/dashboard/?as_of=2026-03-16"))
    assert "15.775 + 43.381 + 19.719 = 78.875 days." in text
    assert "Best possible 15.9" in text or "Best possible €" not in text
    assert "Average days delinquent" in text


@pytest.mark.parametrize("who", ["sam", "sofia"])
def test_a_salesperson_sees_only_the_disputes_of_their_customers(moved: Company, who: str) -> None:
    person: User = getattr(moved.cast, who)
    frame = frame_of(moved, user=person)
    assert sum(week.opened for week in weekly(frame, SPRING)) == {"sam": 2, "sofia": 1}[who]
    rows, _found = moves_behind(frame, SPRING, "opened")
    assert {row.customer for row in rows} == {{"sam": moved.cast.norte, "sofia": moved.cast.sur}[who].name}


def test_pictures_without_anything_say_so(company: Company) -> None:
    html = read(signed_in(company.cast.sofia), "/dashboard/?as_of=2026-03-16&board=credit")
    for words in (
        "No dispute was opened or solved yet.",
        "No dispute is open.",
        "No question was answered yet.",
    ):
        assert words in html


def test_every_picture_and_every_report_has_its_meaning(company: Company) -> None:
    html = unescape(read(signed_in(company.cast.fin), f"/dashboard/?as_of={ON}"))
    assert set(PICTURES) <= set(DEFINITIONS)
    assert set(REPORTS) == {*NAMES, "group"}
    for name in NAMES:
        assert f'popovertarget="definition-report-{name}"' in html
