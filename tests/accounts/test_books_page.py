"""The check of the books through its doors: command, page, banner, API, the night."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from accounts import checking, services
from accounts.choices import Role
from accounts.models import BooksCheck, Event, User
from accounts.tasks import check_books, check_books_nightly
from ledger.models import Invoice
from lib import books
from tests.factories import AT, Cast, make_invoice, pay

NIGHT = datetime(2026, 3, 17, 2, 5, tzinfo=UTC)


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def broken(cast: Cast) -> Invoice:
    """An invoice of ACM whose stored total somebody changed around the application."""
    invoice = make_invoice(cast.norte, "100.00", number="F-7")
    pay(invoice, "40.00")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET session_replication_role = replica")
        cursor.execute("UPDATE ledger_invoice SET allocated = 41 WHERE id = %s", [invoice.pk])
        cursor.execute("SET session_replication_role = origin")
    return invoice


@contextmanager
def ended_with(code: int) -> Iterator[None]:
    with pytest.raises(SystemExit) as ended:
        yield
    assert ended.value.code == code


def checked(at: datetime = AT, by: User | None = None) -> BooksCheck:
    """A check, asked for and made."""
    made = checking.make_check(check_id=checking.ask_for_check(at=at, by=by).pk, at=at)
    assert made is not None
    return made


def test_the_command_says_that_the_books_are_right(cast: Cast) -> None:
    pay(make_invoice(cast.norte), "10.00")
    out = StringIO()
    call_command("check_books", stdout=out)
    assert f"{len(books.CHECKS)} checks" in out.getvalue()
    assert "the books are right" in out.getvalue()
    out = StringIO()
    call_command("check_books", "--json", stdout=out)
    said = json.loads(out.getvalue())
    assert (said["ok"], said["findings"], said["checks"]) == (True, [], sorted(books.CHECKS))


def test_the_command_lists_what_differs_and_ends_with_one(broken: Invoice) -> None:
    out = StringIO()
    with ended_with(1):
        call_command("check_books", stdout=out)
    assert f"invoice {broken.pk} (F-7): stored 41.00, recomputed 40.00" in out.getvalue()
    out = StringIO()
    with ended_with(1):
        call_command("check_books", "--json", stdout=out)
    said = json.loads(out.getvalue())
    assert (said["ok"], said["found"]) == (False, 1)
    found = said["findings"][0]
    assert {name: found[name] for name in ("code", "where", "stored", "recomputed")} == {
        "code": "invoice.allocated",
        "where": f"invoice {broken.pk} (F-7)",
        "stored": "41.00",
        "recomputed": "40.00",
    }


def test_the_page_of_the_administrator_shows_what_was_found_with_a_link(broken: Invoice, cast: Cast) -> None:
    checked(by=cast.adam)
    page = as_(cast.adam).get("/books/").content.decode()
    assert f'<a href="/invoices/{broken.pk}/">invoice F-7</a>' in page
    assert "1 figure is not what its rows add up to." in page
    assert "41.00" in page
    assert "40.00" in page


def test_every_page_warns_the_administrator_until_the_books_are_right(broken: Invoice, cast: Cast) -> None:
    words = "The books do not add up: 1 difference."
    assert words not in as_(cast.adam).get("/me/").content.decode()
    checked()
    assert words in as_(cast.adam).get("/me/").content.decode()
    assert words in as_(cast.adam).get("/invoices/").content.decode()
    for other in (cast.alice, cast.sam, cast.mallory):
        assert words not in as_(other).get("/me/").content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET session_replication_role = replica")
        cursor.execute("UPDATE ledger_invoice SET allocated = 40 WHERE id = %s", [broken.pk])
        cursor.execute("SET session_replication_role = origin")
    checked(AT + timedelta(hours=1))
    assert words not in as_(cast.adam).get("/me/").content.decode()


def test_an_administrator_of_another_entity_hears_nothing_of_it(broken: Invoice, cast: Cast) -> None:
    services.give_role(user=cast.mallory, entity=cast.other, role=Role.ADMIN, at=AT)
    check = checked()
    client = as_(User.objects.get(pk=cast.mallory.pk))
    page = client.get("/books/").content.decode()
    assert "F-7" not in page
    assert "The books are right." in page
    told = client.get(f"/api/v1/books/{check.pk}/").json()
    assert (told["ok"], told["found"], told["findings"]) == (True, 0, [])


@pytest.mark.parametrize("who", ["alice", "carl", "sam", "fin", "eva", "mallory"])
def test_nobody_else_finds_the_page_or_asks_for_a_check(cast: Cast, who: str) -> None:
    check = checked()
    client = as_(getattr(cast, who))
    for url in ("/books/", f"/books/{check.pk}/", "/books/state/", f"/api/v1/books/{check.pk}/"):
        assert client.get(url).status_code == 404
    assert client.post("/books/check/").status_code == 404
    assert client.post("/api/v1/books/").status_code == 403
    assert client.get("/api/v1/books/").json()["results"] == []
    assert BooksCheck.objects.count() == 1


def test_the_button_asks_a_worker_and_the_page_waits_for_it(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    client = as_(cast.adam)
    assert "have not been checked yet" in client.get("/books/").content.decode()
    assert client.post("/books/check/").status_code == 302
    assert client.post("/books/check/").status_code == 302
    asked = BooksCheck.objects.get()
    assert "A check was asked for at" in client.get("/books/").content.decode()
    assert "HX-Refresh" not in client.get("/books/state/").headers
    check_books(asked.pk)
    assert client.get("/books/state/").headers["HX-Refresh"] == "true"
    page = client.get("/books/").content.decode()
    assert "The books are right." in page
    assert "Adam" in page


def test_the_api_asks_for_a_check_and_shows_its_outcome(broken: Invoice, cast: Cast) -> None:
    client = as_(cast.adam)
    answer = client.post("/api/v1/books/")
    assert answer.status_code == 202
    assert answer.json()["ok"] is None
    check_books(answer.json()["id"])
    told = client.get(f"/api/v1/books/{answer.json()['id']}/").json()
    assert (told["ok"], told["found"], told["asked_by"]) == (False, 1, cast.adam.pk)
    assert told["findings"][0]["where"] == f"invoice {broken.pk} (F-7)"
    assert told["findings"][0]["message"].startswith("What is placed on a document")


def test_a_check_is_made_once_and_one_left_behind_is_taken_up(cast: Cast) -> None:
    asked = checking.ask_for_check(at=AT)
    assert checking.ask_for_check(at=AT) == asked
    BooksCheck.objects.filter(pk=asked.pk).update(started_at=AT)
    assert checking.make_check(check_id=asked.pk, at=AT + timedelta(minutes=5)) is None
    assert checking.waiting(at=AT + timedelta(minutes=5)) is None
    assert checking.waiting(at=AT + timedelta(hours=2)) == asked
    assert checking.make_check(check_id=asked.pk, at=AT + timedelta(hours=2)) is not None
    assert checking.make_check(check_id=asked.pk, at=AT + timedelta(hours=4)) is None
    checking.ask_for_check(at=AT)
    with pytest.raises(IntegrityError, match="books_one_check_at_a_time"), transaction.atomic():
        BooksCheck.objects.create(asked_at=AT)


def test_the_night_checks_once_and_a_missed_night_is_made_up_for(cast: Cast) -> None:
    assert checking.check_due(at=NIGHT), "never checked"
    checked(NIGHT)
    assert not checking.check_due(at=NIGHT + timedelta(minutes=10))
    assert not checking.check_due(at=NIGHT + timedelta(hours=21)), "23:05 is not the small hours"
    assert checking.check_due(at=NIGHT + timedelta(hours=23))
    assert checking.check_due(at=NIGHT + timedelta(hours=27)), "nobody worked in the small hours"


def test_the_nightly_job_keeps_the_outcome_and_raises_the_alarm(broken: Invoice, cast: Cast) -> None:
    check_books_nightly()
    check = BooksCheck.objects.get()
    assert (check.ok, check.found, check.counts) == (False, 1, {str(cast.entity.pk): 1})
    assert check.seconds is not None
    event = Event.objects.get(kind="books.differ")
    assert (event.entity, event.data) == (cast.entity, {"found": 1})
    check_books_nightly()
    assert BooksCheck.objects.count() == 1


def test_a_check_that_breaks_is_an_alarm_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable() -> Iterator[books.Difference]:
        raise OSError("the files folder is gone")
        yield

    check = books.Check("file.there", "The files are there.", unreachable)
    monkeypatch.setitem(books.CHECKS, "file.there", check)
    made = checked()
    assert (made.ok, made.error) == (False, "OSError: the files folder is gone")
    page = as_(cast.adam).get("/books/").content.decode()
    assert "The books could not be checked." in page
    assert "The books do not add up" in as_(cast.adam).get("/me/").content.decode()


def test_the_page_costs_the_same_however_many_checks_there_were(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = as_(cast.adam)
    checked()
    client.get("/books/")
    with CaptureQueriesContext(connection) as few:
        client.get("/books/")
    for hour in range(1, 6):
        checked(AT + timedelta(hours=hour))
    with django_assert_num_queries(len(few)):
        client.get("/books/")


def test_the_warning_costs_no_query_once_it_is_known_and_stands_while_the_cache_is_away(
    broken: Invoice, cast: Cast, settings: Any
) -> None:
    checked()
    with CaptureQueriesContext(connection) as none:
        cast.adam._scope = None  # type: ignore[attr-defined]
        checking.alarm_for(cast.adam)
    assert [q["sql"] for q in none if "bookscheck" in q["sql"]] == []
    cache.delete(checking.ALARM_KEY)
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    assert checking.alarm_for(cast.adam) == 1
