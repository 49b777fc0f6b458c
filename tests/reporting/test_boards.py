"""Boards: which tiles in which order, whose they are, who sees them, and what the database refuses."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Event, Membership, User
from lib.errors import FieldErrors
from reporting.boards import services
from reporting.boards.choices import CARDS, FIRST_FOR, STANDARD_TILES, Standard, Tile
from reporting.boards.order import ordered, shifted
from reporting.boards.services import Draft
from reporting.dashboard import cards, tiles
from reporting.dashboard.definitions import DEFINITIONS
from reporting.models import Board, FirstBoard
from tests.reporting.company import LATE, Company
from tests.reporting.test_dashboard import read, signed_in

PAGE = "/dashboard/?as_of=2026-03-16"
LIST = "/dashboard/boards/"
API = "/api/v1/boards/"


def board(company: Company, who: str = "alice", name: str = "Mondays", **more: Any) -> Board:
    """A board of two tiles, the picture first."""
    draft = Draft(name, more.pop("tiles", ("aging", "overdue")), **more)
    return services.make_board(
        entity=company.cast.entity, draft=draft, by=getattr(company.cast, who), at=LATE
    )


def shown(html: str) -> list[str]:
    """The tiles of a page, in the order they stand there."""
    keys = re.findall(r'popovertarget="definition-([a-z_]+)"', html)
    return [key for key in keys if key in Tile.values]


def test_every_tile_can_be_drawn_and_says_what_it_means() -> None:
    assert set(Tile.values) == {*cards.CARDS, *tiles.PICTURES}
    assert set(cards.CARDS) == CARDS
    assert set(Tile.values) <= set(DEFINITIONS)
    assert set(STANDARD_TILES) == set(Standard.values) >= {str(one) for one in FIRST_FOR.values()}


def test_tiles_are_moved_by_one_place_and_stop_at_the_edge() -> None:
    order = ordered(["aging", "nonsense", "dso", "aging"])
    assert order[:2] == ["aging", "dso"]
    assert sorted(order) == sorted(Tile.values)
    assert shifted(order, "dso", -1)[:2] == ["dso", "aging"]
    assert shifted(order, "aging", -1) == order
    assert shifted(order, order[-1], 1) == order
    assert shifted(order, "nonsense", 1) == order


@pytest.mark.parametrize(
    ("who", "first"),
    [("fin", "finance"), ("adam", "finance"), ("alice", "credit"), ("carl", "credit"), ("sam", "person")],
)
def test_each_reader_begins_with_the_board_made_for_them(company: Company, who: str, first: str) -> None:
    client = signed_in(getattr(company.cast, who))
    assert shown(read(client, PAGE)) == list(STANDARD_TILES[first])
    for key, wanted in STANDARD_TILES.items():
        assert shown(read(client, f"{PAGE}&board={key}")) == list(wanted)


def test_a_board_shows_its_tiles_in_its_order_and_keeps_its_name_in_every_link(company: Company) -> None:
    row = board(company)
    html = read(signed_in(company.cast.alice), f"{PAGE}&board={row.pk}")
    assert shown(html) == ["aging", "overdue"]
    links = re.findall(r'hx-get="([^"]+)"', " ".join(re.findall(r"<svg.*?</svg>", html, re.DOTALL)))
    assert links
    assert all(f"board={row.pk}" in link for link in links)
    assert f'<input type="hidden" name="board" value="{row.pk}">' in html


def test_a_shared_board_is_seen_with_ones_own_figures_and_changed_by_nobody_else(company: Company) -> None:
    row = board(company, shared=True)
    sam = signed_in(company.cast.sam)
    address = f"{PAGE}&board={row.pk}"
    assert "€800" in read(signed_in(company.cast.alice), address)
    assert "€800" not in read(sam, address)
    assert "Mondays" in read(sam, LIST)
    assert sam.get(f"{LIST}{row.pk}/").status_code == 404
    assert sam.post(f"{LIST}{row.pk}/delete/").status_code == 404
    assert sam.patch(f"{API}{row.pk}/", {"name": "Mine"}, "application/json").status_code == 403
    assert sam.delete(f"{API}{row.pk}/").status_code == 403
    with pytest.raises(PermissionDenied):
        services.change_board(board=row, draft=Draft("Mine", ("dso",)), by=company.cast.sam, at=LATE)
    with pytest.raises(PermissionDenied):
        services.delete_board(board=row, by=company.cast.sam, at=LATE)
    row.refresh_from_db()
    assert (row.name, row.tiles) == ("Mondays", ["aging", "overdue"])
    assert Event.objects.get(kind="board.shared").data["board"] == row.pk


@pytest.mark.parametrize(("who", "shared"), [("sam", False), ("mallory", True), ("eva", True)])
def test_strangers_find_nothing(company: Company, who: str, shared: bool) -> None:
    row = board(company, shared=shared)
    client = signed_in(getattr(company.cast, who))
    for path in (f"{PAGE}&board={row.pk}", f"{LIST}{row.pk}/", f"{API}{row.pk}/"):
        assert client.get(path).status_code == 404
    assert client.post(f"{LIST}{row.pk}/delete/").status_code == 404
    assert client.post(f"{LIST}first/", {"board": row.pk}).status_code == 404
    assert client.post(f"{API}{row.pk}/first/").status_code == 404
    assert client.patch(f"{API}{row.pk}/", {"name": "x"}, "application/json").status_code == 404
    assert client.delete(f"{API}{row.pk}/").status_code == 404
    assert client.get(API).json()["results"] == []
    assert client.get(LIST).status_code == (404 if who == "eva" else 200)
    body = {"entity": company.cast.entity.pk, "name": "Mine", "tiles": ["dso"]}
    assert client.post(API, body, "application/json").status_code == (201 if who == "sam" else 400)
    assert Client().get(LIST).status_code == 302
    assert Board.objects.filter(pk=row.pk).exists()


def test_who_loses_access_loses_their_board_and_its_readers_do_not(company: Company) -> None:
    row = board(company, "carl", shared=True)
    Membership.objects.filter(user=company.cast.carl).delete()
    assert signed_in(company.cast.carl).get(f"{PAGE}&board={row.pk}").status_code == 404
    assert signed_in(company.cast.alice).get(f"{PAGE}&board={row.pk}").status_code == 200


def test_the_form_works_with_its_buttons_alone(company: Company) -> None:
    client, entity = signed_in(company.cast.alice), company.cast.entity
    page = read(client, f"{LIST}new/?from=sales")
    assert len(re.findall(r" checked", page)) == len(STANDARD_TILES[Standard.SALES])
    sent = {
        "entity": entity.pk,
        "name": "Fridays",
        "order": ["dso", "aging", "flow"],
        "tile": ["aging", "dso"],
    }
    moved = client.post(f"{LIST}new/", sent | {"up": "aging"}).content.decode()
    assert re.findall(r'name="order" value="(\w+)"', moved)[:3] == ["aging", "dso", "flow"]
    assert re.search(r'name="down" value="aging" autofocus', moved)
    assert 'value="Fridays"' in moved
    assert not Board.objects.exists()
    sent["order"] = ["aging", "dso", "flow"]
    answer = client.post(f"{LIST}new/", sent)
    row = Board.objects.get()
    assert answer["Location"] == f"/dashboard/?board={row.pk}"
    assert (row.name, row.tiles, row.shared) == ("Fridays", ["aging", "dso"], False)
    changed = {"name": "Fridays", "shared": "on", "order": ["dso", "aging"], "tile": ["dso"]}
    assert client.post(f"{LIST}{row.pk}/", changed).status_code == 302
    row.refresh_from_db()
    assert (row.tiles, row.shared) == (["dso"], True)
    assert client.post(f"{LIST}{row.pk}/delete/").status_code == 302
    assert not Board.objects.exists()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"name": " ", "tile": ["dso"]}, "This field is required."),
        ({"name": "Mondays", "tile": ["dso"]}, "You have a board of this name already."),
        ({"name": "Fridays"}, "Choose at least one tile."),
    ],
)
def test_the_form_says_what_is_wrong(company: Company, sent: dict[str, Any], words: str) -> None:
    board(company)
    answer = signed_in(company.cast.alice).post(f"{LIST}new/", {"entity": company.cast.entity.pk} | sent)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Board.objects.count() == 1


@pytest.mark.parametrize("key", ["sales", "board"])
def test_the_board_chosen_opens_first_until_it_goes(company: Company, key: str) -> None:
    row = board(company)
    client = signed_in(company.cast.alice)
    assert client.post(f"{LIST}first/", {"board": row.pk if key == "board" else key}).status_code == 302
    assert shown(read(client, PAGE)) == (row.tiles if key == "board" else list(STANDARD_TILES[key]))
    assert "Opens first" in read(client, LIST)
    assert client.post(f"{LIST}first/", {"board": "nonsense"}).status_code == 404
    client.post(f"{LIST}{row.pk}/delete/")
    assert FirstBoard.objects.exists() is (key == "sales")
    assert signed_in(company.cast.alice).get(PAGE).status_code == 200


def test_a_board_no_longer_shared_opens_first_for_nobody_else(company: Company) -> None:
    row = board(company, shared=True)
    services.open_first(key=str(row.pk), by=company.cast.sam)
    assert shown(read(signed_in(company.cast.sam), PAGE)) == ["aging", "overdue"]
    services.change_board(board=row, draft=Draft("Mondays", ("dso",)), by=company.cast.alice, at=LATE)
    assert shown(read(signed_in(company.cast.sam), PAGE)) == list(STANDARD_TILES[Standard.PERSON])


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"tiles": ["dso", "nonsense"]}, "board_tiles_are_known"),
        ({"tiles": ["dso", "dso"]}, "board_tiles_come_once"),
        ({"tiles": []}, "board_has_tiles"),
        ({"name": ""}, "board_has_a_name"),
        ({"name": "Fridays"}, "board_name_once_per_owner"),
    ],
)
def test_the_database_refuses_what_is_no_board(
    company: Company, change: dict[str, Any], constraint: str
) -> None:
    row = board(company)
    board(company, name="Fridays")
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Board.objects.filter(pk=row.pk).update(**change)


def test_the_database_lets_one_board_open_first_and_not_half_of_two(company: Company) -> None:
    row, alice = board(company), company.cast.alice
    for wrong in ({"board": row, "standard": "sales"}, {"standard": "nonsense"}, {}):
        with pytest.raises(IntegrityError, match="first_board_is_one"), transaction.atomic():
            FirstBoard.objects.create(user=alice, **wrong)


def test_the_service_refuses_tiles_that_do_not_exist_or_come_twice(company: Company) -> None:
    for wrong in (("nonsense",), ("dso", "dso"), ()):
        with pytest.raises(FieldErrors):
            board(company, tiles=wrong)


def test_the_api_makes_changes_and_deletes_boards(company: Company) -> None:
    client = signed_in(company.cast.alice)
    body = {"entity": company.cast.entity.pk, "name": "Mondays", "tiles": ["stages", "overdue"]}
    made = client.post(API, body, "application/json")
    assert made.status_code == 201
    row = made.json()
    assert (row["tiles"], row["shared"], row["first"]) == (["stages", "overdue"], False, False)
    path = f"{API}{row['id']}/"
    changed = client.patch(path, {"tiles": ["dso"], "shared": True}, "application/json").json()
    assert (changed["name"], changed["tiles"], changed["shared"]) == ("Mondays", ["dso"], True)
    assert client.post(f"{path}first/").json()["first"] is True
    assert client.post(API, body, "application/json").status_code == 422
    assert client.post(API, body | {"tiles": ["x"]}, "application/json").status_code == 400
    assert signed_in(company.cast.sam).get(API).json()["results"][0]["name"] == "Mondays"
    assert client.delete(path).status_code == 204
    assert not Board.objects.exists()


@pytest.mark.parametrize("path", [LIST, API, PAGE])
def test_it_takes_the_same_queries_however_many_boards(company: Company, path: str) -> None:
    counts: list[int] = []
    client = signed_in(company.cast.alice)
    for batch in range(2):
        for who in ("alice", "carl"):
            for i in range(1 + 4 * batch):
                board(company, who, f"{batch} {i}", shared=True)
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_nobody_makes_boards_without_end(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_EACH", 1)
    board(company)
    with pytest.raises(FieldErrors, match="many boards"):
        board(company, name="Fridays")
    alice: User = company.cast.alice
    assert alice.boards.count() == 1
