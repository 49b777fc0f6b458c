"""Routes as YAML: out and in again the same; what is not a route is refused with its place."""

from pathlib import Path

import pytest
import yaml

from disputes import services
from disputes.errors import RouteProblems
from disputes.models import RouteVersion
from tests.disputes.test_routes import rich_route
from tests.factories import AT, Cast

FOLDER = Path(services.catalogue.__file__).resolve().parent.parent / "catalogue"


def test_a_route_goes_out_and_comes_back_the_same(catalogue: Cast) -> None:
    version = services.write_version(entity=catalogue.entity, data=rich_route(), by=catalogue.alice, at=AT)
    text = services.to_yaml(services.read_route(version))
    assert services.from_yaml(text) == rich_route()
    assert services.from_yaml(text.encode()) == rich_route()
    for current in RouteVersion.objects.filter(route__entity=catalogue.entity, current=True):
        data = services.read_route(current)
        assert services.from_yaml(services.to_yaml(data)) == data
        assert "&" not in services.to_yaml(data)


def test_a_file_of_the_catalogue_is_a_route() -> None:
    data = services.from_yaml((FOLDER / "delivery.yaml").read_bytes())
    assert data["code"] == "delivery"
    assert services.check_route(data) == []


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        ("a: [1", "line 1", "not_yaml"),
        ("code: x\n\tlabels: y", "line 2", "not_yaml"),
        (b"\xff\xfe\x00", "", "not_utf8"),
        ("a: &x [1]\nb: *x", "line 2", "alias"),
        ("[" * 50, "line 1", "too_deep"),
        ("x" * 300_001, "", "too_long"),
        ("!!python/object/apply:os.system ['true']", "line 1", "not_yaml"),
        ("just words", "", "part"),
        ("", "", "part"),
        ("code: x\nlabels: {en: X}\nstages:\n  - code: a\n", "stages.0.labels", "missing"),
        ("1: 2", "1", "unknown"),
        ("when: 2026-13-45", "line 1", "not_yaml"),
    ],
)
def test_what_is_no_route_is_refused_with_its_place(text: str | bytes, place: str, code: str) -> None:
    with pytest.raises(RouteProblems) as refused:
        services.from_yaml(text)
    assert (place, code) in [(one.place, one.code) for one in refused.value.problems]


def test_the_file_is_readable(catalogue: Cast) -> None:
    text = services.to_yaml(rich_route())
    assert list(yaml.safe_load(text)) == ["code", "labels", "stages"]
    accented = rich_route() | {"labels": {"es": "Clasificación"}}
    assert "Clasificación" in services.to_yaml(accented)
