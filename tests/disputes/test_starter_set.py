"""What a new company starts with beside its routes: alerts, letters that wait for a switch, questions at hand."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.events import timeline
from accounts.models import LegalEntity, User
from disputes import services
from disputes.choices import QuestionKind
from disputes.models import AskTemplate, Reason, Route, RouteVersion, Stage
from mailroom.models import Letter
from tests.disputes.conftest import open_one
from tests.factories import AT, Cast

LANGUAGES = {"es", "fr", "en"}


def as_(user: User) -> Client:
    """A browser of that person."""
    client = Client()
    client.force_login(user)
    return client


def test_every_stage_with_a_deadline_tells_before_at_and_after_it(catalogue: Cast) -> None:
    stages = Stage.objects.filter(version__route__entity=catalogue.entity).prefetch_related("alerts")
    assert stages.count() > 40
    for stage in stages:
        alerts = [(one.minutes, one.to) for one in stage.alerts.order_by("minutes")]
        if stage.deadline_minutes is None:
            assert alerts == [], stage
            continue
        assert -stage.deadline_minutes < alerts[0][0] < 0
        assert alerts[1:] == [(0, "holder"), (240, "lead"), (540, "credit_manager")]
        assert not stage.alerts.filter(hand_over=True).exists()


def test_every_reason_has_questions_in_three_languages_that_people_could_have_written(
    catalogue: Cast,
) -> None:
    for reason in Reason.objects.filter(entity=catalogue.entity):
        rows = list(AskTemplate.objects.filter(reason=reason))
        assert 1 <= len(rows) <= 3, reason
        for row in rows:
            words = [row.labels, *(one["labels"] for one in row.choices)]
            assert all(set(one) == LANGUAGES for one in words), row
            options = [one["labels"] for one in row.choices]
            assert len(options) == 0 if row.kind != QuestionKind.CHOICE else 2 <= len(options) <= 6
            wanted = services.TemplateInput(
                labels=row.labels, kind=row.kind, choices=options, code=row.code, target_field=row.target_field,
                deadline_minutes=row.deadline_minutes, asks=row.asks,
            )  # fmt: skip
            services.set_template(reason=reason, wanted=wanted, by=catalogue.alice, at=AT, row=row)


def test_customers_get_no_letter_until_a_person_lets_them_out_and_then_one(catalogue: Cast) -> None:
    open_one(catalogue)
    assert not Letter.objects.exists()
    route = Route.objects.get(entity=catalogue.entity, code="price")
    client = as_(catalogue.alice)
    page = client.get(reverse("disputes:route", args=[route.pk])).content.decode()
    assert "We have received your claim" in page
    assert "dispute.received" not in page
    client.post(reverse("disputes:route_letters", args=[route.pk]), {"on": "1"})
    dispute = open_one(catalogue)
    assert Letter.objects.get().kind == "dispute.received"
    for move, fields in (
        ("ask_sales", {}),
        ("back_to_triage", {"note": "Not sure."}),
        ("prepare_credit", {}),
    ):
        dispute = services.make_move(
            dispute=dispute, move_code=move, by=catalogue.alice, at=AT, fields=fields
        )
    kinds = list(Letter.objects.filter(about_id=dispute.pk).order_by("pk").values_list("kind", flat=True))
    assert kinds == ["dispute.received", "dispute.credit_announced"]
    client.post(reverse("disputes:route_letters", args=[route.pk]), {"on": "0"})
    open_one(catalogue)
    assert Letter.objects.count() == 2
    told = [one.data["on"] for one in timeline("route", route.pk) if one.kind == "route.letters_switched"]
    assert told == [True, False]


def test_a_reason_still_to_classify_writes_no_letters(catalogue: Cast) -> None:
    route = Route.objects.get(entity=catalogue.entity, code="to_classify")
    services.switch_letters(route=route, on=True, by=catalogue.alice, at=AT)
    open_one(catalogue, reason="to_classify")
    assert not Letter.objects.exists()


@pytest.mark.parametrize("door", ["page", "api"])
def test_only_who_edits_routes_lets_letters_out(catalogue: Cast, door: str) -> None:
    route = Route.objects.get(entity=catalogue.entity, code="price")
    url = reverse("disputes:route_letters", args=[route.pk])
    if door == "api":
        url = f"/api/v1/routes/{route.pk}/letters/"
    for who in (catalogue.carl, catalogue.sam, catalogue.mallory):
        assert as_(who).post(url, {"on": "1"}).status_code in (403, 404)
    route.refresh_from_db()
    assert not route.writes_to_customers
    assert as_(catalogue.alice).post(url, {"on": "1"}).status_code in (200, 302)
    route.refresh_from_db()
    assert route.writes_to_customers


def test_the_usual_questions_come_to_reasons_without_any_and_leave_the_others(cast: Cast) -> None:
    services.catalogue.install(cast.entity)
    price = Reason.objects.get(entity=cast.entity, code="price")
    AskTemplate.objects.exclude(reason=price).delete()
    AskTemplate.objects.filter(reason=price).exclude(code="right_price").delete()
    client = as_(cast.alice)
    assert "Add the usual questions" in client.get(reverse("disputes:ask_templates")).content.decode()
    client.post(reverse("disputes:ask_templates"))
    assert AskTemplate.objects.filter(reason=price).count() == 1
    assert AskTemplate.objects.filter(reason__code="delivery").count() == 3
    assert "Add the usual questions" not in client.get(reverse("disputes:ask_templates")).content.decode()
    count = AskTemplate.objects.count()
    client.post(reverse("disputes:ask_templates"))
    assert AskTemplate.objects.count() == count


def test_a_company_that_installs_again_keeps_its_editions(catalogue: Cast) -> None:
    entity = LegalEntity.objects.get(pk=catalogue.entity.pk)
    before = list(RouteVersion.objects.order_by("pk").values_list("pk", flat=True))
    assert services.catalogue.install(entity) == []
    assert list(RouteVersion.objects.order_by("pk").values_list("pk", flat=True)) == before
