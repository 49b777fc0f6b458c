"""Static files and templates, read as text."""

import re
from importlib.metadata import version
from pathlib import Path

import django_htmx
import pytest
from django.conf import settings
from django.template.loader import get_template

from accounts.context import PLACES
from lib.templatetags.zanjar import icon

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static/js").glob("*.js"))
ids = [str(path.relative_to(ROOT)) for path in TEMPLATES]


@pytest.mark.parametrize("path", TEMPLATES, ids=ids)
def test_every_template_compiles_and_is_short_enough_to_hold_in_the_head(path: Path) -> None:
    get_template(str(path.relative_to(ROOT / "templates")))
    assert len(path.read_text().splitlines()) <= 120


@pytest.mark.parametrize("path", TEMPLATES, ids=ids)
def test_no_template_has_inline_script_style_or_handlers(path: Path) -> None:
    text = path.read_text()
    if "letter" in path.parts or path.parts[-2] == "letters":
        return
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|hx-on|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r'hx-trigger="[^"]*\[', text), "trigger filters need eval"


@pytest.mark.parametrize("path", TEMPLATES, ids=ids)
def test_every_icon_used_exists(path: Path) -> None:
    for name in re.findall(r'{%\s*icon\s+"([^"]+)"', path.read_text()):
        assert "<svg" in icon(name)


def test_every_icon_of_the_navigation_exists() -> None:
    for place in PLACES:
        assert "<svg" in icon(place.icon)


@pytest.mark.parametrize("path", SCRIPTS, ids=[path.name for path in SCRIPTS])
def test_scripts_import_in_the_form_that_hashing_understands(path: Path) -> None:
    for line in re.findall(r"^(?:import|export)\b.*\bfrom\b.*$", path.read_text(), re.M):
        assert re.fullmatch(r'(?:import|export) .+ from "\./[\w-]+\.js";', line), line


@pytest.mark.parametrize("path", SCRIPTS, ids=[path.name for path in SCRIPTS])
def test_scripts_evaluate_nothing_and_set_no_markup(path: Path) -> None:
    assert not re.search(
        r"\beval\(|new Function|\.(?:inner|outer)HTML|insertAdjacentHTML|document\.write", path.read_text()
    )


def test_scripts_carry_no_words_for_people() -> None:
    """Words come from data attributes, so that they are translated like all others."""
    for path in SCRIPTS:
        code = re.sub(r"/\*.*?\*/|//.*", "", path.read_text(), flags=re.S)
        assert not re.search(r'(?:textContent|say\()\s*=?\s*["\'`][A-Z]', code), path.name


def test_htmx_is_version_two() -> None:
    script = Path(django_htmx.__file__).parent / "static/django_htmx/htmx-2.min.js"
    assert re.search(r'version:"2\.\d+\.\d+"', script.read_text())
    assert "version=2" in (ROOT / "templates/base.html").read_text()
    assert version("django-htmx")


def test_the_style_sheets_keep_to_their_layers() -> None:
    for sheet in (ROOT / "static/css").glob("*.css"):
        text = sheet.read_text()
        assert re.search(r"@layer (tokens|base|layout|components|utilities) {", text), sheet.name
        assert not re.findall(
            r"!important",
            re.sub(r"\[hidden\].*|\.(hide-phone|only-phone|wide-only|narrow-only|is-busy).*", "", text),
        ), sheet.name
