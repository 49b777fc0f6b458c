"""Editing the data of a route: pure functions from a route's data and a wish to new data. No database.

A stage is found by its code, a part of it (move, question, branch, alert, letter) by its kind and place. What a
form does not know of a stage or part stays as it is.
"""

from disputes.editing.changes import Change, changes_between
from disputes.editing.parts import (
    KINDS,
    drop_part,
    own_code,
    part_at,
    parts_of,
    put_part,
    shift_part,
)
from disputes.editing.stages import (
    digest,
    drop_stage,
    fresh_route,
    move_to_first,
    moves_into,
    put_stage,
    rename,
    shift_stage,
    stage_at,
)

__all__ = [
    "KINDS",
    "Change",
    "changes_between",
    "digest",
    "drop_part",
    "drop_stage",
    "fresh_route",
    "move_to_first",
    "moves_into",
    "own_code",
    "part_at",
    "parts_of",
    "put_part",
    "put_stage",
    "rename",
    "shift_part",
    "shift_stage",
    "stage_at",
]
