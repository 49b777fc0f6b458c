"""Migrations the short way leave the states that Django's own way leaves."""

import pytest
from django.db import migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from config.quick_states import QUICK, quick_states

BIG = models.CheckConstraint(condition=models.Q(size__gt=0), name="size_positive")
ONE = models.UniqueConstraint(fields=("size",), name="one_of_a_size")
QUICKLY = models.Index(fields=("size",), name="by_size")


def _parent() -> models.ForeignKey[models.Model, models.Model]:
    return models.ForeignKey("lab.thing", models.CASCADE)


OPERATIONS: list[Operation] = [
    migrations.CreateModel(
        "Thing", [("id", models.AutoField(primary_key=True)), ("size", models.IntegerField())]
    ),
    migrations.CreateModel("Part", [("id", models.AutoField(primary_key=True)), ("thing", _parent())]),
    migrations.AddConstraint("thing", BIG),
    migrations.AddConstraint("thing", ONE),
    migrations.AddIndex("thing", QUICKLY),
    migrations.RemoveConstraint("thing", "one_of_a_size"),
    migrations.CreateModel("Piece", [("id", models.AutoField(primary_key=True)), ("thing", _parent())]),
    migrations.AddField("part", "other", _parent()),
    migrations.AddConstraint("part", models.UniqueConstraint(fields=("thing",), name="one_part")),
    migrations.RemoveIndex("thing", "by_size"),
]


def _seen(state: ProjectState) -> dict[str, object]:
    """What the classes of a state show: constraints, indexes, and who refers to whom."""
    return {
        model.__name__: (
            [constraint.name for constraint in model._meta.constraints],
            [index.name for index in model._meta.indexes],
            sorted(
                (related.related_model.__name__, related.field.name)
                for related in model._meta.related_objects
            ),
            [field.name for field in model._meta.fields],
        )
        for model in state.apps.get_models()
    }


def _walk() -> list[dict[str, object]]:
    """What is seen after each operation, with the classes drawn all the time."""
    state, seen = ProjectState(), []
    assert not state.apps.get_models()
    for operation in OPERATIONS:
        state = state.clone()
        operation.state_forwards("lab", state)
        seen.append(_seen(state))
    return seen


def test_the_short_way_shows_the_same_after_each_operation() -> None:
    there = _walk()
    with quick_states():
        short = _walk()
    assert short == there
    assert there[-1]["Thing"] == (
        ["size_positive"],
        [],
        [("Part", "other"), ("Part", "thing"), ("Piece", "thing")],
        ["id", "size"],
    )


def test_django_has_its_own_way_again_afterwards() -> None:
    before = {name: getattr(ProjectState, name) for name in QUICK}
    with quick_states():
        assert {name: getattr(ProjectState, name) for name in QUICK} == QUICK
    with pytest.raises(KeyError), quick_states():
        ProjectState().remove_model("lab", "thing")
    assert {name: getattr(ProjectState, name) for name in QUICK} == before
