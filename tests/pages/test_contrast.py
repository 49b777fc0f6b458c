"""The colours of tokens.css against each other, by the formula of WCAG 2.2 (relative luminance)."""

import re

import pytest
from django.conf import settings

PAIR = re.compile(r"--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)")
GROUNDS = ("bg", "surface", "raised", "hover", "selected")
TEXT_NEEDS, DRAWN_NEEDS = 4.5, 3.0


def _tokens() -> dict[str, tuple[str, str]]:
    css = (settings.BASE_DIR / "static/css/tokens.css").read_text()
    return {name: (light, dark) for name, light, dark in PAIR.findall(css)}


TOKENS = _tokens()


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_formula_gives_the_known_extremes() -> None:
    assert round(contrast("#000000", "#ffffff"), 1) == 21.0
    assert contrast("#777777", "#777777") == 1.0


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back"),
    [
        *((front, back) for front in ("text", "text-2", "text-3", "accent") for back in GROUNDS),
        *((tone, f"{tone}-bg") for tone in ("info", "ok", "warn", "bad", "mute")),
        *((tone, "surface") for tone in ("ok", "warn", "bad")),
        *(
            (tone, ground)
            for tone in ("text", "text-2")
            for ground in ("mute-bg", "warn-bg", "info-bg", "sunken")
        ),
        ("on-accent", "accent"),
        ("on-accent", "accent-hover"),
        ("accent-hover", "surface"),
        ("bg", "text"),
        ("surface", "bad"),
    ],
)
def test_words_can_be_read(front: str, back: str, theme: int) -> None:
    assert contrast(TOKENS[front][theme], TOKENS[back][theme]) >= TEXT_NEEDS


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back"),
    [
        *((f"c{number}", "surface") for number in range(1, 7)),
        *(("line-strong", ground) for ground in ("bg", "surface", "raised", "hover")),
        *(("focus", ground) for ground in GROUNDS),
        ("accent", "bg"),
    ],
)
def test_lines_and_bars_can_be_seen(front: str, back: str, theme: int) -> None:
    assert contrast(TOKENS[front][theme], TOKENS[back][theme]) >= DRAWN_NEEDS


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_older_debt_is_always_further_from_the_ground(theme: int) -> None:
    ramp = [contrast(TOKENS[f"age-{step}"][theme], TOKENS["surface"][theme]) for step in range(5)]
    assert ramp == sorted(ramp)


def test_every_colour_used_in_the_style_sheets_is_a_token() -> None:
    folder = settings.BASE_DIR / "static/css"
    for sheet in folder.glob("*.css"):
        text = sheet.read_text()
        named = set(re.findall(r"var\(--([\w-]+)\)", text))
        declared = set(
            re.findall(r"--([\w-]+)\s*:", "".join(one.read_text() for one in folder.glob("*.css")))
        )
        assert named <= declared, f"{sheet.name}: {named - declared}"
        if sheet.name != "tokens.css":
            assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;,) ])", text), (
                f"{sheet.name} has a colour of its own"
            )
