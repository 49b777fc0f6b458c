import re

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from config import errors
from tests.factories import Cast


def test_a_missing_page_says_so_and_leads_back(client: Client, cast: Cast) -> None:
    client.force_login(cast.sam)
    answer = client.get("/no/such/page/")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert 'href="/"' in page
    assert page.count("<h1") == page.count("<main") == 1


def test_an_error_page_shows_the_number_under_which_the_log_knows_it(client: Client, db: None) -> None:
    answer = client.get("/no/such/page/")
    shown = re.search(r'<span class="mono">([0-9a-f]{8}-[0-9a-f-]{27})</span>', answer.content.decode())
    assert shown
    assert answer["X-Request-Id"] == shown[1]


def test_a_form_that_came_from_elsewhere_is_refused_with_a_way_on(cast: Cast) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.sam)
    answer = strict.post("/me/", {"name": "Robbed"})
    assert answer.status_code == 403
    assert 'href="/me/"' in answer.content.decode()
    cast.sam.refresh_from_db()
    assert cast.sam.name == "Sam"


def test_our_own_failure_is_told_without_the_database(rf: RequestFactory, db: None) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = errors.server_error(rf.get("/"))
    assert answer.status_code == 500
    assert len(queries) == 0
    assert "500" in answer.content.decode()


@pytest.mark.parametrize("number", ["400", "403", "404", "429", "500"])
def test_error_pages_stand_alone(number: str) -> None:
    page = render_to_string(f"{number}.html", {"title": "Something"})
    assert number in page
    assert "<script" not in page
    assert not re.search(r"<style|\sstyle=", page)


def test_too_many_sign_ins_get_a_page_and_not_a_riddle(client: Client, db: None, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    form = {"login": "x@y.example", "password": "whatever it takes"}
    answers = [client.post("/accounts/login/", form) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "<h1" in answers[-1].content.decode()
