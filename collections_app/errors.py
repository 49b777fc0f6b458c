"""What can go wrong in collecting."""

from django.utils.translation import gettext as _

from lib.errors import DomainError


class UnknownPlan(DomainError):
    """There is no active plan of this name (409)."""

    def __init__(self, name: str) -> None:
        sentence = _("This legal entity has no active plan called “%(name)s”.") % {"name": name}
        super().__init__(sentence, code="unknown_plan")


class PlanError(DomainError):
    """A plan that cannot be changed as asked (409)."""


class PromiseError(DomainError):
    """A promise or hold that cannot be made as asked (409)."""


class PayRefused(DomainError):
    """Nothing can be paid on the page as it stands (409)."""


class InterestError(DomainError):
    """Late interest cannot be claimed, waived or set as asked (409)."""


class CallError(DomainError):
    """A call that cannot be planned or ended as asked (409)."""


class ContentiousError(DomainError):
    """A legal file cannot be opened or taken further as asked (409)."""


class SegmentError(DomainError):
    """A segment rule, or what a person said about a customer's segment, that cannot be."""
