"""Notes about customers."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.events import emit
from accounts.models import User
from collections_app.errors import CallError
from collections_app.models import Remark
from ledger.models import Customer

SHOWN = 200


@transaction.atomic
def write_remark(*, customer: Customer, text: str, by: User, at: datetime) -> Remark:
    """Write down something about the customer. Raises CallError for nothing."""
    words = text.strip()
    if not words:
        raise CallError(_("Write something."), code="remark_empty")
    remark = Remark(customer=customer, text=words, by=by, at=at)
    remark.full_clean()
    remark.save()
    emit(
        stream="customer",
        object_id=customer.pk,
        entity_id=customer.entity_id,
        kind="customer.noted",
        actor=by,
        at=at,
        data={"remark": remark.pk, "text": words[:SHOWN]},
    )
    return remark
