"""What the pages of routes share: finding a route, its picture, its problems with links to where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts import policy
from accounts.models import Department, LegalEntity, User
from disputes import services
from disputes.drawing import Names
from disputes.drawing.told import label_of
from disputes.editing import KINDS, parts_of
from disputes.models import Route, RouteVersion
from disputes.views.common import person

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A problem of a route as the editor shows it: the sentence, and the page where it can be mended."""

    words: str
    place: str
    stage: str = ""
    url: str = ""


def find_route(request: HttpRequest, pk: int) -> Route:
    """The route, or 404 when the person works on no disputes of its entity."""
    rows = Route.objects.filter(policy_rows(request)).select_related("entity")
    return get_object_or_404(rows, pk=pk)


def policy_rows(request: HttpRequest) -> Any:
    """The routes a person may look at: everybody who sees all disputes of the entity."""
    return policy.rows(person(request), "dispute.read")


def must_edit(request: HttpRequest, route: Route) -> None:
    """403 for who may look at the route but not change it."""
    if not policy.may(person(request), "route.edit", route.entity_id):
        raise PermissionDenied


def version_of(route: Route, number: int) -> RouteVersion:
    """One edition, or 404."""
    rows = route.versions.select_related("route", "made_by", "activated_by")
    version: RouteVersion = get_object_or_404(rows, number=number)
    return version


def names_of(entity: LegalEntity, data: Data) -> Names:
    """What the departments and people of a route are called."""
    parts = [part for stage in data["stages"] for part in (stage, *parts_of(stage, "branches"))]
    emails = {part["person"] for part in parts if part.get("person")}
    people = User.objects.filter(email__in=emails).values_list("email", "name") if emails else []
    departments = Department.objects.filter(entity=entity).values_list("code", "name")
    return Names(departments=dict(departments), people=dict(people))


def stage_links(route: Route, data: Data) -> dict[str, str]:
    """From a stage's code to its form."""
    return {
        stage["code"]: reverse("disputes:route_stage", args=[route.pk, stage["code"]])
        for stage in data["stages"]
    }


def troubles_of(route: Route, data: Data) -> list[Trouble]:
    """What is wrong with the draft, each with a link to its form."""
    return [_trouble(route, data, one) for one in services.check_route(data, entity=route.entity)]


def _trouble(route: Route, data: Data, problem: services.Problem) -> Trouble:
    path = problem.place.split(".")
    if len(path) < 2 or path[0] != "stages" or not path[1].isdigit() or int(path[1]) >= len(data["stages"]):
        return Trouble(problem.words, problem.place)
    stage = data["stages"][int(path[1])]
    url = reverse("disputes:route_stage", args=[route.pk, stage["code"]])
    kind, place = _part_in(path[2:])
    if kind in KINDS and place is not None and place < len(parts_of(stage, kind)):
        url = reverse("disputes:route_part", args=[route.pk, stage["code"], kind, place])
    return Trouble(problem.words, problem.place, label_of(stage), url)


def _part_in(path: list[str]) -> tuple[str, int | None]:
    """The kind and place of the part a problem's place speaks of."""
    if path[:1] == ["parallel"]:
        path = path[1:]
    if path[:1] == ["question"]:
        return "questions", 0
    if len(path) >= 2 and path[1].isdigit():
        return path[0], int(path[1])
    return "", None
