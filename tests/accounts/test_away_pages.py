"""Calendars, closures and absences through pages and API."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import services
from accounts.models import Absence, Calendar, Closure, User
from accounts.selectors import Offices
from lib import clock
from lib.errors import FieldErrors, NotAllowed
from tests.factories import AT, Cast

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS = dict.fromkeys(DAYS[:4], "9:00-14:00, 15:00-18:00") | {"fri": "8-15", "sat": "", "sun": ""}


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def form(**changes: Any) -> dict[str, Any]:
    return (
        {"name": "Logistics", "side": "ours", "country": "ES", "subdivision": "CN"}
        | HOURS
        | {
            "time_zone": "Atlantic/Canary",
            "keeps_holidays": "on",
        }
        | changes
    )


def test_a_calendar_of_a_department_is_made_changed_and_removed(cast: Cast) -> None:
    alice = as_(cast.alice)
    made = alice.post("/calendars/new/", form(department=cast.logistics.pk, entity=cast.entity.pk))
    row = Calendar.objects.get(department=cast.logistics)
    assert made["Location"] == f"/calendars/{row.pk}/"
    assert row.week[0] == [[540, 840], [900, 1080]]
    assert row.week[4] == [[480, 900]]
    assert Offices(cast.entity).ours(cast.eva.pk).time_zone == "Atlantic/Canary"
    assert Offices(cast.entity).ours(cast.carl.pk).time_zone == "Europe/Madrid"
    page = alice.get(f"/calendars/{row.pk}/").content.decode()
    assert "09:00-14:00, 15:00-18:00" in page
    alice.post(f"/calendars/{row.pk}/", form(fri=""))
    row.refresh_from_db()
    assert row.week[4] == []
    alice.post(f"/calendars/{row.pk}/drop/")
    assert not Calendar.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"mon": "morning"}, "Write hours like"),
        ({"mon": "14:00-9:00"}, "must end after it starts"),
        ({"mon": "9-26"}, "must end after it starts"),
        (dict.fromkeys(DAYS, ""), "at least one day"),
        ({"time_zone": "Europe/Atlantis"}, "no time zone"),
        ({"subdivision": "ZZ"}, "no such region"),
        ({"country": "E1"}, "country"),
    ],
)
def test_a_wrong_calendar_is_not_saved_and_says_why(cast: Cast, changes: dict[str, str], words: str) -> None:
    answer = as_(cast.alice).post("/calendars/new/", form(department=cast.logistics.pk, **changes))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Calendar.objects.filter(entity=cast.entity).count() == 1


def test_a_closure_closes_and_its_removal_opens(cast: Cast) -> None:
    row, alice = cast.entity.calendars.get(), as_(cast.alice)
    day = clock.now().date() + timedelta(days=3)
    data = {
        "name": "Inventory",
        "starts_on": day.isoformat(),
        "ends_on": day.isoformat(),
        "from_time": "13:00",
    }
    assert alice.post(f"/calendars/{row.pk}/closures/", data).status_code == 302
    page = alice.get(f"/calendars/{row.pk}/").content.decode()
    assert "Inventory" in page
    alice.post(f"/calendars/{row.pk}/closures/", data)
    closure = Closure.objects.get()
    assert closure.from_time
    assert closure.from_time.hour == 13
    wrong = alice.post(f"/calendars/{row.pk}/closures/", data | {"ends_on": "2020-01-01"})
    assert wrong.status_code == 422
    alice.post(f"/closures/{closure.pk}/drop/")
    assert not Closure.objects.exists()


def test_only_who_may_changes_calendars_and_strangers_find_none(cast: Cast) -> None:
    row = cast.entity.calendars.get()
    for who in (cast.carl, cast.sam, cast.fin):
        assert as_(who).get("/calendars/").status_code == 403
        assert as_(who).post(f"/calendars/{row.pk}/", form(name="Mine")).status_code == 404
        with pytest.raises(NotAllowed):
            services.set_lead(department=cast.logistics, lead=None, by=who, at=AT)
    assert as_(cast.mallory).get(f"/calendars/{row.pk}/").status_code == 404
    assert as_(cast.mallory).post(f"/calendars/{row.pk}/closures/", {}).status_code == 404
    row.refresh_from_db()
    assert row.name == cast.entity.name
    assert as_(cast.alice).get("/calendars/").status_code == 200


def test_the_entitys_own_calendar_stays_and_the_lead_is_of_the_house(cast: Cast) -> None:
    alice, row = as_(cast.alice), cast.entity.calendars.get()
    alice.post(f"/calendars/{row.pk}/drop/")
    assert Calendar.objects.filter(pk=row.pk).exists()
    alice.post("/departments/lead/", {"department": cast.logistics.pk, "lead": cast.eva.pk})
    cast.logistics.refresh_from_db()
    assert cast.logistics.lead == cast.eva
    alice.post("/departments/lead/", {"department": cast.logistics.pk, "lead": cast.mallory.pk})
    with pytest.raises(FieldErrors):
        services.set_lead(department=cast.logistics, lead=cast.fin, by=cast.alice, at=AT)
    cast.logistics.refresh_from_db()
    assert cast.logistics.lead == cast.eva


@pytest.mark.parametrize(
    "week",
    [[[]] * 7, [[[540, 1080]]] * 6, [[[600, 540]]] * 7, [[[0, 1500]]] * 7, [[[0, 60], [30, 90]]] * 7, "x"],
)
def test_the_database_refuses_hours_that_are_none(cast: Cast, week: Any) -> None:
    with pytest.raises(IntegrityError, match="calendar_week_is_sound"), transaction.atomic():
        Calendar.objects.filter(entity=cast.entity).update(week=week)


def test_the_database_refuses_somebody_elses_department_and_a_second_default(cast: Cast) -> None:
    base = {"country": "FR", "time_zone": "Europe/Paris", "name": "x"}
    with pytest.raises(IntegrityError, match="calendar_is_at_home"), transaction.atomic():
        Calendar.objects.create(entity=cast.other, department=cast.logistics, **base)
    with pytest.raises(IntegrityError, match="calendar_is_at_home"), transaction.atomic():
        Calendar.objects.create(entity=cast.other, user=cast.sam, **base)
    with pytest.raises(IntegrityError, match="calendar_one_per_entity"), transaction.atomic():
        Calendar.objects.create(entity=cast.other, **base)


def test_the_customers_of_a_country_have_their_hours(cast: Cast) -> None:
    assert Offices(cast.entity).customer("FR").time_zone == "Europe/Paris"
    assert Offices(cast.entity).customer("PT").time_zone == "Europe/Lisbon"
    assert Offices(cast.entity).customer("") == Offices(cast.entity).default
    as_(cast.alice).post(
        "/calendars/new/", form(name="France", side="customer", country="fr", subdivision="", mon="")
    )
    assert Offices(cast.entity).customer("FR").week[0] == ()


def test_absences_of_oneself_and_by_the_credit_team(cast: Cast) -> None:
    today = clock.now().date()
    data = {
        "starts_on": today,
        "ends_on": today + timedelta(days=4),
        "deputy": cast.sofia.pk,
        "user": cast.sam.pk,
    }
    sam = as_(cast.sam)
    assert sam.get("/me/absences/").status_code == 200
    assert sam.post("/me/absences/", data).status_code == 302
    absence = Absence.objects.get()
    assert (absence.user, absence.deputy) == (cast.sam, cast.sofia)
    assert sam.post("/me/absences/", data).status_code == 422
    assert sam.post("/me/absences/", data | {"user": cast.sofia.pk}).status_code == 422
    other = data | {"user": cast.sofia.pk, "deputy": cast.carl.pk}
    assert as_(cast.carl).post("/me/absences/", other).status_code == 302
    assert "Sofia" in as_(cast.carl).get("/me/absences/").content.decode()
    assert as_(cast.mallory).post(f"/me/absences/{absence.pk}/end/").status_code == 404
    assert as_(cast.eva).post(f"/me/absences/{absence.pk}/end/").status_code == 404
    sam.post(f"/me/absences/{absence.pk}/end/")
    assert not Absence.objects.filter(user=cast.sam).exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_on": date(2026, 3, 1)}, "ends_on"),
        ({"ends_on": date(2028, 3, 1)}, "ends_on"),
        ({"deputy": "sam"}, "deputy"),
        ({"deputy": "mallory"}, "deputy"),
    ],
)
def test_a_wrong_absence_names_its_field(cast: Cast, changes: dict[str, Any], field: str) -> None:
    given: dict[str, Any] = {"starts_on": date(2026, 3, 16), "ends_on": date(2026, 3, 20)} | changes
    if "deputy" in given:
        given["deputy"] = getattr(cast, given["deputy"])
    with pytest.raises(FieldErrors) as wrong:
        services.report_absence(user=cast.sam, by=cast.sam, at=AT, **given)
    assert set(wrong.value.fields) == {field}
    with pytest.raises(NotAllowed):
        services.report_absence(
            user=cast.sam, by=cast.eva, at=AT, starts_on=date(2026, 3, 16), ends_on=date(2026, 3, 20)
        )
    assert not Absence.objects.exists()


def test_coming_back_early_ends_the_absence_the_day_before(cast: Cast) -> None:
    absence = services.report_absence(
        user=cast.sam, by=cast.sam, at=AT, starts_on=date(2026, 3, 16), ends_on=date(2026, 3, 20)
    )
    services.end_absence(absence=absence, on=date(2026, 3, 18), by=cast.sam, at=AT)
    absence.refresh_from_db()
    assert absence.ends_on == date(2026, 3, 17)


def test_the_api_of_calendars_and_absences(cast: Cast) -> None:
    alice, sam = as_(cast.alice), as_(cast.sam)
    body = {
        "entity": cast.entity.pk,
        "name": "Eva",
        "country": "ES",
        "time_zone": "Europe/Madrid",
        "week": ["9:00-13:00"] * 5 + ["", ""],
        "user": cast.eva.pk,
    }
    kind = {"content_type": "application/json"}
    assert sam.post("/api/v1/calendars/", body, **kind).status_code == 403
    made = alice.post("/api/v1/calendars/", body, **kind)
    assert made.status_code == 201
    url = f"/api/v1/calendars/{made.json()['id']}/"
    assert made.json()["week"][0] == "09:00-13:00"
    bad = alice.put(url, body | {"week": ["never"] * 7}, **kind)
    assert (bad.status_code, list(bad.json()["fields"])) == (422, ["week"])
    assert alice.put(url, body | {"name": "Eva mornings"}, **kind).json()["name"] == "Eva mornings"
    day = (clock.now().date() + timedelta(days=1)).isoformat()
    closed = alice.post(f"{url}closures/", {"name": "Trip", "starts_on": day, "ends_on": day}, **kind)
    assert closed.json()["closures"][0]["name"] == "Trip"
    assert alice.get(f"{url}preview/").json()[1]["hours"] == ""
    assert sam.delete(f"{url}closures/{closed.json()['closures'][0]['id']}/").status_code == 403
    assert alice.delete(f"{url}closures/{closed.json()['closures'][0]['id']}/").json()["closures"] == []
    assert as_(cast.mallory).get(url).status_code == 404
    assert sam.delete(url).status_code == 403
    assert alice.delete(url).status_code == 204
    away = sam.post("/api/v1/absences/", {"starts_on": day, "ends_on": day, "deputy": cast.sofia.pk}, **kind)
    assert away.status_code == 201
    one = f"/api/v1/absences/{away.json()['id']}/"
    assert sam.patch(one, {"deputy": cast.carl.pk}, **kind).json()["deputy"] == cast.carl.pk
    assert sam.patch(one, {"deputy": cast.sam.pk}, **kind).status_code == 422
    assert as_(cast.eva).delete(one).status_code == 404
    assert sam.delete(one).status_code == 204
    assert not Absence.objects.exists()


@pytest.mark.parametrize("url", ["/calendars/", "/me/absences/", "/api/v1/calendars/", "/api/v1/absences/"])
def test_a_longer_list_takes_no_more_queries(cast: Cast, url: str) -> None:
    alice = as_(cast.alice)
    alice.get(url)

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert alice.get(url).status_code == 200
        return len(caught)

    def more(people: list[User], on: date) -> None:
        for person in people:
            wanted = services.CalendarInput(person.name, "ES", "Europe/Madrid", user=person)
            row = services.save_calendar(entity=cast.entity, wanted=wanted, by=cast.alice, at=AT)
            services.add_closure(calendar=row, starts_on=on, ends_on=on, name="Trip", by=cast.alice, at=AT)
            services.report_absence(
                user=person, starts_on=on, ends_on=on, deputy=cast.bill, by=cast.alice, at=AT
            )

    on = clock.now().date() + timedelta(days=1)
    more([cast.sam], on)
    few = queries()
    more([cast.sofia, cast.eva, cast.carl], on)
    assert queries() == few
