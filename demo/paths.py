"""The way through a route: which moves lead to a stage or to an ending, as people would go."""

import heapq
import random
from dataclasses import dataclass
from functools import cached_property

from accounts.models import LegalEntity
from disputes.choices import Resolution, Verdict
from disputes.models import Move, Reason, RouteVersion, Stage

# Skipping the question that a route is made for is possible, and dear.
SHORTCUT = 5


@dataclass
class RouteMap:
    """The route that new disputes of one reason follow, read once."""

    reason: Reason
    version: RouteVersion

    @cached_property
    def stages(self) -> list[Stage]:
        """In their order, the first one first."""
        rows = self.version.stages.prefetch_related("moves__to_stage", "questions").order_by("position")
        return sorted(rows, key=lambda stage: not stage.initial)

    @cached_property
    def ways(self) -> dict[int, list[Move]]:
        """Stage -> the cheapest moves that lead there from the start."""
        start = self.stages[0]
        by_id = {stage.pk: stage for stage in self.stages}
        found: dict[int, list[Move]] = {}
        queue: list[tuple[int, int, int, list[Move]]] = [(0, 0, start.pk, [])]
        ticket = 0
        while queue:
            cost, _ticket, stage_id, way = heapq.heappop(queue)
            if stage_id in found:
                continue
            found[stage_id] = way
            for move in sorted(by_id[stage_id].moves.all(), key=lambda m: m.pk):
                if move.to_stage_id is None:
                    continue
                ticket += 1
                dear = stage_id == start.pk and not by_id[move.to_stage_id].questions.all()
                step = SHORTCUT if dear else 1
                heapq.heappush(queue, (cost + step, ticket, move.to_stage_id, [*way, move]))
        return found

    def asks(self, stage_id: int) -> bool:
        """Whether somebody is asked something in the stage."""
        return any(stage.pk == stage_id and stage.questions.all() for stage in self.stages)

    def way_to(self, stage_code: str) -> list[Move]:
        """The moves to a stage."""
        return self.ways[next(stage.pk for stage in self.stages if stage.code == stage_code)]

    def way_out(self, chance: random.Random, resolution: str, *, partly: bool) -> list[Move]:
        """The moves to an ending with this resolution; without one, to where a person would decide it by hand."""
        endings = [
            move
            for stage in self.stages
            for move in stage.moves.all()
            if move.to_stage_id is None and move.resolution == resolution and self._fits(move, partly)
        ]
        if not endings:
            return self.ways[self.stages[1].pk]
        last = chance.choice(sorted(endings, key=lambda move: move.pk))
        return [*self.ways[last.stage_id], last]

    @staticmethod
    def _fits(move: Move, partly: bool) -> bool:
        return move.resolution != Resolution.CREDIT or (move.verdict == Verdict.PARTLY) == partly


def maps_of(entity: LegalEntity) -> dict[str, RouteMap]:
    """Every reason of the entity with the route its disputes follow."""
    reasons = Reason.objects.filter(entity=entity, active=True).select_related("route").order_by("position")
    versions = {
        version.route_id: version
        for version in RouteVersion.objects.filter(route__entity=entity, current=True)
    }
    return {reason.code: RouteMap(reason, versions[reason.route_id]) for reason in reasons if reason.route_id}


def places_of(maps: dict[str, RouteMap]) -> list[tuple[str, str]]:
    """Every stage of every route, as (reason, stage)."""
    return [(code, stage.code) for code, route in maps.items() for stage in route.stages]
