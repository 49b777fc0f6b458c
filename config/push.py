"""With what this site signs the notifications it pushes to browsers (VAPID, RFC 8292), and where it may push to."""

import base64
from binascii import Error as BadBase64
from dataclasses import dataclass
from email.utils import parseaddr

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.exceptions import ImproperlyConfigured

from config.env import env, env_list
from config.places import secret

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Push:
    """The keys (URL-safe base64, empty when nothing is pushed), who answers for them, and hosts of one's own."""

    private_key: str
    public_key: str
    subject: str
    inside: list[str]


def draw_key() -> str:
    """A new private key, as VAPID_PRIVATE_KEY takes it."""
    value = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return _text(value.to_bytes(KEY_BYTES, "big"))


def public_of(private_key: str) -> str:
    """The public half, as browsers take it; ImproperlyConfigured for anything that is no key."""
    try:
        raw = base64.urlsafe_b64decode(private_key + "=" * (-len(private_key) % 4))
        if len(raw) != KEY_BYTES:
            raise ValueError("a private key has 32 bytes")
        key = ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1())
    except (ValueError, BadBase64) as error:
        raise ImproperlyConfigured(
            "VAPID_PRIVATE_KEY must be 32 bytes in URL-safe base64; manage.py doctor says how to make one."
        ) from error
    return _text(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def push(*, embedded: bool, base_url: str, sender: str) -> Push:
    """What the environment says. The embedded default draws its own key; others name one, or push nothing."""
    named = env("VAPID_PRIVATE_KEY", "")
    private = secret("VAPID_PRIVATE_KEY", make=True, draw=draw_key) if embedded else named
    ours = base_url if base_url.startswith("https://") else f"mailto:{parseaddr(sender)[1]}"
    subject = env("VAPID_SUBJECT", "") or ours
    if not subject.startswith(("mailto:", "https://")):
        raise ImproperlyConfigured(
            "VAPID_SUBJECT must be mailto:somebody@example.com or an https:// address."
        )
    return Push(private, public_of(private) if private else "", subject, env_list("PUSH_INSIDE"))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
