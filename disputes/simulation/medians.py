"""How long stages take, from what was: of one stage, of one kind of holder."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from statistics import median

from disputes.simulation.parts import Past, Source


class Medians:
    """The median working minutes of finished visits."""

    def __init__(self, pasts: Iterable[Past]) -> None:
        stages: dict[str, list[int]] = defaultdict(list)
        kinds: dict[str, list[int]] = defaultdict(list)
        for past in pasts:
            for visit in past.visits:
                if visit.end is not None:
                    stages[visit.stage].append(visit.minutes)
                    kinds[visit.kind].append(visit.minutes)
        self.stages = {code: round(median(found)) for code, found in stages.items()}
        self.kinds = {kind: round(median(found)) for kind, found in kinds.items()}

    def guess(self, code: str, kind: str) -> tuple[int, Source]:
        """The minutes to count for a stage without a time of its own, and where they come from."""
        if code in self.stages:
            return self.stages[code], Source.STAGE
        if kind in self.kinds:
            return self.kinds[kind], Source.KIND
        return 0, Source.UNKNOWN
