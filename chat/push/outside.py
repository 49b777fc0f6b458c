"""Talks to push services, whose addresses browsers name: so never to anything inside our own network.

The peer is looked at once the connection stands and before a byte is sent, so that a name that answers with another
address the second time gains nothing. Redirects are not followed. Hosts of one's own are named in PUSH_INSIDE.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.utils.translation import gettext as _
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool

from chat.push.models import ENDPOINT_LIMIT
from lib.errors import FieldErrors

HTTPS_PORT = 443


class NotPublic(OSError):
    """The address belongs to a network that is not the public internet."""


class Watched(HTTPSConnection):
    """A connection that ends when its peer is not public."""

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        if not is_public(str(sock.getpeername()[0])):
            sock.close()
            raise NotPublic("The push service has an address inside a private network.")
        return sock


class WatchedPool(HTTPSConnectionPool):
    """Connections that are watched."""

    ConnectionCls = Watched


class WatchedAdapter(HTTPAdapter):
    """The way out over https."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """The pools of this adapter hold watched connections."""
        super().init_poolmanager(*args, **kwargs)  # type: ignore[no-untyped-call]
        self.poolmanager.pool_classes_by_scheme = {"https": WatchedPool}


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet."""
    ip = ipaddress.ip_address(address.split("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return ip.is_global and not ip.is_multicast


def is_inside(endpoint: str) -> bool:
    """Whether the host is one of our own, named in the settings."""
    return urlsplit(endpoint).netloc in settings.PUSH_INSIDE


def check_endpoint(endpoint: str) -> None:
    """Raises FieldErrors for an address that no push service has. What its name leads to is seen when sending."""
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    if host and is_inside(endpoint) and parts.scheme in ("http", "https"):
        return
    named = "." in host and not host.endswith((".local", ".internal", ".localhost", "."))
    plain = parts.scheme == "https" and port in (None, HTTPS_PORT) and "@" not in parts.netloc
    if not (plain and named and _may_be_public(host) and len(endpoint) <= ENDPOINT_LIMIT):
        raise FieldErrors({"endpoint": _("This is not the address of a push service.")})


def _may_be_public(host: str) -> bool:
    try:
        return is_public(host)
    except ValueError:
        return True


def session(endpoint: str) -> requests.Session:
    """A session for this address and no other."""
    made = requests.Session()
    made.trust_env = False
    made.max_redirects = 0
    if not is_inside(endpoint):
        made.adapters.clear()
        made.mount("https://", WatchedAdapter())
    return made
