"""Every text a person can see exists in Spanish, French and English."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.conf import settings

LANGUAGES = ("es", "fr", "en")
ROOT = Path(settings.BASE_DIR)
FIELD = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
TAG = re.compile(r"</?\w+")


def catalogue(language: str, root: Path = ROOT) -> polib.POFile:
    """The texts of one language."""
    return polib.pofile(str(root / "locale" / language / "LC_MESSAGES" / "django.po"))


def fields(text: str) -> list[str]:
    """What is filled in, in any order."""
    return sorted(FIELD.findall(text)) + sorted(TAG.findall(text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_and_none_is_in_doubt(language: str) -> None:
    texts = catalogue(language)
    assert len(texts) > 300
    assert [entry.msgid for entry in texts.untranslated_entries()] == []
    assert [entry.msgid for entry in texts.fuzzy_entries()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_fills_in_what_its_original_fills_in(language: str) -> None:
    wrong = []
    for entry in catalogue(language):
        for translated in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            originals = [entry.msgid, entry.msgid_plural] if entry.msgid_plural else [entry.msgid]
            if fields(translated) not in [fields(original) for original in originals]:
                wrong.append((entry.msgid, translated))
    assert wrong == []


def test_the_catalogues_hold_every_text_of_the_code_and_no_other(tmp_path: Path) -> None:
    if not shutil.which("xgettext"):
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("CI must have GNU gettext to compare the catalogues with the code.")
        pytest.skip("GNU gettext is not installed, so the catalogues cannot be compared with the code.")
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, files.decode().split("\0")):
        if name.startswith("tests/") or not (ROOT / name).is_file():
            continue
        if Path(name).suffix in (".py", ".html", ".txt", ".po"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / name)
    command = [sys.executable, "manage.py", "makemessages", "-l", "es", "--no-obsolete", "--no-location"]
    environment = os.environ | {"VAR_DIR": str(tmp_path / "var")}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)

    def texts(root: Path) -> set[tuple[str | None, str]]:
        return {(entry.msgctxt, entry.msgid) for entry in catalogue("es", root) if not entry.obsolete}

    missing, surplus = texts(tmp_path) - texts(ROOT), texts(ROOT) - texts(tmp_path)
    assert (missing, surplus) == (set(), set()), "run `make messages` and translate what is new"


def test_no_text_hides_behind_a_name_that_is_not_collected() -> None:
    alias = re.compile(r"import .*gettext\w* as (?!_\b)")
    files = [path for room in settings.BASE_DIR.iterdir() if room.is_dir() for path in room.glob("**/*.py")]
    own = [path for path in files if not {".venv", "var", "tests"} & set(path.relative_to(ROOT).parts)]
    assert own
    assert [str(path) for path in own if alias.search(path.read_text())] == []
