"""Every screen, light and dark, by the rules of axe (WCAG 2.2 AA and best practice), and on a narrow phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page

from accounts.models import User
from collections_app.paying import links as pay_links
from disputes.services import links
from lib import clock
from tests.browser.company import LEGAL, Company, make_company
from tests.browser.figures import MAILS
from tests.browser.stage import DESKTOP, NARROW, context_for, settle, still
from tests.live import Live

# Over a hundred screens: minutes on a busy machine.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ("color-contrast", "link-in-text-block")
Where = Callable[[Company], str]
Screens = dict[str, tuple[str, Where]]


def by_link(company: Company) -> str:
    """A personal link to the question that waits for Sam."""
    secret = links.make_link(question=company.asked, person=company.cast.sam, at=clock.now())
    return reverse("disputes:by_link", args=[secret])


def pay_page(company: Company, customer: int | None = None) -> str:
    """The page a customer's letter links to."""
    token = pay_links.make(customer_id=customer or company.customer.pk, currency="EUR", on=clock.now().date())
    return reverse("collections_app:pay", args=[token])


ROOMS: dict[str, Screens] = {
    "disputes": {
        "queue": ("alice", lambda c: reverse("disputes:list") + "?view=all"),
        "queue with a dispute": (
            "alice",
            lambda c: reverse("disputes:list") + f"?view=all&open={c.dispute.pk}",
        ),
        "empty queue": ("mallory", lambda c: reverse("disputes:list")),
        "dispute": ("alice", lambda c: reverse("disputes:detail", args=[c.dispute.pk])),
        "dispute of a salesperson": ("sam", lambda c: reverse("disputes:detail", args=[c.dispute.pk])),
        "closed dispute": ("alice", lambda c: reverse("disputes:detail", args=[c.closed.pk])),
        "new dispute": ("alice", lambda c: reverse("disputes:new") + "?q=F26"),
        "ask": ("alice", lambda c: reverse("disputes:ask", args=[c.dispute.pk])),
        "hand over": ("alice", lambda c: reverse("disputes:hand_over", args=[c.dispute.pk])),
        "close": ("alice", lambda c: reverse("disputes:close", args=[c.dispute.pk])),
        "absorb": ("alice", lambda c: reverse("disputes:absorb", args=[c.dispute.pk])),
        "split": ("alice", lambda c: reverse("disputes:split", args=[c.dispute.pk])),
        "e-mails": ("alice", lambda c: reverse("disputes:mails")),
        "e-mail that came": (
            "alice",
            lambda c: reverse("disputes:mail", args=[c.mail.pk]) + "?customer=norte",
        ),
        "new mass dispute": (
            "alice",
            lambda c: (
                reverse("disputes:mass_new") + f"?dispute={c.dispute.pk}&dispute={c.approval.dispute_id}"
            ),
        ),
        "root cause": ("alice", lambda c: reverse("disputes:cause", args=[c.dispute.pk])),
        "another reason": ("alice", lambda c: reverse("disputes:classify", args=[c.dispute.pk])),
        "disputed amounts": ("alice", lambda c: reverse("disputes:lines", args=[c.dispute.pk])),
        "assign": ("alice", lambda c: reverse("disputes:assign", args=[c.dispute.pk])),
        "reopen": ("alice", lambda c: reverse("disputes:reopen", args=[c.closed.pk])),
        "files of a dispute": ("alice", lambda c: reverse("disputes:evidence", args=[c.dispute.pk])),
        "evidence pack": ("alice", lambda c: reverse("disputes:pack", args=[c.dispute.pk])),
        "answers of systems": ("alice", lambda c: reverse("disputes:answers")),
        "codes": ("alice", lambda c: reverse("disputes:codes")),
        "new code": ("alice", lambda c: reverse("disputes:code_new")),
        "nothing found": ("alice", lambda c: reverse("disputes:list") + "?view=all&q=zzzzqq"),
        "question by link": ("", by_link),
        "no such link": ("", lambda c: reverse("disputes:by_link", args=["x" * 30])),
        "mass disputes": ("alice", lambda c: reverse("disputes:mass_list")),
        "mass dispute": ("alice", lambda c: reverse("disputes:mass", args=[c.mass.pk])),
        "no mass disputes": ("mallory", lambda c: reverse("disputes:mass_list")),
        "offer": ("alice", lambda c: reverse("disputes:offer", args=[c.dispute.pk])),
        "promise": ("alice", lambda c: reverse("disputes:promise", args=[c.dispute.pk])),
        "to approve": ("adam", lambda c: reverse("disputes:approvals")),
        "dispute to approve": ("adam", lambda c: reverse("disputes:detail", args=[c.approval.dispute_id])),
        "nothing to approve": ("mallory", lambda c: reverse("disputes:approvals")),
        "my promises": ("alice", lambda c: reverse("disputes:my_promises")),
        "asked of billing": ("alice", lambda c: reverse("disputes:credit_requests")),
        "limits and rules": ("adam", lambda c: reverse("disputes:approval_rules")),
        "snooze": ("alice", lambda c: reverse("disputes:snooze", args=[c.dispute.pk])),
        "merge": ("alice", lambda c: reverse("disputes:merge", args=[c.dispute.pk])),
        "queue with every filter": (
            "alice",
            lambda c: reverse("disputes:list") + "?view=all&reason=price&minimum=1&status=in_progress",
        ),
        "queue by priority": (
            "alice",
            lambda c: reverse("disputes:list") + "?view=all&sort=priority&priority=25",
        ),
        "views": ("alice", lambda c: reverse("disputes:views")),
        "save a view": ("alice", lambda c: reverse("disputes:view_new") + "?filters=view%3Dall"),
        "macros": ("alice", lambda c: reverse("disputes:macros")),
        "macro": ("alice", lambda c: reverse("disputes:macro_new")),
        "questions": ("sam", lambda c: reverse("disputes:questions")),
        "pass a question on": ("sam", lambda c: reverse("disputes:forward", args=[c.asked.pk])),
        "questions at hand": ("alice", lambda c: reverse("disputes:ask_templates")),
        "question at hand": (
            "alice",
            lambda c: reverse("disputes:ask_template_new") + f"?reason={c.dispute.reason_id}",
        ),
        "no questions": ("mallory", lambda c: reverse("disputes:questions")),
    },
    "talk": {
        "conversations": ("alice", lambda c: reverse("chat:rooms")),
        "no conversations": ("mallory", lambda c: reverse("chat:rooms")),
        "search of conversations": ("alice", lambda c: reverse("chat:search") + "?q=a"),
        "channels": ("alice", lambda c: reverse("chat:channels")),
        "what the others see of one": ("alice", lambda c: reverse("chat:discretion")),
        "about a message": ("alice", lambda c: reverse("chat:message", args=[c.talk.pk, c.shown.told.seq])),
        "who takes part": ("alice", lambda c: reverse("chat:people", args=[c.talk.pk])),
        "share a message": ("alice", lambda c: reverse("chat:share", args=[c.talk.pk, c.shown.told.seq])),
        "take a message back": ("alice", lambda c: reverse("chat:take_back", args=[c.talk.pk, c.shown.seq])),
        "conversation with guests": ("alice", lambda c: reverse("chat:room", args=[c.talk.pk])),
        "conversation": ("sam", lambda c: reverse("chat:room_for_dispute", args=[c.dispute.pk])),
        "inbox of the phone": ("sam", lambda c: reverse("chat:phone")),
        "empty inbox of the phone": ("mallory", lambda c: reverse("chat:phone")),
        "devices": ("adam", lambda c: reverse("chat:devices")),
    },
    "figures": {
        "dashboard": ("fin", lambda c: reverse("reporting:dashboard")),
        "targets and costs": ("fin", lambda c: reverse("reporting:targets")),
        **MAILS,
        "points and goals": ("alice", lambda c: reverse("reporting:scores")),
        "dashboard of nothing": ("mallory", lambda c: reverse("reporting:dashboard")),
    },
    "interest": {
        **LEGAL,
        "who owes interest": ("alice", lambda c: reverse("collections_app:interest")),
        "interest of a customer": (
            "alice",
            lambda c: reverse("collections_app:interest_customer", args=[c.customer.pk]),
        ),
        "interest of an invoice": ("fin", lambda c: f"/interest/invoices/{c.invoice.pk}/"),
        "debit notes": ("alice", lambda c: reverse("collections_app:debit_notes")),
        "debit note": ("alice", lambda c: reverse("collections_app:debit_note", args=[c.debit.pk])),
        "waivers": ("alice", lambda c: reverse("collections_app:waivers")),
        "interest rates": ("alice", lambda c: reverse("collections_app:interest_rates")),
        "terms of interest": ("alice", lambda c: reverse("collections_app:interest_settings")),
        "no interest": ("mallory", lambda c: reverse("collections_app:interest")),
    },
    "papers": {
        "customers": ("alice", lambda c: reverse("ledger:customers")),
        "customer": ("alice", lambda c: reverse("ledger:customer", args=[c.customer.pk])),
        "contacts": ("alice", lambda c: reverse("ledger:customer", args=[c.customer.pk]) + "?tab=contacts"),
        "payments": ("alice", lambda c: reverse("ledger:customer", args=[c.customer.pk]) + "?tab=payments"),
        "invoices": ("alice", lambda c: reverse("ledger:invoices") + "?state=all"),
        "invoice": ("alice", lambda c: reverse("ledger:invoice", args=[c.invoice.pk])),
        "payments in": ("alice", lambda c: reverse("ledger:cash")),
        "limits of payments": ("alice", lambda c: reverse("ledger:cash_limits")),
        "bank statements": ("alice", lambda c: reverse("ledger:statements")),
        "imports": ("alice", lambda c: reverse("ledger:imports")),
        "import": ("alice", lambda c: reverse("ledger:import", args=[c.batch.pk])),
        "rejected rows": ("alice", lambda c: reverse("ledger:import_rejects", args=[c.batch.pk])),
        "reminders": ("alice", lambda c: reverse("collections_app:notices")),
        "reminder": ("alice", lambda c: reverse("collections_app:notice", args=[c.notice.pk])),
        "promises": ("alice", lambda c: reverse("collections_app:promises")),
        "promises of a customer": (
            "alice",
            lambda c: reverse("collections_app:customer_promises", args=[c.customer.pk]),
        ),
        "instalments to lay out": (
            "alice",
            lambda c: reverse("collections_app:instalments_new", args=[c.customer.pk]),
        ),
        "timeline": ("alice", lambda c: reverse("ledger:customer", args=[c.customer.pk]) + "?tab=timeline"),
        "notes": ("alice", lambda c: reverse("ledger:customer", args=[c.customer.pk]) + "?tab=notes"),
        "calls of a customer": (
            "alice",
            lambda c: reverse("ledger:customer", args=[c.customer.pk]) + "?tab=calls",
        ),
        "worklist": ("alice", lambda c: reverse("collections_app:worklist") + "?whose=all"),
        "nobody to call": ("mallory", lambda c: reverse("collections_app:worklist")),
        "call": ("alice", lambda c: reverse("collections_app:call", args=[c.customer.pk])),
        "letters": ("alice", lambda c: reverse("mailroom:letters")),
        "letter": ("alice", lambda c: reverse("mailroom:letter", args=[c.letter.pk])),
        "print batches": ("alice", lambda c: reverse("mailroom:batches")),
        "print batch": ("alice", lambda c: reverse("mailroom:batch", args=[c.printed.pk])),
        "texts of letters": ("alice", lambda c: reverse("mailroom:texts")),
        "paper of the company": ("alice", lambda c: reverse("mailroom:letterhead")),
        "payments on a page": ("alice", lambda c: reverse("collections_app:paying")),
        "addresses to correct": ("alice", lambda c: reverse("collections_app:addresses")),
        "pay": ("", pay_page),
        "pay with nothing to pay": ("", lambda c: pay_page(c, c.cast.foreign.pk)),
        "pay in the sandbox": ("", lambda c: reverse("collections_app:pay_sandbox", args=[c.order.key])),
        "e-mails received": ("alice", lambda c: reverse("mailroom:mails_in")),
        "e-mail received": ("alice", lambda c: reverse("mailroom:mail_in", args=[c.mail.inbound_id])),
    },
    "collecting": {
        "plans": ("alice", lambda c: reverse("collections_app:plans")),
        "plan with a draft": ("alice", lambda c: reverse("collections_app:plan", args=[c.plan.pk])),
        "plan to change": ("alice", lambda c: reverse("collections_app:plan_edit", args=[c.plan.pk])),
        "month ahead": ("alice", lambda c: reverse("collections_app:ahead")),
        "nothing to release": ("alice", lambda c: reverse("collections_app:release")),
    },
    "company settings": {
        "company settings": ("alice", lambda c: reverse("disputes:settings")),
        "promise rules": ("alice", lambda c: reverse("collections_app:promise_rules")),
        "reasons": ("alice", lambda c: reverse("disputes:reasons")),
        "reason": ("alice", lambda c: reverse("disputes:reason", args=[c.dispute.reason_id])),
        "weights": ("alice", lambda c: reverse("disputes:priority_weights")),
        "rules": ("alice", lambda c: reverse("disputes:rules")),
        "new rule": ("alice", lambda c: reverse("disputes:rule_new")),
        "routes": ("alice", lambda c: reverse("disputes:routes")),
        "new route": ("alice", lambda c: reverse("disputes:route_new")),
        "route": ("alice", lambda c: reverse("disputes:route", args=[c.drafted.pk])),
        "edition": ("alice", lambda c: reverse("disputes:route_version", args=[c.drafted.pk, 1])),
        "draft": ("alice", lambda c: reverse("disputes:route_draft", args=[c.drafted.pk])),
        "stage": ("alice", lambda c: reverse("disputes:route_stage", args=[c.drafted.pk, "ask_sales"])),
        "new branch": (
            "alice",
            lambda c: reverse("disputes:route_part_new", args=[c.drafted.pk, "ask_sales", "branches"]),
        ),
        "activate": ("alice", lambda c: reverse("disputes:route_activate", args=[c.drafted.pk, 2])),
        "simulation": ("alice", lambda c: reverse("disputes:route_simulate", args=[c.drafted.pk])),
        "take over": ("alice", lambda c: reverse("disputes:route_migrate", args=[c.drafted.pk, 1])),
        "route of a dispute": ("sam", lambda c: reverse("disputes:dispute_route", args=[c.dispute.pk])),
    },
    "house": {
        "settings": ("sam", lambda c: reverse("accounts:me")),
        "working hours": ("alice", lambda c: reverse("accounts:calendars")),
        "calendar": (
            "alice",
            lambda c: reverse("accounts:calendar", args=[c.cast.entity.calendars.get().pk]),
        ),
        "new calendar": ("alice", lambda c: reverse("accounts:calendar_new")),
        "absences": ("alice", lambda c: reverse("accounts:absences")),
        "notifications": ("alice", lambda c: reverse("chat:reach")),
        "notifications for everybody": ("alice", lambda c: reverse("chat:reach_house")),
        "what one was told": ("alice", lambda c: reverse("chat:reach_told")),
        "change password": ("sam", lambda c: reverse("account_change_password")),
        "not found": ("sam", lambda c: "/no/such/page/"),
        "sign in": ("", lambda c: "/accounts/login/"),
        "forgotten password": ("", lambda c: "/accounts/password/reset/"),
        "look into your mail": ("", lambda c: "/accounts/password/reset/done/"),
        "by invitation": ("", lambda c: "/accounts/signup/"),
    },
}

