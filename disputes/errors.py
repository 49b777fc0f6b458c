"""What can go wrong with a dispute. Every message is a sentence fit for the person who reads it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from lib import formats
from lib.errors import DomainError, FieldErrors, NotAllowed, Unprocessable

__all__ = [
    "AlreadyAnswered",
    "EvidenceRefused",
    "FieldErrors",
    "IllegalAct",
    "RoleMayNot",
    "ScannerAway",
]


class IllegalAct(DomainError):
    """The state of the dispute does not allow this (409)."""


class RoleMayNot(NotAllowed):
    """The person's role does not allow this (403)."""


class EvidenceRefused(Unprocessable):
    """A file that is not kept: empty, too large, of another kind, infected (422)."""


class ScannerAway(DomainError):
    """Nobody can tell now whether a file is clean, so it is not kept (503)."""

    status = 503


class AlreadyAnswered(DomainError):
    """Somebody was faster. Knows who and when (409)."""

    def __init__(self, *, by: User, at: datetime) -> None:
        sentence = _("Already answered by %(name)s.") % {"name": by.name}
        super().__init__(sentence, code="already_answered", by=by.name, at=at.isoformat())
        self.by = by
        self.at = at


class RouteProblems(Unprocessable):
    """A route cannot be kept or used as it is (422). `problems` names each place with its sentence."""

    def __init__(self, problems: Sequence[Any]) -> None:
        self.problems = list(problems)
        told = [{"place": one.place, "code": one.code, "words": one.words} for one in self.problems]
        super().__init__(" ".join(one["words"] for one in told), code="route_problems", problems=told)


class PastDeadline(DomainError):
    """Put off past the deadline without meaning to (409). Knows both moments."""

    def __init__(self, *, due_at: datetime, until: datetime) -> None:
        facts = {"due": formats.moment(due_at), "until": formats.moment(until)}
        sentence = _("The answer is wanted by %(due)s; this would hide the question until %(until)s.") % facts
        super().__init__(sentence, code="past_deadline", due_at=due_at.isoformat(), until=until.isoformat())
