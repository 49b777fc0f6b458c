import re
from typing import Any

import pytest
from django.contrib.auth import get_user
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from tests.factories import PASSWORD, Cast

LOGIN = "/accounts/login/"


def sign_in(client: Client, email: str, password: str, **fields: str) -> Any:
    return client.post(LOGIN, {"login": email, "password": password, **fields})


def sentence(answer: Any) -> str:
    found = re.search(r'<div class="error-box" role="alert"><p>(.*?)</p>', answer.content.decode())
    assert found, "there is no error box"
    return found[1]


def test_e_mail_and_password_open_the_door(client: Client, cast: Cast) -> None:
    answer = sign_in(client, cast.sam.email, PASSWORD)
    assert answer.status_code == 302
    assert get_user(client) == cast.sam  # type: ignore[arg-type]


def test_the_address_may_be_written_in_any_case(client: Client, cast: Cast) -> None:
    sign_in(client, cast.sam.email.upper(), PASSWORD)
    assert get_user(client) == cast.sam  # type: ignore[arg-type]


def test_the_error_does_not_say_which_part_was_wrong(client: Client, cast: Cast) -> None:
    unknown = sign_in(client, "nobody@acm.example", PASSWORD)
    wrong = sign_in(client, cast.sam.email, "not the password")
    assert unknown.status_code == wrong.status_code == 200
    assert sentence(unknown) == sentence(wrong)
    assert not get_user(client).is_authenticated  # type: ignore[arg-type]


def test_what_was_typed_is_kept_but_never_the_password(client: Client, cast: Cast) -> None:
    page = sign_in(client, cast.sam.email, "not the password").content.decode()
    assert f'value="{cast.sam.email}"' in page
    assert "not the password" not in page


def test_an_account_that_was_closed_stays_outside(client: Client, cast: Cast) -> None:
    User.objects.filter(pk=cast.sam.pk).update(is_active=False)
    sign_in(client, cast.sam.email, PASSWORD)
    assert not get_user(client).is_authenticated  # type: ignore[arg-type]


def test_guessing_is_slowed_down_even_with_the_right_password_at_last(client: Client, cast: Cast) -> None:
    for attempt in range(6):
        sign_in(client, cast.sam.email, f"guess {attempt}")
    answer = sign_in(client, cast.sam.email, PASSWORD)
    assert answer.status_code != 302
    assert not get_user(client).is_authenticated  # type: ignore[arg-type]


def test_a_page_asked_for_before_signing_in_comes_after_it(client: Client, cast: Cast) -> None:
    asked = client.get("/me/")
    assert asked["Location"] == f"{LOGIN}?next=/me/"
    assert sign_in(client, cast.sam.email, PASSWORD, next="/me/")["Location"] == "/me/"


def test_nobody_is_sent_to_another_site_after_signing_in(client: Client, cast: Cast) -> None:
    answer = sign_in(client, cast.sam.email, PASSWORD, next="https://evil.example/")
    assert answer["Location"] == "/"


def test_sign_out_asks_first_and_then_does_it(client: Client, cast: Cast) -> None:
    client.force_login(cast.sam)
    client.get("/accounts/logout/")
    assert get_user(client) == cast.sam  # type: ignore[arg-type]
    client.post("/accounts/logout/")
    assert not get_user(client).is_authenticated  # type: ignore[arg-type]


def test_nobody_signs_up(client: Client, db: None) -> None:
    page = client.post(
        "/accounts/signup/", {"email": "new@x.example", "password1": PASSWORD, "password2": PASSWORD}
    )
    assert page.status_code == 200
    assert not User.objects.exists()


def test_a_forgotten_password_answers_the_same_for_known_and_unknown(client: Client, cast: Cast) -> None:
    known = client.post("/accounts/password/reset/", {"email": cast.sam.email})
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@acm.example"})
    assert known["Location"] == unknown["Location"]
    assert cast.sam.email in [address for letter in mail.outbox for address in letter.to]


def test_the_link_to_a_new_password_works_once(client: Client, cast: Cast) -> None:
    client.post("/accounts/password/reset/", {"email": cast.sam.email})
    link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", str(mail.outbox[-1].body))
    assert link
    form = client.get(link[1], follow=True)
    new = {"password1": "another long sentence", "password2": "another long sentence"}
    client.post(form.redirect_chain[-1][0], new)
    assert sign_in(client, cast.sam.email, "another long sentence").status_code == 302
    client.logout()
    assert "token_fail" in client.get(link[1], follow=True).context


@pytest.fixture
def demo(cast: Cast, settings: Settings) -> Cast:
    settings.DEMO_LOGINS = True
    User.objects.filter(pk__in=[cast.sam.pk, cast.alice.pk]).update(is_demo=True)
    return cast


def test_the_demo_lets_anybody_be_one_of_its_people(client: Client, demo: Cast) -> None:
    page = client.get(LOGIN).content.decode()
    assert f'value="{demo.sam.pk}"' in page
    assert f'value="{demo.sofia.pk}"' not in page
    client.post(reverse("accounts:sign_in_as"), {"person": demo.sam.pk})
    assert get_user(client) == demo.sam  # type: ignore[arg-type]


@pytest.mark.parametrize("who", ["sofia", "adam", "mallory"])
def test_real_people_are_never_signed_in_by_a_click(client: Client, demo: Cast, who: str) -> None:
    answer = client.post(reverse("accounts:sign_in_as"), {"person": getattr(demo, who).pk})
    assert answer.status_code == 404
    assert not get_user(client).is_authenticated  # type: ignore[arg-type]


@pytest.mark.parametrize("person", ["", "0", "x", "9999999999999999999999"])
def test_nonsense_instead_of_a_person_is_not_found(client: Client, demo: Cast, person: str) -> None:
    assert client.post(reverse("accounts:sign_in_as"), {"person": person}).status_code == 404


def test_outside_the_demo_there_is_no_such_door(client: Client, demo: Cast, settings: Settings) -> None:
    settings.DEMO_LOGINS = False
    assert reverse("accounts:sign_in_as") not in client.get(LOGIN).content.decode()
    assert client.post(reverse("accounts:sign_in_as"), {"person": demo.sam.pk}).status_code == 404


def test_a_link_cannot_sign_anybody_in(client: Client, demo: Cast) -> None:
    assert client.get(reverse("accounts:sign_in_as"), {"person": demo.sam.pk}).status_code == 405


def test_a_superuser_is_not_offered_even_when_marked_as_demo(client: Client, demo: Cast) -> None:
    User.objects.filter(pk=demo.sam.pk).update(is_superuser=True)
    assert client.post(reverse("accounts:sign_in_as"), {"person": demo.sam.pk}).status_code == 404
