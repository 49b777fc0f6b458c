"""What the collections room does when something happened elsewhere."""

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.events import Event, listen
from accounts.models import LegalEntity
from collections_app.services import calls, plans, promises
from disputes.models import Dispute


@listen("entity.opened")
def lay_out_plans(event: Event) -> None:
    """A new legal entity starts with the shipped plans."""
    plans.install(LegalEntity.objects.get(pk=event.object_id), at=event.at)


@listen("dispute.opened")
def remember_the_call(event: Event) -> None:
    """A customer disputed on the phone, and whoever called opened the dispute: the call says which."""
    if event.actor is not None:
        dispute = Dispute.objects.get(pk=event.object_id)
        calls.link_dispute(dispute=dispute, by=event.actor, at=event.at)


@listen("offer.accepted")
def promise_the_rest(event: Event) -> None:
    """An offer was accepted on the condition that the rest is paid by a day: that is the customer's promise."""
    entity = event.entity
    if not event.data.get("rest_by") or event.actor is None or entity is None:
        return
    with override(entity.language):
        note = _("Agreed with an offer.")
    for part in event.data["rest"]:
        promises.promise_with_offer(
            offer_id=event.data["offer"],
            invoice_id=part["invoice"],
            amount=Decimal(part["amount"]),
            promised_on=date.fromisoformat(event.data["rest_by"]),
            by=event.actor,
            entity=entity,
            at=event.at,
            note=note,
        )