# Screens that look different on a phone: the bars, the sheets, the cards.
BY_THUMB = {
    "payments in",
    "plan to change",
    "month ahead",
    "queue",
    "dispute",
    "questions",
    "question by link",
    "new dispute",
    "ask",
    "weights",
    "conversation",
    "invoices",
    "dashboard",
    "settings",
}


@pytest.fixture
def company(live: Live, transactional_db: None, tmp_path: Path) -> Company:
    """A company whose rows the application sees."""
    return make_company(tmp_path)


@pytest.fixture
def windows(chromium: Browser, live: Live, company: Company) -> Iterator[Callable[..., Page]]:
    """A page for a person, a size and a theme; the same one each time."""
    kept: dict[tuple[Any, ...], BrowserContext] = {}

    def page(who: str, size: dict[str, int], theme: str) -> Page:
        key = (who, size["width"], theme)
        if key not in kept:
            user: User | None = getattr(company.cast, who) if who else None
            kept[key] = context_for(chromium, live, user, viewport=size, color_scheme=theme)
            kept[key].new_page()
        return kept[key].pages[0]

    yield page
    for context in kept.values():
        context.close()


def every_screen() -> Iterator[tuple[str, tuple[str, Where]]]:
    """The screens of all rooms."""
    for screens in ROOMS.values():
        yield from screens.items()


