"""What every page needs to know: where the person may go, and how they want to see it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import checking, policy
from accounts.choices import Role
from accounts.demo import demo_people

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the navigation: shown to whoever may do `action` somewhere."""

    name: str
    icon: str
    words: Words
    action: str
    under: str = ""  # further paths that belong to it
    letter: str = ""  # pressed after `g`
    counter: str = ""  # id of the number beside it, filled by the fragment of open questions
    short: Words = ""  # for the narrow tabs of the phone


@dataclass(frozen=True, slots=True)
class Item:
    """A place as one page shows it."""

    place: Place
    url: str
    here: bool


PLACES = (
    Place("disputes:list", "inbox", _("Disputes"), "dispute.read", letter="t", counter="disputes"),
    Place(
        "disputes:questions",
        "circle-question-mark",
        _("Questions"),
        "question.answer",
        letter="q",
        counter="questions",
    ),
    Place(
        "disputes:approvals",
        "stamp",
        _("To approve"),
        "approval.see",
        letter="a",
        counter="approvals",
    ),
    Place(
        "chat:rooms",
        "messages-square",
        _("Conversations"),
        "room.read",
        letter="r",
        counter="messages",
        short=_("Messages"),
    ),
    Place(
        "reporting:dashboard",
        "chart-column-stacked",
        _("Dashboard"),
        "report.read",
        letter="d",
        short=_("Report"),
    ),
    Place("ledger:customers", "building-2", _("Customers"), "ledger.read", letter="c"),
    Place("ledger:invoices", "file-text", _("Invoices"), "ledger.read", letter="i"),
    Place("collections_app:notices", "bell-ring", _("Reminders"), "plan.read", letter="n"),
    Place("collections_app:interest", "percent", _("Interest"), "plan.read"),
    Place("collections_app:legal_files", "gavel", _("Contentious"), "plan.read"),
    Place(
        "collections_app:worklist",
        "phone",
        _("Calls"),
        "call.make",
        letter="w",
        counter="calls",
        under="/collections/call/",
    ),
    Place("disputes:mails", "mail-question-mark", _("E-mails"), "dispute.open", letter="e", counter="mails"),
    Place("mailroom:letters", "mail", _("Letters"), "letter.read", letter="l"),
    Place("disputes:answers", "file-check", _("Answers"), "ledger.import"),
    Place("ledger:cash", "banknote", _("Payments in"), "ledger.import", letter="b"),
    Place("ledger:imports", "file-up", _("Imports"), "ledger.import", letter="m"),
    Place("disputes:settings", "sliders-horizontal", _("Company settings"), "route.edit"),
    Place("accounts:calendars", "calendar-clock", _("Working hours"), "calendar.edit"),
    Place("accounts:books", "scale", _("Books"), "admin", letter="v"),
)
FIELD_TABS = ("disputes:questions", "ledger:customers", "chat:rooms", "accounts:me")
OFFICE_TABS = ("disputes:list", "disputes:questions", "chat:rooms", "reporting:dashboard")
ME = Place("accounts:me", "user-round", _("Me"), "")
OUTSIDE: dict[str, object] = {
    "nav": [],
    "tabs": [],
    "theme": "system",
    "density": "comfortable",
    "shortcuts": False,
    "demo_people": demo_people,
    "books_alarm": 0,
}


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _here(path: str, urls: Iterable[str]) -> str:
    """The address the page belongs to: the longest it starts with, for some lie below others."""
    under = [url for url in urls if (path == url if url == "/" else path.startswith(url))]
    return max(under, key=len, default="")


def places(request: HttpRequest) -> list[Item]:
    """The pages this person may open, in the order of the rail."""
    scope = policy.scope(request.user)
    urls = {place: _url(place.name) for place in PLACES}
    under = {place.under: url for place, url in urls.items() if url and place.under}
    here = _here(request.path, [*filter(None, urls.values()), *under])
    here = under.get(here, here)
    return [
        Item(place, url, url == here) for place, url in urls.items() if url and scope.entities(place.action)
    ]


def in_the_field(request: HttpRequest) -> bool:
    """Whether the person answers questions rather than manages disputes: a salesperson, expert or partner."""
    roles = frozenset().union(*policy.scope(request.user).roles.values())
    return bool(roles) and roles <= {Role.SALES, Role.EXPERT, Role.PARTNER}


def tabs(request: HttpRequest, rail: list[Item]) -> list[Item]:
    """The four tabs of the phone."""
    known = {item.place.name: item for item in rail}
    url = _url(ME.name)
    known[ME.name] = Item(ME, url, bool(_here(request.path, [url])))
    names = FIELD_TABS if in_the_field(request) else OFFICE_TABS
    chosen = [known[name] for name in names if name in known]
    spare = [item for name, item in known.items() if name not in names]
    return (chosen + spare)[:4]


def on_a_phone(request: HttpRequest) -> bool:
    """Whether a phone asks: its browser says so, or its name does. A tablet and a desktop are no phones."""
    hint = request.headers.get("Sec-CH-UA-Mobile", "")
    return hint == "?1" if hint else "Mobi" in request.headers.get("User-Agent", "")


def landing(request: HttpRequest) -> str:
    """Where the start page leads: questions, dashboard or disputes, by role; own settings for who has no role.

    A salesperson's phone goes to the cards that need no network.
    """
    roles = frozenset().union(*policy.scope(request.user).roles.values())
    if in_the_field(request) and Role.SALES in roles and on_a_phone(request) and _url("chat:phone"):
        return _url("chat:phone")
    if in_the_field(request):
        wish = "disputes:questions"
    elif roles and roles <= {Role.FINANCE}:
        wish = "reporting:dashboard"
    else:
        wish = "disputes:list"
    urls = {item.place.name: item.url for item in places(request)}
    return urls.get(wish) or next(iter(urls.values()), reverse("accounts:me"))


def shell(request: HttpRequest) -> dict[str, object]:
    """Context processor: `nav`, `tabs`, `theme`, `density`, `shortcuts`; before signing in also `demo_people`.

    `books_alarm` is the number of differences that the last check of the books found, for administrators.
    """
    user = request.user
    if not user.is_authenticated:
        return OUTSIDE
    rail = places(request)
    return {
        "nav": rail,
        "tabs": tabs(request, rail),
        "theme": user.theme,
        "density": user.density,
        "shortcuts": user.shortcuts_on,
        "books_alarm": checking.alarm_for(user),
    }
