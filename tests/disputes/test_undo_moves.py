"""A move that was just made is taken back while nothing rests on it; otherwise one is told why not."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.models import Event, User
from disputes import services, triage
from disputes.errors import IllegalAct
from disputes.models import Dispute, Stay
from lib import clock
from tests.disputes.conftest import open_one, settle_constraints
from tests.disputes.test_pages import as_, text
from tests.factories import AT, Cast

EARLIER, SOON = AT - timedelta(minutes=5), AT + timedelta(minutes=3)
FIELDS = ("stage", "status", "holder_side", "holder_user", "holder_department", "due_at", "alert_at")


def state(dispute: Dispute) -> dict[str, object]:
    found: dict[str, object] = Dispute.objects.values(*FIELDS).get(pk=dispute.pk)
    return found


def move(dispute: Dispute, by: User, code: str = "ask_customer") -> None:
    dispute.refresh_from_db()
    services.make_move(dispute=dispute, move_code=code, by=by, at=AT)


def test_a_move_is_taken_back_with_stage_holder_and_deadline(catalogue: Cast) -> None:
    dispute = open_one(catalogue, at=EARLIER)
    before = state(dispute)
    move(dispute, catalogue.alice)
    assert state(dispute) != before
    deed = triage.last_deed(catalogue.alice, SOON)
    assert deed is not None
    assert deed.why_not == ""
    services.undo(dispute=dispute, by=catalogue.alice, at=SOON, since=deed.disputes[dispute.pk])
    assert state(dispute) == before
    stays = list(Stay.objects.filter(dispute=dispute).order_by("seq").values_list("started_at", "ended_at"))
    assert stays == [(EARLIER, AT), (AT, SOON), (SOON, None)]
    last = Event.objects.filter(stream="dispute", object_id=dispute.pk).order_by("-seq")[0]
    assert (last.kind, last.data["undone"]) == ("dispute.moved", last.seq - 1)
    settle_constraints()
    # What was taken back is no act of its own to take back.
    assert triage.last_deed(catalogue.alice, SOON) is None
    with pytest.raises(IllegalAct, match="cannot be undone"):
        services.undo(dispute=dispute, by=catalogue.alice, at=SOON)


def by_asking(dispute: Dispute, cast: Cast) -> None:
    move(dispute, cast.alice, "ask_sales")


def by_leaving_a_question(dispute: Dispute, cast: Cast) -> None:
    services.make_move(dispute=dispute, move_code="ask_sales", by=cast.carl, at=AT - timedelta(minutes=1))
    move(
        dispute,
        cast.alice,
        next(m.code for m in Dispute.objects.get(pk=dispute.pk).stage.moves.all() if m.to_stage_id),
    )


def by_another(dispute: Dispute, cast: Cast) -> None:
    move(dispute, cast.alice)
    services.assign(dispute=dispute, user=cast.carl, by=cast.carl, at=AT)


def by_closing(dispute: Dispute, cast: Cast) -> None:
    services.withdraw_dispute(dispute=dispute, by=cast.alice, at=AT)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (by_asking, "The move asked Sam something."),
        (by_leaving_a_question, "The move"),
        (by_another, "Something was done since."),
        (by_closing, "It is closed: open it again on its page."),
    ],
)
def test_what_cannot_be_taken_back_says_why(
    catalogue: Cast, spoil: Callable[[Dispute, Cast], None], why: str
) -> None:
    dispute = open_one(catalogue, at=EARLIER)
    spoil(dispute, catalogue)
    deed, before = triage.last_deed(catalogue.alice, SOON), state(dispute)
    assert deed is not None
    assert deed.why_not.startswith(why)
    assert deed.disputes == {}
    with pytest.raises(IllegalAct, match=why):
        services.undo(dispute=dispute, by=catalogue.alice, at=SOON)
    assert state(dispute) == before
    # Nobody else is told of it, and after ten minutes nobody.
    assert triage.last_deed(catalogue.sam, SOON) is None
    assert triage.last_deed(catalogue.alice, AT + timedelta(minutes=11)) is None


def test_the_queue_offers_it_and_says_why_not(catalogue: Cast) -> None:
    now = clock.now()
    free, asked = open_one(catalogue), open_one(catalogue)
    client = as_(catalogue.alice)
    services.make_move(dispute=free, move_code="ask_customer", by=catalogue.alice, at=now)
    assert 'data-key="z"' in text(client.get("/disputes/?view=all"))
    page = text(client.post("/disputes/undo/", {"keep": "view=all"}, follow=True))
    assert f"{free.ref} is as it was." in page
    assert Dispute.objects.get(pk=free.pk).stage.initial
    assert "Taken back: in “" in text(client.get(f"/disputes/{free.pk}/"))
    services.make_move(dispute=asked, move_code="ask_sales", by=catalogue.alice, at=clock.now())
    page = text(client.get("/disputes/?view=all"))
    assert "Cannot be undone. The move asked Sam something." in page
    assert 'data-key="z"' not in page
    page = text(client.post("/disputes/undo/", {"keep": "view=all"}, follow=True))
    assert "The move asked Sam something." in page


def test_many_moves_made_at_once_are_taken_back_at_once(catalogue: Cast) -> None:
    now, made = clock.now(), [open_one(catalogue) for _ in range(3)]
    steps = [{"do": "move", "move": "ask_customer"}]
    services.change_many(disputes=made, steps=steps, by=catalogue.alice, at=now)
    page = text(as_(catalogue.alice).post("/disputes/undo/", {"keep": "view=all"}, follow=True))
    assert page.count("is as it was.") == 3
    assert {one.stage.initial for one in Dispute.objects.all()} == {True}
