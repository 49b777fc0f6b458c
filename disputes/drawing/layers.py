"""Where everything stands: which moves lead back, in which layer each stage is, and in which order there."""

from __future__ import annotations

from dataclasses import dataclass, field

from disputes.drawing.parts import Box, End

GAP = 26  # between boxes of one layer
THREAD = 14  # height a passing wire takes in a layer


@dataclass(slots=True)
class Slot:
    """A place in a layer: of a box, of an end, or of the wire that passes on its way to `target`."""

    target: str
    height: int
    inlet: int
    box: Box | None = None
    end: End | None = None
    y: int = 0

    @property
    def passes(self) -> bool:
        """Whether it is only a wire on its way."""
        return self.box is None and self.end is None

    @property
    def at(self) -> int:
        """The height at which wires come in."""
        return self.y + self.inlet


@dataclass(slots=True)
class Plan:
    """The layers from left to right, each from top to bottom, and the layer of each stage or end."""

    layers: list[list[Slot]] = field(default_factory=list)
    layer_of: dict[str, int] = field(default_factory=dict)

    def slot(self, layer: int, target: str) -> Slot:
        """The place of a target, or of the wire to it, in a layer."""
        return next(slot for slot in self.layers[layer] if slot.target == target)


def arrange(boxes: list[Box], ends: list[End]) -> Plan:
    """Mark the moves that lead back, and give every box and every passing wire its layer and height."""
    known = {box.code: box for box in boxes}
    _mark_back(boxes, known)
    plan = Plan(layer_of=_layers(boxes))
    last = max(plan.layer_of.values(), default=-1) + 1
    plan.layer_of |= {end_key(end.status): last for end in ends}
    plan.layers = [[] for _ in range(last + (1 if ends else 0))]
    for box in boxes:
        plan.layers[plan.layer_of[box.code]].append(Slot(box.code, box.height, box.inlet, box=box))
    for end in ends:
        slot = Slot(end_key(end.status), end.height, end.height // 2, end=end)
        plan.layers[last].append(slot)
    _add_threads(boxes, plan)
    _place(boxes, plan)
    return plan


def end_key(status: str) -> str:
    """How an end is named among the targets; a stage's code never has a colon."""
    return f"end:{status}"


def goal(row_to: str, ends_as: str) -> str:
    """The target of a move, or nothing."""
    return row_to or (end_key(ends_as) if ends_as else "")


def _mark_back(boxes: list[Box], known: dict[str, Box]) -> None:
    """A move leads back when its stage lies on the way from a start to here (depth first, without recursion)."""
    state: dict[str, str] = {}
    for start in sorted(boxes, key=lambda box: not box.initial):
        if start.code in state:
            continue
        state[start.code] = "open"
        way = [(start, iter(start.rows))]
        while way:
            box, rows = way[-1]
            row = next(rows, None)
            if row is None:
                state[box.code] = "closed"
                way.pop()
            elif row.to and state.get(row.to) == "open":
                row.back = True
            elif row.to and row.to not in state:
                state[row.to] = "open"
                way.append((known[row.to], iter(known[row.to].rows)))


def _layers(boxes: list[Box]) -> dict[str, int]:
    """The longest way from a start, along moves that lead on."""
    layer = {box.code: 0 for box in boxes}
    for _round in boxes:
        changed = False
        for box in boxes:
            for row in box.rows:
                if row.to and not row.back and layer[row.to] < layer[box.code] + 1:
                    layer[row.to] = layer[box.code] + 1
                    changed = True
        if not changed:
            break
    return layer


def _add_threads(boxes: list[Box], plan: Plan) -> None:
    """A place in every layer that a wire passes; one for all the wires to the same target."""
    for box in boxes:
        for row in box.rows:
            target = goal(row.to, row.ends_as)
            if not target or row.back:
                continue
            for layer in range(plan.layer_of[box.code] + 1, plan.layer_of[target]):
                if all(slot.target != target for slot in plan.layers[layer]):
                    plan.layers[layer].append(Slot(target, THREAD, THREAD // 2))


def _place(boxes: list[Box], plan: Plan) -> None:
    """Layer by layer, everything as near as possible to where its wires come from."""
    for number, layer in enumerate(plan.layers):
        wanted = {slot.target: _wanted(slot, number, plan) for slot in layer}
        layer.sort(key=lambda slot: wanted[slot.target])
        free = 0
        for slot in layer:
            slot.y = max(free, wanted[slot.target] - slot.inlet)
            free = slot.y + slot.height + (THREAD if slot.passes else GAP)


def _wanted(slot: Slot, number: int, plan: Plan) -> int:
    """The middle of the heights its wires come from in the layer before; the top without any."""
    if number == 0:
        return slot.inlet
    found: list[int] = []
    for before in plan.layers[number - 1]:
        if before.target == slot.target:
            found.append(before.at)
        elif before.box is not None:
            rows = before.box.rows
            found += [before.y + r.port for r in rows if goal(r.to, r.ends_as) == slot.target and not r.back]
    return round(sum(found) / len(found)) if found else slot.inlet
