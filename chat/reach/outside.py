"""Messengers outside: which addresses are allowed, and sending to them.

People give the address, so it is a door to our network: only services from a list, nothing that runs a program or
writes a file, no redirects, and for services with a host of their own no host of a private network unless the
operator named it.
"""

from __future__ import annotations

import ipaddress
import logging
import socket
from typing import Any, cast

from apprise import Apprise, AppriseAsset, NotifyBase
from django.conf import settings
from django.utils.translation import gettext as _

from lib.errors import FieldErrors

# By the class that serves them, whatever scheme leads there.
HOSTED = {
    "NotifyDiscord",
    "NotifyGoogleChat",
    "NotifyMSTeams",
    "NotifySlack",
    "NotifyTelegram",
    "NotifyWebexTeams",
    "NotifyZulip",
}
OWN_HOST = {
    "NotifyGotify",
    "NotifyJSON",
    "NotifyMatrix",
    "NotifyMattermost",
    "NotifyNtfy",
    "NotifyRocketChat",
    "NotifyWorkflows",
}
# What the library logs may hold addresses, and addresses hold secrets.
logging.getLogger("apprise").setLevel(logging.CRITICAL)


def messenger(address: str) -> NotifyBase:
    """The service an address names; raises FieldErrors with a sentence for one that is not allowed."""
    asset = AppriseAsset(app_id="Zanjar", app_desc="Zanjar", plugin_paths=[], storage_path=None)
    found = Apprise.instantiate(address.strip(), asset=asset, suppress_exceptions=True)
    if found is None:
        raise FieldErrors({"bridge": _("This is not the address of a messenger.")})
    service = cast("Any", found)
    name = type(service).__name__
    if name not in HOSTED | OWN_HOST:
        raise FieldErrors({"bridge": _("This messenger is not allowed here.")})
    if name in OWN_HOST and not public(str(service.host)):
        raise FieldErrors({"bridge": _("This address lies in a private network.")})
    service.redirects = False
    if hasattr(service, "discovery"):
        service.discovery = False  # it would lead to a host of the answer's choice
    return cast("NotifyBase", service)


def public(host: str) -> bool:
    """Whether every address of the host is one of the public network, or the operator allows it."""
    if host.lower() in settings.BRIDGE_HOSTS:
        return True
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return False
    return bool(found) and all(ipaddress.ip_address(str(one).split("%")[0]).is_global for one in found)


def hint_of(address: str) -> str:
    """What may be shown of an address: the service, and nothing of its secrets."""
    service: Any = messenger(address)
    host = f" ({service.host})" if type(service).__name__ in OWN_HOST else ""
    return f"{service.service_name}{host}"[:60]


def post(address: str, *, title: str, text: str) -> bool:
    """Say something there; whether it was accepted. Raises FieldErrors for an address that is not allowed any more."""
    return bool(messenger(address).notify(body=text or title, title=title if text else ""))
