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


def look(status: str, *, with_sales: bool) -> tuple[str, str]:
    """tone and icon of a status; while the salesperson has it, those of waiting for sales."""
    return ("warn", "message-circle-question-mark") if with_sales else LOOKS[Status(status)]


def badge(dispute: Dispute) -> dict[str, str]:
    """tone, icon and words of the dispute's badge: while open, the words are those of its stage.

    A dispute that waits for approval in a stage of another kind says so instead.
    """
    holder = dispute.holder_user_id if dispute.is_open else None
    with_sales = holder is not None and holder == dispute.customer.salesperson_id
    tone, icon = look(dispute.status, with_sales=with_sales)
    asked = dispute.status == Status.TO_APPROVE != dispute.stage.status
    own = not dispute.is_open or asked
    words = str(Status(dispute.status).label) if own else dispute.stage.label
    return {"tone": tone, "icon": icon, "words": words}
