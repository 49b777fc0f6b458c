"""The pages of routes: a draft edited form by form, activated, refused to whom it is not for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from disputes import editing, services
from disputes.models import Route
from disputes.services.route_editing import draft_of, start_draft
from mailroom.catalogue import kinds
from tests.disputes.conftest import open_one
from tests.factories import Cast


@pytest.fixture
def route(catalogue: Cast) -> Route:
    return Route.objects.get(entity=catalogue.entity, code="price")


@pytest.fixture
def draft(route: Route, catalogue: Cast, at: datetime) -> Route:
    start_draft(route=route, by=catalogue.alice, at=at)
    return route


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def data_of(route: Route) -> dict[str, Any]:
    version = draft_of(route)
    assert version is not None
    return services.read_route(version)


def seen(route: Route) -> str:
    return editing.digest(data_of(route))


def stage_form(route: Route, **more: Any) -> dict[str, Any]:
    form = {
        "seen": seen(route),
        "label_en": "Ask the seller",
        "status": "in_progress",
        "holder": "salesperson",
        "deadline": 2,
        "deadline_unit": "days",
    }
    return form | more


def test_a_stage_is_changed_in_the_draft_and_nowhere_else(draft: Route, catalogue: Cast) -> None:
    client = signed_in(catalogue.alice)
    url = reverse("disputes:route_stage", args=[draft.pk, "ask_sales"])
    page = client.get(url)
    assert "Drawing of the route" in page.content.decode()
    answer = client.post(url, stage_form(draft))
    assert answer.status_code == 302
    stage = editing.stage_at(data_of(draft), "ask_sales")
    assert (stage["labels"], stage["deadline_minutes"]) == ({"en": "Ask the seller"}, 1080)
    current = services.read_route(draft.versions.get(current=True))
    assert editing.stage_at(current, "ask_sales")["deadline_minutes"] == 240


def test_a_form_that_is_saved_unchanged_changes_nothing(draft: Route, catalogue: Cast) -> None:
    before = data_of(draft)
    client = signed_in(catalogue.alice)
    stages = before["stages"][:3]
    urls = [reverse("disputes:route_stage", args=[draft.pk, stage["code"]]) for stage in stages]
    for stage in stages:
        for kind in ("moves", "questions"):
            for place in range(len(editing.parts_of(stage, kind))):
                urls.append(reverse("disputes:route_part", args=[draft.pk, stage["code"], kind, place]))
    for url in urls:
        form = client.get(url).context["form"]
        filled = {bound.html_name: bound.value() for bound in form if bound.value() not in (None, "", False)}
        assert client.post(url, filled | {"seen": seen(draft)}).status_code == 302, url
    assert data_of(draft) == before


def part_forms() -> dict[str, dict[str, Any]]:
    """A filled form for each kind of part."""
    unit = {"deadline_unit": "hours"}
    choices = {"choice_0_en": "Today", "choice_1_en": "Later", "choice_1_move": "invoice_right"}
    asked = {"kind": "text", "asks": "holder", "deadline_unit": "hours", "label_en": "What is it?"}
    return {
        "moves": {
            "label_en": "To the bank",
            "leads": "end:solved",
            "verdict": "partly",
            "resolution": "paid",
            "roles": ["collector"],
        },
        "questions": {"label_en": "Which day?", "kind": "choice", "asks": "holder", **unit, **choices},
        "branches": {"label_en": "Look", "holder": "coordinator", "deadline": 3, **unit}
        | {f"question-{name}": value for name, value in asked.items()},
        "alerts": {"amount": 1, "unit": "hours", "when": "before", "to": "holder"},
        "sends": {"text": kinds()[0], "to": "customer"},
    }


def test_every_kind_of_part_is_added_and_taken_out(draft: Route, catalogue: Cast) -> None:
    client = signed_in(catalogue.alice)
    forms = part_forms()
    for kind, form in forms.items():
        before = len(editing.parts_of(editing.stage_at(data_of(draft), "ask_sales"), kind))
        url = reverse("disputes:route_part_new", args=[draft.pk, "ask_sales", kind])
        assert client.get(url).status_code == 200
        assert client.post(url, form | {"seen": seen(draft)}).status_code == 302, kind
        parts = editing.parts_of(editing.stage_at(data_of(draft), "ask_sales"), kind)
        assert len(parts) == before + 1
        assert (
            client.get(reverse("disputes:route_part", args=[draft.pk, "ask_sales", kind, before])).status_code
            == 200
        )
        act = reverse("disputes:route_part_act", args=[draft.pk, "ask_sales", kind, before])
        client.post(act, {"seen": seen(draft), "act": "drop"})
        assert len(editing.parts_of(editing.stage_at(data_of(draft), "ask_sales"), kind)) == before, kind


def test_what_is_wrong_is_said_with_a_link_to_where(draft: Route, catalogue: Cast) -> None:
    client = signed_in(catalogue.alice)
    client.post(
        reverse("disputes:route_stage_new", args=[draft.pk]),
        stage_form(draft, label_en="Lonely place", holder="coordinator"),
    )
    page = client.get(reverse("disputes:route_draft", args=[draft.pk]))
    troubles = page.context["troubles"]
    there = reverse("disputes:route_stage", args=[draft.pk, "lonely_place"])
    assert {one.url for one in troubles} == {there}
    assert any("No way leads to “Lonely place”" in one.words for one in troubles)
    refused = client.post(
        reverse("disputes:route_activate", args=[draft.pk, draft_of(draft).number]), {"seen": seen(draft)}
    )
    assert refused.status_code == 302
    assert draft.versions.get(current=True).number != draft_of(draft).number


def test_a_stale_form_comes_back_with_what_was_typed(draft: Route, catalogue: Cast) -> None:
    url = reverse("disputes:route_stage", args=[draft.pk, "ask_sales"])
    stale = stage_form(draft)
    signed_in(catalogue.adam).post(url, stage_form(draft, label_en="Adam's words"))
    answer = signed_in(catalogue.alice).post(url, stale)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Adam changed this draft" in page
    assert 'value="Ask the seller"' in page
    pending = [(one.what, one.before, one.after) for one in answer.context["pending"]]
    assert pending == [("Words", "Adam's words", "Ask the seller")]
    assert editing.stage_at(data_of(draft), "ask_sales")["labels"] == {"en": "Adam's words"}
    again = signed_in(catalogue.alice).post(url, stage_form(draft))
    assert again.status_code == 302


def test_an_edition_is_activated_while_running_disputes_keep_theirs(draft: Route, catalogue: Cast) -> None:
    running = open_one(catalogue)
    client = signed_in(catalogue.alice)
    client.post(reverse("disputes:route_stage", args=[draft.pk, "ask_sales"]), stage_form(draft))
    version = draft_of(draft)
    url = reverse("disputes:route_activate", args=[draft.pk, version.number])
    page = client.get(url).content.decode()
    assert "Ask the seller" in page
    assert "1 dispute under way keeps the edition" in page
    client.post(url, {"seen": seen(draft)})
    version.refresh_from_db()
    assert (version.current, version.activated_by) == (True, catalogue.alice)
    running.refresh_from_db()
    assert running.route_version.number == version.number - 1
    assert "Alice" in client.get(reverse("disputes:route", args=[draft.pk])).content.decode()


def test_a_route_goes_out_as_yaml_and_comes_in_again(route: Route, catalogue: Cast) -> None:
    client = signed_in(catalogue.alice)
    file = client.get(reverse("disputes:route_yaml", args=[route.pk, 1]))
    assert "attachment" in file["Content-Disposition"]
    assert yaml.safe_load(file.content)["code"] == "price"
    upload = SimpleUploadedFile("r.yaml", file.content)
    url = reverse("disputes:route_new")
    taken = client.post(url, {"file": upload})
    assert taken.status_code == 422
    assert "code already" in taken.content.decode()
    upload.seek(0)
    assert client.post(url, {"file": upload, "code": "price_2"}).status_code == 302
    copy = Route.objects.get(entity=catalogue.entity, code="price_2")
    before = services.read_route(route.versions.get(current=True))
    assert data_of(copy)["stages"] == before["stages"]


@pytest.mark.parametrize("text", [b"\xff\xfe", b"a: [", b"just words", b"code: x\nstages: 3", b"- 1"])
def test_a_file_that_is_no_route_is_refused_in_words(catalogue: Cast, text: bytes) -> None:
    client = signed_in(catalogue.alice)
    before = Route.objects.count()
    answer = client.post(reverse("disputes:route_new"), {"file": SimpleUploadedFile("r.yaml", text)})
    assert answer.status_code == 422
    assert "error" in answer.content.decode()
    assert Route.objects.count() == before


def test_a_route_is_copied(route: Route, catalogue: Cast) -> None:
    client = signed_in(catalogue.alice)
    client.post(reverse("disputes:route_new"), {"label_en": "Price, large", "copy_of": route.pk})
    copy = Route.objects.get(entity=catalogue.entity, code="price_large")
    assert len(data_of(copy)["stages"]) == 5
    assert copy.label == "Price, large"


PAGES = [
    ("route_draft", []),
    ("route_stage", ["ask_sales"]),
    ("route_stage_new", []),
    ("route_part", ["ask_sales", "moves", 0]),
    ("route_part_new", ["ask_sales", "alerts"]),
    ("route_activate", [2]),
    ("route_simulate", []),
]
POSTS = [
    ("route_start", []),
    ("route_drop", []),
    ("route_stage_act", ["ask_sales"]),
    ("route_part_act", ["ask_sales", "moves", 0]),
    ("route_stage", ["ask_sales"]),
    ("route_activate", [2]),
]


@pytest.mark.parametrize(("name", "status"), [("mallory", 404), ("carl", 403), ("fin", 403), ("sam", 404)])
def test_who_may_not_edit_changes_nothing(draft: Route, catalogue: Cast, name: str, status: int) -> None:
    client = signed_in(getattr(catalogue, name))
    before = data_of(draft)
    for page, more in PAGES:
        assert client.get(reverse(f"disputes:{page}", args=[draft.pk, *more])).status_code == status, page
    for page, more in POSTS:
        form = stage_form(draft, act="drop")
        answer = client.post(reverse(f"disputes:{page}", args=[draft.pk, *more]), form)
        assert answer.status_code == status, page
    assert data_of(draft) == before
    assert draft.versions.count() == 2
    readable = 404 if status == 404 else 200
    for page, more in (("route", []), ("route_version", [1]), ("route_yaml", [1])):
        assert client.get(reverse(f"disputes:{page}", args=[draft.pk, *more])).status_code == readable
    for page in ("routes", "reasons", "settings", "route_new"):
        assert client.get(reverse(f"disputes:{page}")).status_code == (200 if name == "mallory" else 403)


def test_lists_take_the_same_queries_however_many_routes(
    catalogue: Cast, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(catalogue.alice)
    client.get(reverse("disputes:routes"))
    for page in ("routes", "reasons"):
        with django_assert_max_num_queries(14):
            client.get(reverse(f"disputes:{page}"))


def test_nothing_that_does_not_exist_is_found(draft: Route, catalogue: Cast) -> None:
    client = signed_in(catalogue.alice)
    for page, more in (
        ("route_stage", ["nothing"]),
        ("route_part", ["ask_sales", "moves", 99]),
        ("route_part", ["ask_sales", "nonsense", 0]),
        ("route_version", [99]),
    ):
        assert client.get(reverse(f"disputes:{page}", args=[draft.pk, *more])).status_code == 404, page


def test_the_draft_can_be_thrown_away(draft: Route, catalogue: Cast) -> None:
    client = signed_in(catalogue.alice)
    client.post(reverse("disputes:route_drop", args=[draft.pk]))
    assert draft_of(draft) is None
    assert client.get(reverse("disputes:route_draft", args=[draft.pk])).status_code == 404


def test_a_dispute_shows_the_way_it_took(catalogue: Cast, at: datetime) -> None:
    dispute = open_one(catalogue)
    services.make_move(dispute=dispute, move_code="ask_sales", by=catalogue.alice, at=at)
    url = reverse("disputes:dispute_route", args=[dispute.pk])
    picture = signed_in(catalogue.sam).get(url).context["picture"]
    marks = {box.code: (box.done, box.here) for box in picture.boxes}
    assert (marks["to_triage"], marks["ask_sales"]) == ((True, False), (False, True))
    assert [(wire.stage, wire.move) for wire in picture.wires if wire.taken] == [("to_triage", "ask_sales")]
    assert signed_in(catalogue.mallory).get(url).status_code == 404
