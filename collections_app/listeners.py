"""What the collections room does when something happened elsewhere."""

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.events import Event, listen
from accounts.models import LegalEntity
from collections_app.services import calls, contentious_notice, dunning, fates, plans, promises, segments
from collections_app.specimens import of_reminder
from disputes.models import Dispute
from ledger import services as ledger
from mailroom.services import reviews
from mailroom.trying import specimens

reviews("notice")(dunning.look_again)
reviews("legal_file", unreserved=True)(contentious_notice.look_again)
specimens("dunning.")(of_reminder)


@listen("entity.opened")
def lay_out_plans(event: Event) -> None:
    """A new legal entity starts with the shipped plans and rules of segments."""
    entity = LegalEntity.objects.get(pk=event.object_id)
    plans.install(entity, at=event.at)
    segments.install(entity, at=event.at)


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


@listen("letter.bounced")
def tell_of_the_address(event: Event) -> None:
    """What we sent came back: the contact with this address says so, until somebody corrects it."""
    entity, address = event.entity, str(event.data.get("to", ""))
    if entity is None or "@" not in address:
        return
    ledger.mark_undeliverable(
        entity=entity, email=address, why=str(event.data.get("detail", "")), at=event.at
    )


@listen(*fates.KINDS)
def follow_the_letter(event: Event) -> None:
    """A reminder arrived, was read, was posted, or came back: the customer's timeline says so."""
    stream, _colon, key = str(event.data.get("about", "")).partition(":")
    if stream == "notice" and key.isdecimal():
        channel = str(event.data.get("channel", ""))
        fates.tell_customer(
            notice_id=int(key), kind=event.kind, told_by=event.pk, channel=channel, at=event.at
        )
