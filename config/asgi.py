"""The ASGI application: pages and API by Django, `/ws/` by the chat room's socket."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
pages = get_asgi_application()

from config.routing import build  # noqa: E402  (the apps must be loaded first)

application = build(pages)
