"""What every way of sending e-mail offers."""

from typing import Protocol, Self

from mailroom.envelope import Envelope


class Refused(Exception):
    """The provider says no for good: trying again would change nothing. The text is the provider's own."""


class Unreachable(Exception):
    """The provider did not answer, or asked to come back later."""


class Provider(Protocol):
    """A way to send letters. Use it as a context: several letters share one connection."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def send(self, envelope: Envelope) -> None:
        """Hand over one letter; raises Refused or Unreachable."""
