"""Webhooks of mail providers: anymail reads and checks them, the mailroom takes in what they bring."""

from typing import Any

from anymail.signals import EventType, inbound, tracking
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from lib import clock
from mailroom import services
from mailroom.choices import InboundSource


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
    if event.event_type == EventType.BOUNCED and event.message_id:
        detail = event.mta_response or event.description or ""
        services.bounce_letter(message_id=f"<{event.message_id.strip('<>')}>", detail=detail, at=clock.now())


def addresses() -> list[URLPattern | URLResolver]:
    """The addresses of the webhooks; none without a secret, for then anybody could call them."""
    return [path("anymail/", include("anymail.urls"))] if settings.ANYMAIL["WEBHOOK_SECRET"] else []
