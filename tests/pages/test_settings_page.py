import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import Cast

GOOD = {
    "name": "Sam",
    "language": "fr",
    "time_zone": "Europe/Paris",
    "theme": "dark",
    "density": "compact",
    "shortcuts_on": "on",
}


def test_settings_are_kept_and_the_page_obeys_them(client: Client, cast: Cast) -> None:
    client.force_login(cast.sam)
    assert client.post("/me/", GOOD)["Location"] == "/me/"
    page = client.get("/me/").content.decode()
    assert '<html lang="fr" data-theme="dark" data-density="compact">' in page
    assert 'data-shortcuts="on"' in page


def test_shortcuts_can_be_switched_off(client: Client, cast: Cast) -> None:
    client.force_login(cast.sam)
    client.post("/me/", {key: value for key, value in GOOD.items() if key != "shortcuts_on"})
    assert 'data-shortcuts="off"' in client.get("/me/").content.decode()


def test_the_theme_follows_the_system_until_somebody_chooses(client: Client, cast: Cast) -> None:
    client.force_login(cast.sam)
    assert "data-theme" not in client.get("/me/").content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../etc/passwd"),
        ("language", "tlh"),
        ("theme", "pink"),
        ("name", ""),
    ],
)
def test_nonsense_is_refused_with_the_field_marked_and_nothing_changes(
    client: Client, cast: Cast, field: str, value: str
) -> None:
    client.force_login(cast.sam)
    answer = client.post("/me/", GOOD | {field: value})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f'id="id_{field}_error"' in page
    assert 'aria-invalid="true"' in page
    cast.sam.refresh_from_db()
    assert (cast.sam.name, cast.sam.language, cast.sam.theme) == ("Sam", "en", "system")


def test_an_unknown_time_zone_in_the_table_does_not_break_the_pages(client: Client, cast: Cast) -> None:
    type(cast.sam).objects.filter(pk=cast.sam.pk).update(time_zone="Nowhere/Land")
    client.force_login(cast.sam)
    assert client.get("/me/").status_code == 200


@pytest.mark.parametrize(("language", "words"), [("es", "Español"), ("fr", "Français"), ("en", "English")])
def test_the_language_can_be_chosen_before_signing_in(
    client: Client, db: None, language: str, words: str
) -> None:
    answer = client.post(reverse("accounts:language"), {"language": language, "next": "/accounts/login/"})
    assert answer["Location"] == "/accounts/login/"
    page = client.get("/accounts/login/").content.decode()
    assert f'<html lang="{language}"' in page
    assert f'value="{language}" lang="{language}" aria-pressed="true">{words}' in page


def test_the_switch_changes_the_language_of_whoever_is_signed_in(client: Client, cast: Cast) -> None:
    client.force_login(cast.sam)
    client.post(reverse("accounts:language"), {"language": "fr"})
    cast.sam.refresh_from_db()
    assert cast.sam.language == "fr"


def test_a_language_we_do_not_speak_changes_nothing(client: Client, cast: Cast) -> None:
    client.force_login(cast.sam)
    client.post(reverse("accounts:language"), {"language": "xx"})
    cast.sam.refresh_from_db()
    assert cast.sam.language == "en"


@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_the_switch_leads_nowhere_else(client: Client, db: None, there: str) -> None:
    answer = client.post(reverse("accounts:language"), {"language": "fr", "next": there})
    assert answer["Location"] == "/"


def test_the_persons_language_wins_over_the_browsers(client: Client, cast: Cast) -> None:
    client.force_login(cast.sam)
    assert '<html lang="en"' in client.get("/me/", headers={"accept-language": "fr"}).content.decode()
