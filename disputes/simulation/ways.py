"""The edition to be tried: its stages, and the shortest way from any of them to where a dispute really went."""

from __future__ import annotations

from collections import deque
from typing import Any

Goal = tuple[str, str, str]  # ("stage", code, "") or ("end", status, resolution or "")


def stage_goal(code: str) -> Goal:
    """To reach a stage."""
    return ("stage", code, "")


def end_goal(status: str, resolution: str = "") -> Goal:
    """To end in a status, by a resolution where that is given."""
    return ("end", status, resolution)


def fits(move: dict[str, Any], goal: Goal) -> bool:
    """Whether the move arrives there."""
    kind, what, how = goal
    if kind == "stage":
        return bool(move.get("to")) and move.get("to") == what
    ends = not move.get("to") and move.get("ends_as") == what
    return ends and (not how or move.get("resolution") == how)


class Ways:
    """Answers by which move a stage comes nearest to a goal; remembers what it found."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.stages: dict[str, dict[str, Any]] = {stage["code"]: stage for stage in data["stages"]}
        self.first = next((code for code, stage in self.stages.items() if stage.get("initial")), "")
        self._found: dict[Goal, dict[str, dict[str, Any]]] = {}

    def moves(self, code: str) -> list[dict[str, Any]]:
        """The moves of a stage."""
        return list(self.stages[code].get("moves") or [])

    def named(self, code: str, move: str) -> dict[str, Any] | None:
        """The move of this code, if the stage has it."""
        return next((one for one in self.moves(code) if move and one["code"] == move), None)

    def toward(self, code: str, goal: Goal) -> dict[str, Any] | None:
        """The first move of the shortest way to the goal; None when there is no way."""
        if goal not in self._found:
            self._found[goal] = self._search(goal)
        return self._found[goal].get(code)

    def _search(self, goal: Goal) -> dict[str, dict[str, Any]]:
        """Backwards from the goal, so that every stage learns its best move at once."""
        best: dict[str, dict[str, Any]] = {}
        for code in self.stages:
            arriving = next((move for move in self.moves(code) if fits(move, goal)), None)
            if arriving is not None:
                best[code] = arriving
        waiting = deque(best)
        while waiting:
            near = waiting.popleft()
            for code in self.stages:
                if code not in best:
                    move = next((one for one in self.moves(code) if one.get("to") == near), None)
                    if move is not None:
                        best[code] = move
                        waiting.append(code)
        return best
