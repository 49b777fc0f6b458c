"""The picture of a route: a pure function from its data to boxes, wires and words. No database, no library.

Stages stand in layers from left to right; every move is a row of its stage's box, and its wire leaves from that row.
Wires to the same place share a line. What leads back goes apart, below the picture. Branches that run at the same
time are lanes between a fork and a join.
"""

from __future__ import annotations

from typing import Any

from disputes.drawing.boxes import read_boxes, read_ends
from disputes.drawing.layers import arrange
from disputes.drawing.parts import Marks, Names, Picture
from disputes.drawing.wires import route_wires

__all__ = ["Marks", "Names", "Picture", "draw"]


def draw(data: dict[str, Any], names: Names | None = None, marks: Marks | None = None) -> Picture:
    """Draw a route, complete or half-finished: whatever is missing or wrong is drawn as far as it goes.

    `names` gives departments and people their names, `marks` says where a dispute has been and where it is.
    """
    names, marks = names or Names(), marks or Marks()
    boxes = read_boxes(data, names, marks)
    ends = read_ends(boxes, marks)
    plan = arrange(boxes, ends)
    return route_wires(boxes, ends, plan, marks)
