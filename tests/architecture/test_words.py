"""What can be set, run or awaited is written down."""

import re

import pytest
from django.conf import settings
from django.core.management import call_command

from tests.architecture.house import FLOORS, ROOT, sources

ENV = re.compile(r"\b(?:env(?:_bool|_int|_list)?|secret)\(\s*\"([A-Z][A-Z0-9_]*)\"")
DOCS = {
    path: path.read_text() for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")] if path.exists()
}


def commands() -> list[str]:
    places = [ROOT / room / "management" / "commands" for room in [*FLOORS, "config"]]
    return sorted(p.stem for place in places for p in place.glob("*.py") if p.stem != "__init__")


def variables() -> list[str]:
    return sorted({name for path in sources("config") for name in ENV.findall(path.read_text())})


def test_there_is_something_to_check() -> None:
    assert {"up", "doctor", "intake", "dun", "report"} <= set(commands())
    assert {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "VAR_DIR", "BASE_URL", "EMAIL_URL"} <= set(variables())


@pytest.mark.parametrize("name", commands())
def test_every_command_is_in_the_documentation(name: str) -> None:
    assert any(re.search(rf"`[^`]*\b{name}\b[^`]*`|manage\.py {name}\b", text) for text in DOCS.values())


@pytest.mark.parametrize("name", variables())
def test_every_variable_is_explained_and_in_the_example(name: str) -> None:
    assert f"`{name}`" in DOCS[ROOT / "docs" / "operate.md"]
    assert re.search(rf"^#?\s?{name}=", (ROOT / ".env.example").read_text(), re.MULTILINE)


@pytest.mark.parametrize("name", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_every_recurring_job_is_explained(name: str) -> None:
    assert f"`{name}`" in DOCS[ROOT / "docs" / "operate.md"]


def test_the_example_lists_nothing_that_does_not_exist() -> None:
    named = set(re.findall(r"^#?\s?([A-Z][A-Z0-9_]*)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert named <= {*variables(), "POSTGRES_PASSWORD"}


@pytest.mark.django_db
def test_every_model_change_has_its_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
