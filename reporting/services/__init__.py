"""What changes reporting's own tables."""

from reporting.services.scores import drop_goal, set_goal, set_rules, set_wishes

__all__ = ["drop_goal", "set_goal", "set_rules", "set_wishes"]
