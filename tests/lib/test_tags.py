from datetime import timedelta
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation
from lucide import IconDoesNotExist

from lib.htmx import go, is_htmx
from lib.templatetags import zanjar


def shown(source: str, **context: object) -> str:
    with translation.override("es"):
        return Template(source).render(Context(context))


def test_an_icon_is_drawn_inline_and_hidden_from_screen_readers() -> None:
    svg = shown('{% icon "inbox" %}')
    assert svg.startswith("<svg")
    assert 'aria-hidden="true"' in svg
    assert 'class="icon"' in svg
    assert "style=" not in svg


def test_an_unknown_icon_is_an_error_and_not_a_hole_in_the_page() -> None:
    with pytest.raises(IconDoesNotExist):
        shown('{% icon "no-such-icon" %}')


@pytest.mark.parametrize(
    "source", ["{{ nothing|money }}", "{{ nothing|day }}", "{{ nothing|ago }}", "{{ nothing|percent }}"]
)
def test_nothing_in_nothing_out(source: str) -> None:
    assert shown(source, nothing=None) == ""


def test_amounts_from_the_database_and_from_json_read_the_same() -> None:
    assert shown("{{ a|money }}", a=Decimal("10.50")) == shown("{{ a|money }}", a="10.50") == "10,50\u00a0€"


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not a number"):
        zanjar.money("ten")


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Lucía Marín", "LM"),
        ("Ana María de la Torre", "AT"),
        ("Cher", "C"),
        ("", "?"),
        (None, "?"),
        ("(x) Bo", "B"),
    ],
)
def test_initials_are_the_first_letters_of_the_first_and_last_word(name: str | None, letters: str) -> None:
    assert zanjar.initials(name) == letters


def test_the_same_name_always_has_the_same_tone() -> None:
    assert zanjar.tone("Lucía") == zanjar.tone("Lucía")
    assert zanjar.tone("Lucía") in {f"tone-{number}" for number in range(1, 7)}


def test_past_and_future_are_told_apart() -> None:
    now = timezone.now()
    assert zanjar.is_past(now - timedelta(minutes=1))
    assert not zanjar.is_past(now + timedelta(minutes=1))
    assert not zanjar.is_past(None)


@pytest.mark.parametrize(
    ("value", "whole", "width"),
    [("50", "200", "25.0"), ("300", "200", "100.0"), ("-1", "200", "0.0"), ("1", "0", "0.0")],
)
def test_a_bar_never_leaves_its_track(value: str, whole: str, width: str) -> None:
    assert f'class="meter-fill" width="{width}"' in shown("{% bar value whole %}", value=value, whole=whole)


def test_a_ring_is_filled_to_the_share() -> None:
    assert 'stroke-dasharray="25.0 100"' in shown("{% ring 1 4 %}")


def test_a_line_needs_two_points() -> None:
    assert shown("{% spark values %}", values=[1]) == ""
    assert 'points="0.0,22.0 50.0,12.0 100.0,2.0"' in shown("{% spark values %}", values=[0, 5, 10])
    assert 'points="0.0,22.0 100.0,22.0"' in shown("{% spark values %}", values=[3, 3])


def test_drawings_escape_what_they_are_given() -> None:
    assert "<script>" not in shown("{% bar 1 2 css %}", css='"><script>')


def test_htmx_asks_for_fragments_and_boosted_links_for_pages() -> None:
    make = RequestFactory()
    assert is_htmx(make.get("/", headers={"hx-request": "true"}))
    assert not is_htmx(make.get("/", headers={"hx-request": "true", "hx-boosted": "true"}))
    assert not is_htmx(make.get("/"))


def test_both_kinds_of_browser_are_sent_on() -> None:
    make = RequestFactory()
    answer = go(make.post("/", headers={"hx-request": "true"}), "/there/")
    assert (answer.status_code, answer["HX-Redirect"]) == (200, "/there/")
    plain = go(make.post("/"), "/there/")
    assert (plain.status_code, plain["Location"]) == (302, "/there/")
