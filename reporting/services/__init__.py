"""What changes reporting's own tables."""

from reporting.services.scores import drop_goal, set_goal, set_rules, set_wishes
from reporting.services.standards import drop_cost_rates, drop_target, set_cost_rates, set_target

__all__ = [
    "drop_cost_rates",
    "drop_goal",
    "drop_target",
    "set_cost_rates",
    "set_goal",
    "set_rules",
    "set_target",
    "set_wishes",
]
