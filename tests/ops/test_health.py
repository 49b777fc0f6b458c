"""The two questions of a load balancer, asked of the real view with real servers."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from config.celery import HEARTBEAT_KEY, heartbeat


def test_a_live_process_says_so_without_touching_the_database(client: Client) -> None:
    answer = client.get("/health/live")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}


@pytest.mark.django_db
@pytest.mark.services
def test_ready_names_every_part(client: Client) -> None:
    heartbeat()
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok", "broker": "ok", "jobs": "ok", "books": "ok"}


@pytest.mark.django_db
def test_late_jobs_are_shown_and_do_not_take_the_pages_out_of_service(client: Client) -> None:
    cache.set(HEARTBEAT_KEY, timezone.now().timestamp() - 121, timeout=None)
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json()["jobs"] == "no"


@pytest.mark.django_db
def test_in_the_tests_nobody_waits_for_a_lock_for_ever() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout')"
        )
        assert cursor.fetchone() == ("90s", "3min")
