"""Telling people: plan it, ask again just before it goes, claim, commit, carry, mark."""

from chat.reach.digest import plan_digests
from chat.reach.messages import tell_of_messages
from chat.reach.seeing import read_up_to, see
from chat.reach.sending import send_due, send_one, sweep
from chat.reach.telling import About, drop_waiting, tell

__all__ = [
    "About",
    "drop_waiting",
    "plan_digests",
    "read_up_to",
    "see",
    "send_due",
    "send_one",
    "sweep",
    "tell",
    "tell_of_messages",
]
