"""How a status looks: colour and icon, beside its word."""

from disputes.choices import Status
from disputes.models import Dispute

LOOKS = {
    Status.OPEN: ("info", "inbox"),
    Status.IN_PROGRESS: ("info", "loader"),
    Status.WAITING_CUSTOMER: ("mute", "hourglass"),
    Status.TO_APPROVE: ("warn", "stamp"),
    Status.SOLVED: ("ok", "circle-check"),
    Status.REJECTED: ("bad", "circle-x"),
    Status.WITHDRAWN: ("mute", "undo-2"),
}


def badge(dispute: Dispute) -> dict[str, str]:
    """tone, icon and words of the dispute's badge: while open, the words are those of its stage."""
    tone, icon = LOOKS[Status(dispute.status)]
    if (
        dispute.is_open
        and dispute.holder_user_id
        and dispute.holder_user_id == dispute.customer.salesperson_id
    ):
        tone, icon = "warn", "message-circle-question-mark"
    words = dispute.stage.label if dispute.is_open else str(Status(dispute.status).label)
    return {"tone": tone, "icon": icon, "words": words}
