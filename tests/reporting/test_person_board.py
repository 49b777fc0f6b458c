"""The dashboard of one salesperson: their customers, what was asked of them, what waits for them; and for whom."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from disputes import services as disputes
from reporting.selectors.disputes import disputes_behind, disputes_by, held_by
from reporting.selectors.frame import make_frame
from tests.reporting.company import LATE, ON, Company, contest
from tests.reporting.test_dashboard import plain, read, signed_in

HOUR = timedelta(hours=1)
PAGE = "/dashboard/?as_of=2026-03-16&board=person"
BEHIND = "/dashboard/behind/?as_of=2026-03-16"


@pytest.fixture
def asked(company: Company) -> Company:
    """Sam has the dispute and three questions: answered in time, answered late, waiting past its deadline."""
    sam, alice = company.cast.sam, company.cast.alice
    disputes.assign(dispute=company.dispute, user=sam, by=alice, at=LATE - 8 * HOUR)
    for hours, text in ((1, "Was a price agreed?"), (3, "Since when?"), (0, "With whom?")):
        question = disputes.ask_question(
            dispute=company.dispute, asked_of=sam, kind="yes_no", text=text, by=alice,
            at=LATE - 6 * HOUR, due_at=LATE - 4 * HOUR,
        )  # fmt: skip
        if hours:
            at = LATE + (hours - 6) * HOUR
            disputes.answer_question(question_id=question.pk, value="yes", by=sam, at=at)
    return company


def words(company: Company, who: str, query: str = "") -> str:
    return plain(read(signed_in(getattr(company.cast, who)), PAGE + query))


def test_a_salesperson_opens_their_own_and_nobody_elses(asked: Company) -> None:
    own = plain(read(signed_in(asked.cast.sam), "/dashboard/?as_of=2026-03-16"))
    assert "2 of 3" in own
    assert "50% in time · median 2 hrs · 1 past its deadline" in own
    assert "€500.00 in dispute" in own
    assert "Choose a salesperson." not in own
    for other in (asked.cast.sofia.pk, asked.cast.sam.pk):
        assert words(asked, "sam", f"&salesperson={other}") == words(asked, "sam")
    sofia = words(asked, "sofia", f"&salesperson={asked.cast.sam.pk}")
    assert "Nothing was asked." in sofia
    assert "€0.00 in dispute" in sofia


def test_a_manager_chooses_a_salesperson_and_sees_what_they_see(asked: Company) -> None:
    html = read(signed_in(asked.cast.alice), PAGE)
    assert plain(html).count("Choose a salesperson.") == 3
    assert f"salesperson={asked.cast.sam.pk}" in html
    chosen = words(asked, "alice", f"&salesperson={asked.cast.sam.pk}")
    for figure in ("2 of 3", "50% in time · median 2 hrs · 1 past its deadline", "€500.00 in dispute"):
        assert figure in chosen
    assert "Nothing was asked." in words(asked, "alice", f"&salesperson={asked.cast.sofia.pk}")


def test_what_stands_behind_is_what_was_asked_and_what_waits(asked: Company) -> None:
    sam, client = asked.cast.sam, signed_in(asked.cast.alice)
    rows = plain(read(client, f"{BEHIND}&show=questions&person={sam.pk}&salesperson={sam.pk}"))
    assert "3 questions" in rows
    assert rows.index("With whom?") < rows.index("Since when?") < rows.index("Was a price agreed?")
    assert "With whom? Sam Not answered yet" in rows
    held = plain(read(client, f"{BEHIND}&show=disputes&by=holder&key=user:{sam.pk}"))
    assert "Open disputes: Sam 1 open dispute · €500.00" in held
    assert "0 questions" in read(signed_in(asked.cast.sofia), f"{BEHIND}&show=questions&person={sam.pk}")


def test_holders_add_up_to_the_open_disputes(asked: Company) -> None:
    contest((asked.b1, "200.00"), reason="quality", by=asked.cast.alice, at=LATE)
    frame = make_frame(asked.cast.entity, ON)
    found = {row.key: (row.count, row.amount) for row in disputes_by(frame, "holder")}
    assert sum(count for count, _amount in found.values()) == disputes_behind(frame).found == 2
    assert found[f"user:{asked.cast.sam.pk}"] == held_by(frame, asked.cast.sam.pk)
    assert held_by(frame, asked.cast.sofia.pk)[0] == 0


def test_the_board_takes_the_same_queries_however_much_was_asked(asked: Company) -> None:
    client, counts = signed_in(asked.cast.sam), []
    for _batch in range(2):
        with CaptureQueriesContext(connection) as queries:
            read(client, PAGE)
        counts.append(len(queries))
        for number in range(6):
            disputes.ask_question(
                dispute=asked.dispute, asked_of=asked.cast.sam, kind="yes_no", text=f"Since when, {number}?",
                by=asked.cast.alice, at=LATE - HOUR,
            )  # fmt: skip
    assert counts[0] == counts[1]
    assert counts[0] <= 26


def test_no_link_of_the_page_leaves_the_salesperson(asked: Company) -> None:
    sofia = asked.cast.sofia.pk
    html = read(signed_in(asked.cast.alice), f"{PAGE}&salesperson={sofia}")
    links = re.findall(r'hx-get="(/dashboard/behind/[^"]+)"', html)
    assert links
    assert all(f"salesperson={sofia}" in link and "board=person" in link for link in links)
