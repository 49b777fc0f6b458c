"""Pages keep the strict content security policy, and every icon they name exists."""

import re

import pytest
from django.template import Context, Template

from tests.architecture.house import FLOORS, ROOT, sources

TEMPLATES = sorted([*(ROOT / "templates").rglob("*.html"), *(ROOT / "config" / "templates").rglob("*.html")])
FORBIDDEN = {
    "a script without src": re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", re.IGNORECASE
    ),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "hx-on": re.compile(r"\bhx-on\b|\bhx-on:", re.IGNORECASE),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "a trigger filter": re.compile(r"hx-trigger=\"[^\"]*\["),
    "an address elsewhere": re.compile(r"(?:src|<link[^>]*href)=\"(?:https?:)?//", re.IGNORECASE),
}
ICON = re.compile(r"{%\s*icon\s+\"([^\"]+)\"")
NAMED_ICON = re.compile(r"\bicon=\"([a-z0-9-]+)\"")


def faults(text: str) -> list[str]:
    return [name for name, pattern in FORBIDDEN.items() if pattern.search(text)]


def test_no_page_needs_an_exception_from_the_policy() -> None:
    bad = [
        f"{path.relative_to(ROOT)}: {', '.join(found)}"
        for path in TEMPLATES
        if (found := faults(path.read_text()))
    ]
    assert not bad, "\n".join(bad)


@pytest.mark.parametrize(
    "text",
    [
        "<script>x()</script>",
        "<style>a{}</style>",
        '<p style="color:red">',
        '<a onclick="x()">',
        '<a hx-on:click="x()">',
        '<a href="javascript:x()">',
        '<a hx-trigger="keyup[key==1]">',
        '<script src="https://elsewhere/x.js"></script>',
    ],
)
def test_the_rule_catches_a_breach(text: str) -> None:
    assert faults(text)


def icons() -> set[str]:
    named = {name for path in TEMPLATES for name in ICON.findall(path.read_text())}
    rooms = [path for room in FLOORS for path in sources(room)]
    return named | {name for path in rooms for name in NAMED_ICON.findall(path.read_text())}


@pytest.mark.parametrize("name", sorted(icons()))
def test_every_icon_exists(name: str) -> None:
    assert "<svg" in Template("{% icon name %}").render(Context({"name": name}))


def test_templates_are_indented_with_spaces() -> None:
    assert not (bad := [str(path.relative_to(ROOT)) for path in TEMPLATES if "\t" in path.read_text()]), bad
