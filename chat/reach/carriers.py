"""Who carries a telling, by channel. Each is registered once: `@carrier(ReachChannel.PUSH)`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from accounts.reach.choices import ReachChannel
from chat.reach.models import Notification


class Result(StrEnum):
    """How an attempt ended."""

    SENT = "sent"
    NOBODY = "nobody"
    LATER = "later"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended, and when to try again or what went wrong."""

    result: Result
    again_at: datetime | None = None
    detail: str = ""


SENT = Outcome(Result.SENT)
NOBODY = Outcome(Result.NOBODY)


def later(moment: datetime, detail: str = "") -> Outcome:
    """The provider did not answer: again at `moment`."""
    return Outcome(Result.LATER, moment, detail)


def failed(detail: str) -> Outcome:
    """The provider says no for good; `detail` goes to the administrators, so it holds no secret."""
    return Outcome(Result.FAILED, detail=detail)


Carrier = Callable[[Notification, datetime], Outcome]
_carriers: dict[str, Carrier] = {}


def carrier(channel: ReachChannel | str) -> Callable[[Carrier], Carrier]:
    """Register who carries a channel. It is called outside of any transaction and may be called twice for one
    telling (a worker died after sending): `notification.key` is the same then.
    """

    def register(function: Carrier) -> Carrier:
        _carriers[ReachChannel(channel).value] = function
        return function

    return register


def carry(notification: Notification, at: datetime) -> Outcome:
    """Hand a telling to the carrier of its channel."""
    return _carriers[notification.channel](notification, at) if notification.channel in _carriers else NOBODY