def violations(page: Page, *rules: str) -> list[str]:
    """What axe objects to, one line for each element; of all rules or of these."""
    only = {"type": "rule", "values": [*rules]} if rules else {"type": "tag", "values": TAGS}
    found = Axe().run(page, options={"runOnly": only}).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {' '.join(map(str, node['target']))}: {node['html'][:160]}"
        for rule in found
        for node in rule["nodes"]
    ]


def sideways(page: Page) -> list[str]:
    """What sticks out of a page that is wider than its window; nothing when it is not."""
    return page.evaluate(  # type: ignore[no-any-return]
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
        [...document.querySelectorAll("body *")]
            .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
            .map((one) => one.outerHTML.slice(0, 120)).slice(0, 5)
            .concat(`page: ${document.documentElement.scrollWidth}`)"""
    )


def test_no_screen_breaks_a_rule(windows: Callable[..., Page], company: Company) -> None:
    """Of the rules only those about colours depend on the theme: they are asked again in the dark."""
    found: dict[str, list[str]] = {}
    for screen, (who, where) in every_screen():
        page = windows(who, DESKTOP, "light")
        settle(page, where(company))
        found[screen] = violations(page)
        page.emulate_media(color_scheme="dark")
        still(page)
        found[screen] += violations(page, *COLOURS)
        page.emulate_media(color_scheme="light")
    assert {screen: lines for screen, lines in found.items() if lines} == {}


def test_a_narrow_phone_needs_no_sideways_scrolling_and_breaks_no_rule(
    windows: Callable[..., Page], company: Company
) -> None:
    """Alice reads French here: its words are the longest."""
    alice = User.objects.filter(pk=company.cast.alice.pk)
    spoken = company.cast.alice.language
    alice.update(language="fr")
    found: dict[str, list[str]] = {}
    for screen, (who, where) in every_screen():
        page = windows(who, NARROW, "light")
        settle(page, where(company))
        found[screen] = sideways(page) + (violations(page) if screen in BY_THUMB else [])
        assert who != "alice" or page.locator("html").get_attribute("lang") == "fr"
    alice.update(language=spoken)
    assert {screen: lines for screen, lines in found.items() if lines} == {}


def test_dialogs_and_pop_ups_break_no_rule(windows: Callable[..., Page], company: Company) -> None:
    page = windows("sam", DESKTOP, "light")
    settle(page, reverse("accounts:me"))
    page.locator("#popups .popup").first.wait_for()
    assert violations(page) == []
    page.keyboard.press("?")
    page.locator("#keys-dialog").wait_for()
    still(page)
    assert violations(page) == []


def test_axe_would_say_so(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content('<html lang="en"><title>x</title><main><h1>x</h1><img src="x.png"></main></html>')
    assert any(line.startswith("image-alt") for line in violations(page))
    page.set_content(
        '<html lang="en"><title>x</title><p style="color: #888; background: #999">Some words</p></html>'
    )
    assert [line.split()[0] for line in violations(page, *COLOURS)] == ["color-contrast"]
    page.close()
