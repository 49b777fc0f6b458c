"""The wires: straight pieces that leave a move's row, run up or down between layers, and arrive at their target.

Between two layers every target has a track of its own, so that no two lines run over each other; what leads back
goes down to a lane below the whole picture, back to the left, and up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from disputes.drawing.layers import Plan, Slot, goal
from disputes.drawing.parts import COLOURS, WIDTH, Box, End, Marks, Picture, Wire

EDGE = 12  # free room before the first and after the last track of a gutter
TRACK = 6
MARGIN = 12
BELOW = 22  # between the picture and the first lane of what leads back
BACK_INLET = 34  # where a wire that leads back comes in, from the top of the box
Point = tuple[int, int]


@dataclass(slots=True)
class Gutter:
    """The room to the left of a layer: its tracks by name, and where it begins."""

    names: list[str] = field(default_factory=list)
    x: int = 0

    def add(self, name: str) -> None:
        """Make sure that there is a track of this name."""
        if name not in self.names:
            self.names.append(name)

    @property
    def width(self) -> int:
        """As wide as its tracks need."""
        return 2 * EDGE + TRACK * max(len(self.names) - 1, 0) if self.names else EDGE

    def track(self, name: str) -> int:
        """Where the track runs."""
        return self.x + EDGE + TRACK * self.names.index(name)


def route_wires(boxes: list[Box], ends: list[End], plan: Plan, marks: Marks) -> Picture:
    """Place the layers and draw every move."""
    gutters = _gutters(boxes, plan)
    right = _place_columns(plan, gutters)
    bottom = max((slot.y + slot.height for layer in plan.layers for slot in layer), default=0)
    lanes = {target: bottom + BELOW + TRACK * 2 * n for n, target in enumerate(_backs(boxes))}
    order = list(plan.layer_of)
    wires = []
    for box in boxes:
        for row in box.rows:
            target = goal(row.to, row.ends_as)
            if not target:
                continue
            start = (box.x + box.width, box.y + row.port)
            if row.back:
                points = _way_back(start, box, target, plan, gutters, lanes[target])
            else:
                points = _way_on(start, box, target, plan, gutters)
            kind = "back" if row.back else "end" if row.ends_as else "on"
            colour = order.index(target) % COLOURS + 1
            taken = (box.code, row.code) in marks.taken
            wires.append(Wire(_path(points), kind, colour, box.code, row.code, target, tuple(points), taken))
    height = max(lanes.values(), default=bottom)
    return Picture(right + MARGIN, height + MARGIN, tuple(boxes), tuple(ends), tuple(wires))


def _backs(boxes: list[Box]) -> list[str]:
    """The stages some move leads back to."""
    return list(dict.fromkeys(row.to for box in boxes for row in box.rows if row.back))


def _gutters(boxes: list[Box], plan: Plan) -> list[Gutter]:
    """Which tracks each gutter needs; the last gutter lies right of the last layer."""
    gutters = [Gutter() for _ in range(len(plan.layers) + 1)]
    for number, layer in enumerate(plan.layers):
        for slot in sorted(layer, key=lambda one: -one.at):
            if number:
                gutters[number].add(slot.target)
    for box in boxes:
        for row in box.rows:
            if row.back:
                gutters[plan.layer_of[box.code] + 1].add(f"down:{row.to}")
                gutters[plan.layer_of[row.to]].add(f"up:{row.to}")
    return gutters


def _place_columns(plan: Plan, gutters: list[Gutter]) -> int:
    """Give every gutter and everything in the layers its x (and boxes their y); returns the right edge."""
    x = 0
    for gutter, layer in zip(gutters, [*plan.layers, []], strict=True):
        gutter.x = x
        x += gutter.width
        for slot in layer:
            thing = slot.box or slot.end
            if thing is not None:
                thing.x, thing.y = x, slot.y
        x += max((_width(slot) for slot in layer), default=0)
    return x - (EDGE if not gutters[-1].names else 0)


def _width(slot: Slot) -> int:
    thing = slot.box or slot.end
    return thing.width if thing is not None else WIDTH


def _way_on(start: Point, box: Box, target: str, plan: Plan, gutters: list[Gutter]) -> list[Point]:
    points = [start]
    for layer in range(plan.layer_of[box.code] + 1, plan.layer_of[target] + 1):
        x, slot = gutters[layer].track(target), plan.slot(layer, target)
        points += [(x, points[-1][1]), (x, slot.at)]
        thing = slot.box or slot.end
        if thing is not None:
            points.append((thing.x, slot.at))
    return points


def _way_back(
    start: Point, box: Box, target: str, plan: Plan, gutters: list[Gutter], lane: int
) -> list[Point]:
    down = gutters[plan.layer_of[box.code] + 1].track(f"down:{target}")
    up = gutters[plan.layer_of[target]].track(f"up:{target}")
    slot = plan.slot(plan.layer_of[target], target)
    inlet = slot.y + BACK_INLET
    x = slot.box.x if slot.box else up
    return [start, (down, start[1]), (down, lane), (up, lane), (up, inlet), (x, inlet)]


def _path(points: list[Point]) -> str:
    """The SVG path; a piece of no length is left out."""
    said = [f"M{points[0][0]} {points[0][1]}"]
    for (x0, y0), (x1, y1) in pairwise(points):
        if x1 != x0:
            said.append(f"H{x1}")
        if y1 != y0:
            said.append(f"V{y1}")
    return " ".join(said)
