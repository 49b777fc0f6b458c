"""Telling people: plan it, ask again just before it goes, claim, commit, carry, mark."""

from chat.reach.sending import send_due, send_one, sweep
from chat.reach.telling import About, drop_waiting, tell

__all__ = ["About", "drop_waiting", "send_due", "send_one", "sweep", "tell"]
