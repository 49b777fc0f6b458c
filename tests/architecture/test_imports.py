"""Imports only go down, through the inner rooms, at the top of the file."""

import ast

import pytest

from tests.architecture.house import (
    FLOORS,
    ROOT,
    Import,
    imports,
    imports_in,
    sources,
    through_a_door,
    upward,
)

ALL = [found for path in sources() for found in imports(path)]


def listed(found: list[Import]) -> str:
    return "\n".join(map(str, found))


def test_every_app_of_ours_has_its_floor() -> None:
    rooms = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert rooms == {*FLOORS, "config"}


def test_imports_only_go_down() -> None:
    assert not (bad := [found for found in ALL if upward(found)]), listed(bad)


def test_only_inner_rooms_are_imported_across_apps() -> None:
    bad = [f for f in ALL if through_a_door(f) and not f.file.startswith("demo/")]
    assert not bad, listed(bad)


def test_no_import_hides_in_a_function() -> None:
    assert not (bad := [found for found in ALL if found.inside_function]), listed(bad)


@pytest.mark.parametrize(
    ("file", "code", "refused"),
    [
        ("ledger/services/x.py", "from disputes.models import Dispute", True),
        ("ledger/services/x.py", "def f():\n    import chat.models", True),
        ("ledger/services/x.py", "from mailroom import services", True),
        ("ledger/services/x.py", "import config.settings", True),
        ("ledger/services/x.py", "from ..models import Invoice", False),
        ("disputes/views.py", "from ledger.models import Invoice", False),
        ("chat/listeners.py", "from lib import clock", False),
    ],
)
def test_the_rule_catches_what_it_should(file: str, code: str, refused: bool) -> None:
    (found,) = imports_in(ast.parse(code), file, tuple(file.split("/")[:-1]))
    assert upward(found) is refused


@pytest.mark.parametrize(
    ("code", "refused"),
    [
        ("from ledger.views import lists", True),
        ("from ledger import tasks", True),
        ("from ledger.services import record_invoice", False),
        ("from ledger import selectors", False),
        ("from lib.http import anything", False),
    ],
)
def test_doors_of_another_room_are_caught(code: str, refused: bool) -> None:
    (found,) = imports_in(ast.parse(code), "disputes/x.py", ("disputes",))
    assert through_a_door(found) is refused


def test_no_app_finds_another_by_name_at_run_time() -> None:
    words = {"get_model", "import_module", "__import__", "import_string"}
    bad = [
        f"{path.relative_to(ROOT)}:{node.lineno} calls {name}"
        for path in sources()
        if path.name != "apps.py"  # loads the app's own listeners, once its models are there
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and (name := getattr(node.func, "attr", getattr(node.func, "id", ""))) in words
    ]
    assert not bad, "\n".join(bad)


def test_the_house_has_one_signal() -> None:
    bad = [
        f"{found}"
        for found in ALL
        if found.target.startswith(("django.dispatch", "django.db.models.signals"))
        and found.file != "accounts/events.py"
    ]
    assert not bad, "\n".join(bad)
