"""The personal address of the page to pay on: signed, expiring, stored nowhere; who does not have it cannot make it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

SALT = "collections_app.paying.links"
LIFE = timedelta(days=60)
# 128 bits: nobody guesses it, and it still fits into an SMS.
SIGNATURE_BYTES = 16
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
EPOCH = date(2020, 1, 1)
LONGEST = 80
SIGNATURE_LENGTH = len(base64.urlsafe_b64encode(bytes(SIGNATURE_BYTES)).rstrip(b"="))


@dataclass(frozen=True, slots=True)
class Link:
    """For whom it is: a customer's debt in one currency, as a notice (if any) asked for it, until a day."""

    customer_id: int
    currency: str
    notice_id: int
    until: date


class Held(StrEnum):
    """What the page answers to a link."""

    GOOD = "good"
    EXPIRED = "expired"


def make(*, customer_id: int, currency: str, on: date, notice_id: int | None = None) -> str:
    """The token of a letter of the day `on`: always the same for the same letter."""
    days = (on + LIFE - EPOCH).days
    body = "-".join((_in36(customer_id), currency.lower(), _in36(notice_id or 0), _in36(max(days, 0))))
    return f"{body}-{_signature(body, str(settings.SECRET_KEY))}"


def read(token: str, *, on: date) -> tuple[Link, Held] | None:
    """The link of a token and whether it still holds on the day `on`; None when we never made it."""
    if not SIGNATURE_LENGTH + 1 < len(token) <= LONGEST:
        return None
    # A signature may have a dash of its own: its length is known.
    body, given = token[: -SIGNATURE_LENGTH - 1], token[-SIGNATURE_LENGTH:]
    parts = body.split("-")
    keys = [str(settings.SECRET_KEY), *map(str, settings.SECRET_KEY_FALLBACKS)]
    if len(parts) != 4 or not any(constant_time_compare(_signature(body, key), given) for key in keys):
        return None
    customer, currency, notice, days = parts
    until = EPOCH + timedelta(days=int(days, 36))
    link = Link(int(customer, 36), currency.upper(), int(notice, 36), until)
    return link, Held.GOOD if on <= until else Held.EXPIRED


def address(token: str) -> str:
    """Where the page is."""
    return f"{settings.BASE_URL.rstrip('/')}{reverse('collections_app:pay', args=[token])}"


def _signature(body: str, key: str) -> str:
    digest = salted_hmac(SALT, body, secret=key, algorithm="sha256").digest()[:SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _in36(number: int) -> str:
    out = ""
    while number:
        number, rest = divmod(number, 36)
        out = DIGITS[rest] + out
    return out or "0"
