"""Points and goals from real disputes: what counts, who sees what, over the page and the API."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from accounts.models import Absence, Event, User
from disputes import services as disputes
from disputes.models import Dispute, Question, Reason
from lib import clock
from reporting import services
from reporting.metrics.scores import Why
from reporting.models import ScoreRules, TeamGoal
from reporting.selectors import scores
from tests.factories import Cast, make_invoice

MONDAY = datetime(2026, 3, 16, 8, tzinfo=UTC)  # nine o'clock in Madrid
HOUR = timedelta(hours=1)
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)


@pytest.fixture
def dispute(cast: Cast) -> Dispute:
    disputes.catalogue.install(cast.entity)
    return _dispute(cast)


def _dispute(cast: Cast) -> Dispute:
    invoice = make_invoice(cast.norte)
    return disputes.open_dispute(
        customer=cast.norte,
        lines=[disputes.LineInput(invoice_id=invoice.pk, amount=Decimal("400.00"))],
        reason=Reason.objects.get(entity=cast.entity, code="quality"),
        by=cast.alice,
        at=MONDAY,
        statement="Broken.",
    )


def ask(dispute: Dispute, of: User, by: User, at: datetime = MONDAY, **more: Any) -> Question:
    more.setdefault("due_at", at + 8 * HOUR)
    return disputes.ask_question(
        dispute=dispute,
        asked_of=of,
        kind="yes_no",
        text=more.pop("text", "Did you agree?"),
        by=by,
        at=at,
        **more,
    )


def tell(question: Question, by: User, at: datetime) -> None:
    disputes.answer_question(question_id=question.pk, value="yes", by=by, at=at)


def points(cast: Cast, user: User, until: datetime = MONDAY + timedelta(days=10)) -> int:
    return scores.account(cast.entity, until).score({user.pk}, FIRST, LAST).points


def test_a_quick_answer_earns_and_a_reopened_dispute_takes_it_back(cast: Cast, dispute: Dispute) -> None:
    tell(ask(dispute, cast.sam, cast.alice), cast.sam, MONDAY + HOUR)
    assert points(cast, cast.sam) == 15
    closed = MONDAY + timedelta(days=1)
    disputes.close_dispute(
        dispute=dispute,
        verdict="unjustified",
        resolution="rejected",
        by=cast.alice,
        at=closed,
        note="Delivered.",
    )
    counted = scores.account(cast.entity, closed + HOUR)
    assert counted.score({cast.sam.pk}, FIRST, LAST).freed == {"EUR": Decimal("400.00")}
    disputes.reopen_dispute(dispute=dispute, by=cast.alice, at=closed + 3 * HOUR)
    after = scores.account(cast.entity, closed + 4 * HOUR)
    assert [one.why for one in after.entries(cast.sam.pk, FIRST, LAST)] == [Why.REOPENED, Why.QUICK]
    assert after.score({cast.sam.pk}, FIRST, LAST).points == 0
    assert after.score({cast.sam.pk}, FIRST, LAST).freed == {}
    again = scores.account(cast.entity, closed + HOUR)
    assert again.score({cast.sam.pk}, FIRST, LAST).points == 15, "as it was known then"


def test_a_night_between_is_no_time_and_no_bonus(cast: Cast, dispute: Dispute) -> None:
    evening = MONDAY + 8 * HOUR
    asked = ask(dispute, cast.sam, cast.alice, at=evening, due_at=evening + timedelta(days=1))
    tell(asked, cast.sam, evening + 14 * HOUR)
    (entry,) = scores.account(cast.entity, MONDAY + timedelta(days=3)).entries(cast.sam.pk, FIRST, LAST)
    assert (entry.points, entry.why) == (10, Why.IN_TIME), "at seven in the morning nobody works"


def test_only_whose_question_it_was(cast: Cast, dispute: Dispute) -> None:
    tell(ask(dispute, cast.sam, cast.carl), cast.alice, MONDAY + HOUR)
    assert points(cast, cast.alice) == 0, "a manager who answers for somebody earns nothing"
    tell(ask(dispute, cast.alice, cast.alice, text="And you?"), cast.alice, MONDAY + HOUR)
    assert points(cast, cast.alice) == 0, "nor does who asks themselves"
    Absence.objects.create(
        user=cast.sofia, deputy=cast.bill, starts_on=MONDAY.date(), ends_on=MONDAY.date() + timedelta(days=2)
    )
    question = Question.objects.create(
        dispute=dispute, kind="yes_no", text="Sofia?", asked_of=cast.sofia, asked_by=cast.alice,
        asked_at=MONDAY, due_at=MONDAY + 8 * HOUR,
    )  # fmt: skip
    tell(question, cast.bill, MONDAY + HOUR)
    assert points(cast, cast.bill) == 15, "a deputy does"


def test_who_does_not_want_to_be_counted_is_nowhere(cast: Cast, dispute: Dispute) -> None:
    tell(ask(dispute, cast.sam, cast.alice), cast.sam, MONDAY + HOUR)
    services.set_wishes(user=cast.sam, on=False, shared=True)
    counted = scores.account(cast.entity, MONDAY + timedelta(days=1))
    assert counted.entries(cast.sam.pk, FIRST, LAST) == []
    assert counted.score({cast.sam.pk}, FIRST, LAST).answers == 0
    assert list(scores.sharing(cast.entity)) == []


def test_only_those_who_may_set_rules_and_goals(cast: Cast) -> None:
    goal = {"kind": "in_time", "target": Decimal(90), "first_day": FIRST, "last_day": LAST}
    for person in (cast.sam, cast.carl, cast.fin, cast.mallory):
        with pytest.raises(PermissionDenied):
            services.set_rules(entity=cast.entity, mode="personal", by=person, at=MONDAY)
        with pytest.raises(PermissionDenied):
            services.set_goal(entity=cast.entity, by=person, at=MONDAY, **goal)  # type: ignore[arg-type]
    made = services.set_goal(entity=cast.entity, by=cast.alice, at=MONDAY, **goal)  # type: ignore[arg-type]
    services.drop_goal(goal=made, by=cast.alice, at=MONDAY)
    services.drop_goal(goal=made, by=cast.alice, at=MONDAY)
    kinds = Event.objects.filter(entity=cast.entity, kind__startswith="score.").values_list("kind", flat=True)
    assert sorted(kinds) == ["score.goal", "score.goal_dropped"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"target": Decimal(0)}, "above zero"),
        ({"target": Decimal(101)}, "100 per cent"),
        ({"last_day": date(2026, 2, 1)}, "before the first"),
    ],
)
def test_a_goal_that_makes_no_sense_is_refused_and_by_the_database_too(
    cast: Cast, changes: dict[str, Any], words: str
) -> None:
    goal = {"kind": "in_time", "target": Decimal(90), "first_day": FIRST, "last_day": LAST} | changes
    with override("en"), pytest.raises(ValidationError, match=words):
        services.set_goal(entity=cast.entity, by=cast.alice, at=MONDAY, **goal)
    with pytest.raises(IntegrityError):
        TeamGoal.objects.create(entity=cast.entity, set_by=cast.alice, set_at=MONDAY, **goal)


def test_a_team_is_told_of_from_three_people_on(cast: Cast, dispute: Dispute) -> None:
    goal = services.set_goal(
        entity=cast.entity, kind="in_time", target=Decimal(50), first_day=FIRST, last_day=LAST,
        by=cast.alice, at=MONDAY,
    )  # fmt: skip
    for number, person in enumerate((cast.sam, cast.sofia, cast.bill)):
        until = scores.account(cast.entity, MONDAY + timedelta(days=1))
        assert scores.progress(until, goal, LAST).reached is None
        late = timedelta(hours=9 if number == 2 else 1)
        tell(ask(dispute, person, cast.alice, text=f"Question {number}"), person, MONDAY + late)
    made = scores.progress(scores.account(cast.entity, MONDAY + timedelta(days=1)), goal, LAST)
    assert (made.reached, made.met, made.share) == (Decimal("66.7"), True, 100)


@pytest.fixture
def march(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY + timedelta(days=2))
    monkeypatch.setattr(clock, "today", lambda _zone: date(2026, 3, 18))


def page(user: User, query: str = "") -> Any:
    client = Client()
    client.force_login(user)
    return client.get(f"/scores/{query}")


def test_the_page_shows_each_what_is_theirs(cast: Cast, dispute: Dispute, march: None) -> None:
    services.set_rules(entity=cast.entity, mode="personal", by=cast.alice, at=MONDAY)
    User.objects.update(language="en")
    for person in (cast.sam, cast.sofia, cast.bill):
        tell(ask(dispute, person, cast.alice, text=f"For {person.name}?"), person, MONDAY + HOUR)
    mine = page(cast.sam).content.decode()
    assert "Answered quickly" in mine
    assert "+15" in mine
    assert "Sofia" not in mine
    services.set_wishes(user=cast.sofia, on=True, shared=True)
    assert "Sofia" in page(cast.sam).content.decode()
    assert "Answered quickly" not in page(cast.alice).content.decode(), "a manager sees the team only"
    assert page(cast.mallory, f"?entity={cast.entity.pk}").status_code == 404


def test_team_mode_shows_nobody_and_off_shows_nothing(cast: Cast, dispute: Dispute, march: None) -> None:
    User.objects.update(language="en")
    tell(ask(dispute, cast.sam, cast.alice), cast.sam, MONDAY + HOUR)
    assert "Answered quickly" not in page(cast.sam).content.decode(), "the usual mode is the team's"
    services.set_rules(entity=cast.entity, mode="off", by=cast.alice, at=MONDAY)
    assert page(cast.sam).status_code == 404
    assert "Nothing is counted here." in page(cast.alice).content.decode()


def test_as_many_queries_for_many_answers_as_for_few(cast: Cast, dispute: Dispute, march: None) -> None:
    services.set_rules(entity=cast.entity, mode="personal", by=cast.alice, at=MONDAY)
    tell(ask(dispute, cast.sam, cast.alice), cast.sam, MONDAY + HOUR)
    page(cast.sam)
    with CaptureQueriesContext(connection) as few:
        page(cast.sam)
    for number in range(12):
        other = _dispute(cast)
        tell(ask(other, cast.sam, cast.alice, text=f"N {number}"), cast.sam, MONDAY + HOUR)
    with CaptureQueriesContext(connection) as many:
        assert page(cast.sam).status_code == 200
    assert len(many) == len(few)


def test_managers_set_mode_and_goals_on_the_page(cast: Cast, march: None) -> None:
    client = Client()
    client.force_login(cast.alice)
    entity = {"entity": cast.entity.pk}
    assert client.post("/scores/rules/", entity | {"mode": "personal"}).status_code == 302
    assert ScoreRules.objects.get(entity=cast.entity).mode == "personal"
    goal = {"kind": "freed", "target": "25.000,50", "first_day": "2026-03-01", "last_day": "2026-03-31"}
    assert client.post("/scores/goals/", entity | goal).status_code == 302
    made = TeamGoal.objects.get()
    assert made.target == Decimal("25000.50")
    wrong = client.post("/scores/goals/", entity | goal | {"target": "0"})
    assert wrong.status_code == 422
    assert TeamGoal.objects.count() == 1
    sales = Client()
    sales.force_login(cast.sam)
    assert sales.post("/scores/rules/", entity | {"mode": "off"}).status_code == 404
    assert sales.post(f"/scores/goals/{made.pk}/drop/").status_code == 404
    assert client.post(f"/scores/goals/{made.pk}/drop/").status_code == 302
    assert list(scores.goals(cast.entity)) == []


def test_the_api_tells_and_does_the_same(cast: Cast, dispute: Dispute, march: None) -> None:
    tell(ask(dispute, cast.sam, cast.alice), cast.sam, MONDAY + HOUR)
    boss, sales, stranger = Client(), Client(), Client()
    for client, user in ((boss, cast.alice), (sales, cast.sam), (stranger, cast.mallory)):
        client.force_login(user)
    at, json = f"/api/v1/scores/{cast.entity.pk}/", "application/json"
    assert sales.put(f"{at}rules/", {"mode": "personal"}, json).status_code == 403
    assert boss.put(f"{at}rules/", {"mode": "personal"}, json).json() == {"mode": "personal"}
    told = sales.get(at).json()
    assert told["mine"]["points"] == 15
    assert told["mine"]["median_minutes"] == "60.0"
    assert told["mine"]["share_in_time"] == "1.0000"
    assert [one["points"] for one in told["entries"]] == [15]
    assert told["team"] is None
    assert sales.get(f"{at}?month=2026-02").json()["mine"]["points"] == 0
    assert sales.get(f"{at}?month=x").status_code == 400
    assert sales.put("/api/v1/scores/wishes/", {"on": False, "shared": True}, json).json() == {
        "on": False,
        "shared": False,
    }
    assert sales.get(at).json()["mine"] is None
    goal = {
        "entity": cast.entity.pk,
        "kind": "hours",
        "target": "4",
        "first_day": "2026-03-01",
        "last_day": "2026-03-31",
    }
    assert sales.post("/api/v1/score-goals/", goal, json).status_code == 403
    made = boss.post("/api/v1/score-goals/", goal, json)
    assert made.status_code == 201
    assert sales.get(at).json()["goals"][0]["words"]
    assert boss.post("/api/v1/score-goals/", goal | {"target": "0"}, json).status_code == 400
    assert stranger.get(at).status_code == 404
    assert stranger.post("/api/v1/score-goals/", goal, json).status_code == 400
    assert stranger.delete(f"/api/v1/score-goals/{made.json()['id']}/").status_code == 404
    assert boss.delete(f"/api/v1/score-goals/{made.json()['id']}/").status_code == 204
