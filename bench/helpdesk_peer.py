"""The ticket list of django-helpdesk, for `bench/inbox.py --helpdesk PYTHON`. Run by a Python that has it installed.

    PYTHON bench/helpdesk_peer.py '{"HOST": "...", "NAME": "an empty database", "USER": "..."}' [TICKETS]

The list is what its page asks for: the page and its first 25 rows. Prints JSON: the CPU of the process and the whole
time in milliseconds (medians), and the number of queries.
"""

import json
import logging
import statistics
import sys
import time
import types
from typing import Any

import django
from django.conf import settings
from django.urls import include, path

RUNS = 15
APPS = ("admin", "auth", "contenttypes", "humanize", "messages", "sessions", "sites", "staticfiles")
PROCESSORS = (
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
)


def configure(database: dict[str, str]) -> None:
    """A project with nothing but the peer and what it needs."""
    settings.configure(
        DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", **database}},
        INSTALLED_APPS=[*(f"django.contrib.{app}" for app in APPS), "rest_framework", "helpdesk"],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": PROCESSORS},
            }
        ],
        SECRET_KEY="bench",
        ALLOWED_HOSTS=["*"],
        SITE_ID=1,
        USE_TZ=True,
        STATIC_URL="/static/",
        ROOT_URLCONF="peer_urls",
        HELPDESK_TEAMS_MODE_ENABLED=False,
    )
    django.setup()
    logging.disable(logging.CRITICAL)
    urls: Any = types.ModuleType("peer_urls")
    urls.urlpatterns = [path("", include("helpdesk.urls", namespace="helpdesk"))]
    sys.modules["peer_urls"] = urls


configure(json.loads(sys.argv[1]))

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from helpdesk.models import Queue, Ticket
from helpdesk.query import query_to_base64


def load(tickets: int) -> Any:
    """As many tickets, a quarter of them open; who looks at them."""
    call_command("migrate", verbosity=0)
    boss = get_user_model().objects.create_superuser("boss", "boss@bench.example", "boss")
    queue, now = Queue.objects.create(title="Claims", slug="claims"), timezone.now()
    rows = (
        Ticket(
            queue=queue,
            title=f"Pallet {n} arrived broken",
            description=f"Claim {n}",
            submitter_email="clerk@bench.example",
            assigned_to=boss,
            status=4 if n % 4 else 1,
            priority=1 + n % 5,
            created=now,
            modified=now,
        )
        for n in range(tickets)
    )
    Ticket.objects.bulk_create(rows, batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return boss


def measure(boss: Any) -> dict[str, float]:
    """The list, some times."""
    client = Client()
    client.force_login(boss)
    wanted = {
        "filtering": {"status__in": [1, 2]},
        "sorting": "created",
        "sortreverse": False,
        "search_string": "",
    }
    table = f"/datatables_ticket_list/{query_to_base64(wanted)}"
    asked = {
        "draw": 1,
        "start": 0,
        "length": 25,
        "order[0][column]": 0,
        "order[0][dir]": "asc",
        "search[value]": "",
    }

    def work() -> None:
        page, rows = client.get("/tickets/"), client.get(table, asked)
        assert (page.status_code, rows.status_code, len(rows.json()["data"])) == (200, 200, 25)

    work()
    queries: list[str] = []
    with connection.execute_wrapper(lambda execute, *rest: queries.append("") or execute(*rest)):
        work()
    cpu, wall = [], []
    for _ in range(RUNS):
        began, clock = time.process_time(), time.perf_counter()
        work()
        cpu.append((time.process_time() - began) * 1000)
        wall.append((time.perf_counter() - clock) * 1000)
    return {"cpu": statistics.median(cpu), "wall": statistics.median(wall), "queries": len(queries)}


if __name__ == "__main__":
    print(json.dumps(measure(load(int(sys.argv[2]) if len(sys.argv) > 2 else 50_000))))
