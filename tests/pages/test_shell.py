import re

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from pytest_django import DjangoAssertNumQueries

from accounts.choices import Role
from accounts.context import PLACES
from accounts.services import give_role
from tests.factories import AT, Cast


def page(client: Client, url: str = "/me/") -> str:
    return client.get(url).content.decode()


def rail(html: str) -> list[str]:
    nav = html.split('<ul class="nav">')[1].split("</ul>")[0]
    return re.findall(r'href="([^"]+)"', nav)


def bar(html: str) -> list[str]:
    return re.findall(r'<a href="([^"]+)"', html.split('<nav class="bottombar"')[1].split("</nav>")[0])


def url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        pytest.fail(f"{name} is no page")


def test_every_page_of_the_navigation_exists() -> None:
    for place in PLACES:
        assert url(place.name)


def test_every_place_has_its_own_letter() -> None:
    letters = [place.letter for place in PLACES if place.letter]
    assert len(letters) == len(set(letters))


def test_a_stranger_sees_no_navigation_and_is_asked_to_sign_in(client: Client, db: None) -> None:
    assert client.get("/")["Location"] == "/accounts/login/?next=/"
    assert 'class="nav"' not in page(client, "/accounts/login/")


def test_the_navigation_hides_what_the_person_may_not_see(client: Client, cast: Cast) -> None:
    client.force_login(cast.sam)
    shown = rail(page(client))
    assert url("disputes:questions") in shown
    assert url("ledger:imports") not in shown
    client.force_login(cast.alice)
    assert url("ledger:imports") in rail(page(client))


def test_everything_in_the_navigation_opens(client: Client, cast: Cast) -> None:
    for who in (cast.alice, cast.carl, cast.sam, cast.eva, cast.fin, cast.adam):
        client.force_login(who)
        html = page(client)
        for there in {*rail(html), *bar(html)}:
            assert client.get(there).status_code == 200, f"{who}: {there}"


@pytest.mark.parametrize(
    ("who", "first"),
    [
        ("sam", "disputes:questions"),
        ("eva", "disputes:questions"),
        ("alice", "disputes:list"),
        ("fin", "disputes:list"),
    ],
)
def test_the_phone_has_four_tabs_with_the_persons_work_first(
    client: Client, cast: Cast, who: str, first: str
) -> None:
    client.force_login(getattr(cast, who))
    tabs = bar(page(client))
    assert len(tabs) == 4
    assert tabs[0] == url(first)


@pytest.mark.parametrize(
    ("who", "there"),
    [
        ("sam", "disputes:questions"),
        ("eva", "disputes:questions"),
        ("fin", "reporting:dashboard"),
        ("alice", "disputes:list"),
        ("adam", "disputes:list"),
    ],
)
def test_the_start_page_is_where_the_work_is(client: Client, cast: Cast, who: str, there: str) -> None:
    client.force_login(getattr(cast, who))
    assert client.get("/")["Location"] == url(there)


IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) "
    "AppleWebKit/605.1.15 Version/18.6 Mobile/15E148 Safari/604.1"
)
IPAD = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.6 Safari/605.1.15"


@pytest.mark.parametrize(
    ("who", "headers", "there"),
    [
        ("sam", {"Sec-CH-UA-Mobile": "?1"}, "chat:phone"),
        ("sam", {"User-Agent": IPHONE}, "chat:phone"),
        ("sam", {"Sec-CH-UA-Mobile": "?0", "User-Agent": IPHONE}, "disputes:questions"),
        ("sam", {"User-Agent": IPAD}, "disputes:questions"),
        ("eva", {"Sec-CH-UA-Mobile": "?1"}, "disputes:questions"),
        ("alice", {"Sec-CH-UA-Mobile": "?1"}, "disputes:list"),
        ("fin", {"User-Agent": IPHONE}, "reporting:dashboard"),
    ],
)
def test_a_salespersons_phone_opens_its_own_inbox(
    client: Client, cast: Cast, who: str, headers: dict[str, str], there: str
) -> None:
    client.force_login(getattr(cast, who))
    answer = client.get("/", headers=headers)
    assert answer["Location"] == url(there)
    assert "User-Agent" in answer["Vary"]


def test_who_also_manages_disputes_is_not_sent_to_the_inbox(client: Client, cast: Cast) -> None:
    give_role(user=cast.sam, entity=cast.entity, role=Role.CREDIT_MANAGER, at=AT)
    client.force_login(cast.sam)
    assert client.get("/", headers={"Sec-CH-UA-Mobile": "?1"})["Location"] == url("disputes:list")


def test_a_person_without_a_role_lands_on_their_settings(client: Client, cast: Cast) -> None:
    cast.sam.memberships.all().delete()
    client.force_login(cast.sam)
    assert client.get("/")["Location"] == "/me/"
    assert rail(page(client)) == []


def test_the_page_says_where_we_are(client: Client, cast: Cast) -> None:
    client.force_login(cast.alice)
    html = page(client, url("disputes:list"))
    here = re.findall(r'<a class="nav-item" href="([^"]+)" aria-current="page"', html)
    assert here == [url("disputes:list")]


def test_a_page_below_another_lights_only_its_own_name(client: Client, cast: Cast) -> None:
    client.force_login(cast.alice)
    for there in rail(page(client)):
        lit = re.findall(r'<a class="nav-item" href="([^"]+)" aria-current="page"', page(client, there))
        assert lit == [there]
    assert url("disputes:mails").startswith(url("disputes:list"))


def test_pages_can_be_used_without_a_mouse_and_without_eyes(client: Client, cast: Cast) -> None:
    client.force_login(cast.alice)
    html = page(client)
    assert html.index('class="skip"') < html.index("<nav")
    assert html.count("<main") == html.count("<h1") == 1
    assert '<div id="toasts" popover="manual" role="status">' in html
    assert 'id="keys-dialog"' in html


def test_htmx_is_told_to_behave_under_a_strict_policy(client: Client, cast: Cast) -> None:
    client.force_login(cast.alice)
    html = page(client)
    config = re.search(r"<meta name=\"htmx-config\" content='([^']+)'", html)
    assert config
    for wish in (
        '"includeIndicatorStyles":false',
        '"allowEval":false',
        '"historyCacheSize":0',
        '"attributesToSettle":["class","width","height"]',
        '"code":"409","swap":true',
    ):
        assert wish in config[1]
    assert "django_htmx/htmx-2" in html
    assert "X-CSRFToken" in html


@pytest.mark.parametrize("there", ["/me/", "/accounts/login/", "/no/such/page/"])
def test_the_policy_lets_only_our_own_scripts_and_styles_run(client: Client, cast: Cast, there: str) -> None:
    client.force_login(cast.alice)
    policy = client.get(there)["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    for closed in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert closed in policy


def test_the_number_of_queries_of_the_shell_is_small(
    client: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(cast.alice)
    page(client)
    with django_assert_max_num_queries(4):
        page(client)


def test_a_notice_is_shown_once(client: Client, cast: Cast) -> None:
    client.force_login(cast.sam)
    form = {"name": "Sam", "language": "en", "time_zone": "UTC", "theme": "light", "density": "compact"}
    client.post("/me/", form)
    assert "data-toast" in page(client)
    assert "data-toast" not in page(client)
