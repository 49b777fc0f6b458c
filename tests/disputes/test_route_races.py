"""Two people at one route at the same instant. Each was seen to fail without the route's lock."""

import pytest

from accounts.events import timeline
from disputes import services
from disputes.models import Route, RouteVersion
from tests.disputes.race import both
from tests.factories import AT, Cast

pytestmark = pytest.mark.django_db(transaction=True)


def price(cast: Cast) -> Route:
    return Route.objects.get(entity=cast.entity, code="price")


def test_activating_twice_at_once_is_one_activation(catalogue: Cast) -> None:
    """Without the lock both find the draft not in force, and the history tells two activations."""
    route = price(catalogue)
    data = services.read_route(route.versions.get(current=True))
    draft = services.write_version(route=route, data=data, by=catalogue.alice, at=AT)
    results = both(
        "disputes_route",
        route.pk,
        lambda: services.activate_version(version=draft, by=catalogue.alice, at=AT),
        lambda: services.activate_version(version=draft, by=catalogue.adam, at=AT),
    )
    assert [one.pk for one in results] == [draft.pk, draft.pk]
    kinds = [event.kind for event in timeline("route", route.pk)]
    assert kinds.count("route.activated") == 2  # The catalogue's, and this one.
    assert RouteVersion.objects.get(route=route, current=True) == draft


def test_two_drafts_written_at_once_are_one_draft(catalogue: Cast) -> None:
    """Without the lock both begin a draft with the same number, and the second breaks on it."""
    route = price(catalogue)
    data = services.read_route(route.versions.get(current=True))
    results = both(
        "disputes_route",
        route.pk,
        lambda: services.write_version(route=route, data=data, by=catalogue.alice, at=AT),
        lambda: services.write_version(route=route, data=data, by=catalogue.adam, at=AT),
    )
    assert results[0].pk == results[1].pk
    assert route.versions.count() == 2
    assert services.read_route(route.versions.get(activated_at=None)) == data
