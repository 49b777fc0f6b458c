"""Several changes in one click, to one dispute or to many; saved views; taking back."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Event
from disputes import queue, queue_sums, services, triage
from disputes.errors import FieldErrors, IllegalAct, RoleMayNot
from disputes.models import Dispute, Macro, Question, SavedView
from tests.disputes.conftest import open_one
from tests.factories import AT, Cast, make_invoice

STEPS = [
    {"do": "classify", "reason": "quality"},
    {"do": "assign", "user": "me"},
    {"do": "ask", "to": "salesperson", "text": "What was agreed?", "kind": "text", "minutes": 240},
    {"do": "snooze", "for": "3d"},
]


def make_macro(cast: Cast, steps: Any = None, **more: Any) -> Macro:
    more = {"name": "Wait", "by": cast.alice, "entity": cast.entity, **more}
    return services.save_macro(steps=STEPS if steps is None else steps, **more)


def test_a_macro_makes_all_its_changes(dispute: Dispute, catalogue: Cast) -> None:
    services.run_macro(macro=make_macro(catalogue), dispute=dispute, by=catalogue.carl, at=AT)
    dispute.refresh_from_db()
    assert (dispute.reason.code, dispute.holder_user) == ("quality", catalogue.carl)
    assert dispute.snoozed_until is not None
    asked = Question.objects.filter(dispute=dispute, text="What was agreed?").get()
    assert asked.asked_of == catalogue.sam


def test_or_none_of_them(dispute: Dispute, catalogue: Cast) -> None:
    macro = make_macro(catalogue, [*STEPS, {"do": "move", "move": "no_such_move"}])
    before = Event.objects.count()
    with pytest.raises(IllegalAct):
        services.run_macro(macro=macro, dispute=dispute, by=catalogue.alice, at=AT)
    dispute.refresh_from_db()
    assert (dispute.reason.code, dispute.snoozed_until, Event.objects.count()) == ("price", None, before)


def test_the_rights_are_those_of_who_runs_it(dispute: Dispute, catalogue: Cast) -> None:
    macro = make_macro(catalogue, shared=True)
    with pytest.raises(RoleMayNot):
        services.run_macro(macro=macro, dispute=dispute, by=catalogue.sam, at=AT)
    dispute.refresh_from_db()
    assert dispute.reason.code == "price"


@pytest.mark.parametrize(
    "steps",
    [
        [],
        "assign",
        [{"do": "explode"}],
        [{"do": "classify", "reason": "nonsense"}],
        [{"do": "assign"}],
        [{"do": "assign", "user": 0}],
        [{"do": "assign", "user": "me", "department": 1}],
        [{"do": "ask", "to": "salesperson", "text": " "}],
        [{"do": "ask", "to": "nobody", "text": "x"}],
        [{"do": "ask", "to": "holder", "text": "x", "minutes": "soon"}],
        [{"do": "snooze", "for": "ever"}],
        [{"do": "move", "move": 7}],
        STEPS * 3,
    ],
)
def test_steps_that_make_no_sense_are_refused(catalogue: Cast, steps: Any) -> None:
    with pytest.raises(FieldErrors):
        make_macro(catalogue, steps)
    assert not Macro.objects.exists()


def test_who_may_share_and_change(catalogue: Cast) -> None:
    with pytest.raises(RoleMayNot):
        make_macro(catalogue, by=catalogue.sam, shared=True)
    with pytest.raises(RoleMayNot):
        make_macro(catalogue, by=catalogue.fin)
    mine = make_macro(catalogue)
    with pytest.raises(RoleMayNot):
        services.drop_macro(macro=mine, by=catalogue.carl)
    make_macro(catalogue, name="For all", by=catalogue.carl, shared=True)
    assert [one.name for one in triage.macros_for(catalogue.alice)] == ["Wait", "For all"]
    assert [one.name for one in triage.macros_for(catalogue.sam)] == ["For all"]
    assert not triage.macros_for(catalogue.mallory).exists()


def test_one_bad_record_does_not_stop_the_others_and_is_named(catalogue: Cast) -> None:
    good, bad, last = open_one(catalogue), open_one(catalogue), open_one(catalogue)
    services.withdraw_dispute(dispute=bad, by=catalogue.alice, at=AT)
    outcomes = services.change_many(
        disputes=[last, bad, good], steps=[{"do": "snooze", "for": "week"}], by=catalogue.alice, at=AT
    )
    assert [one.pk for one in outcomes.done] == [good.pk, last.pk]
    assert [(one.dispute.pk, one.code) for one in outcomes.failed] == [(bad.pk, "illegal_act")]
    assert queue_sums.counts(catalogue.alice, AT)["snoozed"] == 2


@pytest.mark.parametrize("act", ["assign", "classify", "snooze"])
def test_what_one_did_is_taken_back(dispute: Dispute, catalogue: Cast, act: str) -> None:
    alice = catalogue.alice
    services.assign(dispute=dispute, user=catalogue.carl, by=alice, at=AT)
    before = Dispute.objects.values("holder_user", "reason", "snoozed_until", "coordinator").get(
        pk=dispute.pk
    )
    steps: dict[str, dict[str, Any]] = {
        "assign": {"do": "assign", "department": catalogue.billing.pk},
        "classify": {"do": "classify", "reason": "quantity"},
        "snooze": {"do": "snooze", "for": "month"},
    }
    last = triage.last_seqs([dispute.pk])[dispute.pk]
    services.change(dispute=dispute, steps=[steps[act]], by=alice, at=AT)
    if act == "classify":
        assert triage.last_deed(alice, AT) is None, "another route asked somebody"
        return
    after = Dispute.objects.values("holder_user", "reason", "snoozed_until", "coordinator").get(pk=dispute.pk)
    assert after != before
    services.undo(dispute=dispute, by=alice, at=AT + timedelta(minutes=9), since=last)
    now = Dispute.objects.values("holder_user", "reason", "snoozed_until", "coordinator").get(pk=dispute.pk)
    assert now == before


def test_not_after_ten_minutes_nor_when_others_built_on_it_nor_by_others(
    dispute: Dispute, catalogue: Cast
) -> None:
    services.snooze(dispute=dispute, until=AT + timedelta(days=1), by=catalogue.alice, at=AT)
    late = AT + timedelta(minutes=11)
    for who, moment in ((catalogue.alice, late), (catalogue.carl, AT)):
        with pytest.raises(IllegalAct, match="cannot be undone"):
            services.undo(dispute=dispute, by=who, at=moment)
    services.assign(dispute=dispute, user=catalogue.carl, by=catalogue.carl, at=AT)
    with pytest.raises(IllegalAct, match="cannot be undone"):
        services.undo(dispute=dispute, by=catalogue.alice, at=AT)
    assert triage.last_deed(catalogue.alice, AT) is None


def test_an_act_on_many_is_one_deed(catalogue: Cast) -> None:
    many = [open_one(catalogue) for _ in range(3)]
    services.change_many(
        disputes=many, steps=[{"do": "snooze", "for": "week"}], by=catalogue.alice, at=AT + timedelta(hours=1)
    )
    deed = triage.last_deed(catalogue.alice, AT + timedelta(hours=1))
    assert deed is not None
    assert sorted(deed.disputes) == sorted(one.pk for one in many)


def test_views_are_kept_shared_ordered_and_counted(dispute: Dispute, catalogue: Cast) -> None:
    alice, carl = catalogue.alice, catalogue.carl
    open_one(catalogue, invoice=make_invoice(catalogue.sur), amount="20.00", reason="quality")
    big = services.save_view(by=alice, name=" Big  ones ", filters={"view": "all", "minimum": "100"})
    team = services.save_view(by=carl, name="Quality", filters={"view": "all"}, entity=catalogue.entity)
    assert [view.name for view in triage.views_for(alice)] == ["Big ones", "Quality"]
    assert [view.pk for view in triage.views_for(catalogue.sam)] == [team.pk]
    assert not triage.views_for(catalogue.mallory).exists()
    second = services.save_view(by=alice, name="Second", filters={})
    services.order_views(by=alice, ids=[second.pk, big.pk, team.pk])
    assert list(SavedView.objects.filter(owner=alice)) == [second, big]
    own = [("a", queue.Filters(reason="price")), ("b", queue.Filters(q="norte", older_than=7))]
    counts = queue_sums.counts(alice, AT + timedelta(days=30), own)
    assert (counts["a"], counts["b"], counts["all"]) == (1, 1, 2)


def test_views_belong_to_their_owner_and_have_one_name(catalogue: Cast) -> None:
    view = services.save_view(by=catalogue.alice, name="Mine", filters={})
    for name in ("Mine", "", "x" * 61):
        with pytest.raises(FieldErrors):
            services.save_view(by=catalogue.alice, name=name, filters={})
    with pytest.raises(RoleMayNot):
        services.save_view(by=catalogue.sam, name="Ours", filters={}, entity=catalogue.entity)
    with pytest.raises(RoleMayNot):
        services.save_view(by=catalogue.carl, name="Theirs", filters={}, view=view)
    with pytest.raises(RoleMayNot):
        services.drop_view(view=view, by=catalogue.carl)
    with pytest.raises(RoleMayNot):
        services.save_view(by=catalogue.alice, name="Away", filters={}, entity=catalogue.other)


@pytest.mark.parametrize("bad", [{"name": ""}, {"steps": []}, {"then": "fly"}])
def test_the_database_refuses_nonsense(catalogue: Cast, bad: dict[str, Any]) -> None:
    good = {"entity": catalogue.entity, "owner": catalogue.alice, "name": "x", "steps": STEPS, "then": "next"}
    with pytest.raises(IntegrityError, match="macro_"), transaction.atomic():
        Macro.objects.create(**{**good, **bad})
    with pytest.raises(IntegrityError, match="saved_view_has_a_name"), transaction.atomic():
        SavedView.objects.create(owner=catalogue.alice, name="")
