"""What can go wrong in the mailroom."""

from lib.errors import DomainError, Unprocessable


class BadTemplate(Unprocessable):
    """A template that cannot be used: an unclosed section, an unknown name (422)."""


class LetterIsGone(DomainError):
    """The letter is on its way, sent or withdrawn: it can no longer be changed (409)."""


class NothingToPrint(DomainError):
    """No letter waits, or the batch is not printed yet (409)."""


class BadLogo(Unprocessable):
    """A picture that cannot stand on paper (422)."""
