"""What ends by itself when a day is over: offers, requests for approval, promises among ourselves."""

from datetime import datetime

from accounts.models import LegalEntity
from disputes.services.approving import expire_approvals
from disputes.services.common import day_of
from disputes.services.internal import break_promises
from disputes.services.offering import expire_offers


def end_what_is_over(*, at: datetime) -> int:
    """Look at every legal entity on the day it is there; how many things ended. Harmless however often."""
    ended = 0
    for entity in LegalEntity.objects.order_by("pk"):
        on = day_of(at, entity)
        ended += expire_offers(entity=entity, on=on, at=at)
        ended += expire_approvals(entity=entity, on=on, at=at)
        ended += break_promises(entity=entity, on=on, at=at)
    return ended
