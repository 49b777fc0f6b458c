"""The ASGI application: pages and API by Django, `/ws/` by the chat room's socket."""

import os

import django
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.urls import path

from config.bounds import BoundedBody
from config.connections import WEB_POOL

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Every request of ASGI runs in a thread of its own, and a thread's own connection would end with it.
os.environ.setdefault("DB_POOL", WEB_POOL)
django.setup()

from chat import socket  # noqa: E402  (its models need the apps to be loaded)

sockets = [path("ws/", socket.application)]  # type: ignore[arg-type]
# HTTP with a bounded body; the socket only from our own pages and with the session's user.
application = ProtocolTypeRouter(
    {
        "http": BoundedBody(get_asgi_application()),
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(sockets))),
    }
)
