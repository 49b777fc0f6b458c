"""What became of a reminder's letter, told on the customer's timeline too."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.events import emit, timeline
from collections_app.models import Notice
from ledger.models import Customer

KINDS = {
    "letter.delivered": "notice.delivered",
    "letter.read": "notice.read",
    "letter.posted": "notice.posted",
    "letter.bounced": "notice.came_back",
}


@transaction.atomic
def tell_customer(*, notice_id: int, kind: str, told_by: int, channel: str, at: datetime) -> bool:
    """Say it once, however often it is heard: `told_by` is the event of the letter. False when it stands there."""
    notice = Notice.objects.filter(pk=notice_id).first()
    if notice is None:
        return False
    Customer.objects.select_for_update(no_key=True).get(pk=notice.customer_id)
    if timeline("customer", notice.customer_id).filter(kind=KINDS[kind], data__event=told_by).exists():
        return False
    emit(
        stream="customer",
        object_id=notice.customer_id,
        entity_id=notice.entity_id,
        kind=KINDS[kind],
        actor=None,
        at=at,
        data={"notice": notice.pk, "letter": notice.letter_id, "channel": channel, "event": told_by},
    )
    return True
