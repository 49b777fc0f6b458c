"""Webhooks of mail providers: anymail reads and checks them, the mailroom takes in what they bring."""

from typing import Any

from anymail.signals import EventType, inbound, tracking
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from lib import clock
from mailroom import services
from mailroom.choices import InboundSource, Trouble


def connect() -> None:
    """Hear what the providers tell. Each webhook is one mail; told twice it is the same mail."""
    inbound.connect(_received, dispatch_uid="zanjar.inbound")
    tracking.connect(_tracked, dispatch_uid="zanjar.tracking")


def _received(sender: object, event: Any, **_: Any) -> None:
    message = event.message
    # What the provider saw of the journey counts like a header: the answer's address may stand only there.
    if message.envelope_recipient:
        message["X-Original-To"] = message.envelope_recipient
    services.receive(raw=message.as_bytes(), source=InboundSource.WEBHOOK, at=clock.now())


def _tracked(sender: object, event: Any, **_: Any) -> None:
    """What a provider tells of a mail we sent. `deferred` is the provider's own business: it tries again."""
    if not event.message_id:
        return
    letter, at = f"<{event.message_id.strip('<>')}>", clock.now()
    detail = event.mta_response or event.description or ""
    kind = event.event_type
    if kind in (EventType.BOUNCED, EventType.REJECTED, EventType.FAILED):
        services.bounce_letter(message_id=letter, detail=detail, at=at)
    elif kind == EventType.COMPLAINED:
        services.bounce_letter(message_id=letter, detail=detail, at=at, trouble=Trouble.COMPLAINED)
    elif kind == EventType.DELIVERED:
        services.mark_delivered(message_id=letter, at=at)
    elif kind in (EventType.OPENED, EventType.CLICKED):
        services.mark_read(message_id=letter, at=at)


def addresses() -> list[URLPattern | URLResolver]:
    """The addresses of the webhooks; none without a secret, for then anybody could call them."""
    return [path("anymail/", include("anymail.urls"))] if settings.ANYMAIL["WEBHOOK_SECRET"] else []
