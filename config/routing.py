"""Which protocol goes where. Imported once the apps are loaded."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import path

from config.bounds import BoundedBody


def build(pages: Any) -> ProtocolTypeRouter:
    """HTTP to `pages` with a bounded body; the socket only from our origin, with the session's user."""
    sockets = []
    if find_spec("chat.socket"):
        sockets = [path("ws/", import_module("chat.socket").application)]
    return ProtocolTypeRouter(
        {
            "http": BoundedBody(pages),
            "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(sockets))),
        }
    )
