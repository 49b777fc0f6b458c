"""What past disputes would have met on another edition of their route: pure, from their real stays.

A dispute is replayed stage by stage. What its people really took for a stage they take again; where a stage has no
history of that dispute, the median of the stage among the others counts, then that of the same kind of holder, and
the answer says so. Where the edition has no way to what really happened, the replay stops and says why.
"""

from disputes.simulation.figures import Comparison, StageFigures, compare
from disputes.simulation.parts import Passage, Past, Replay, Source, Visit
from disputes.simulation.replay import replay_all

__all__ = [
    "Comparison",
    "Passage",
    "Past",
    "Replay",
    "Source",
    "StageFigures",
    "Visit",
    "compare",
    "replay_all",
]
