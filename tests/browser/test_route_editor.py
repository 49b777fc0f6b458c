"""A route is changed in a real Chromium: drawn, checked, simulated, put into force, while an old dispute goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from disputes import services
from disputes.models import Dispute, Route
from tests.browser.stage import NARROW, quiet, window
from tests.disputes.conftest import open_one
from tests.factories import Cast, make_cast, make_invoice
from tests.live import Live

pytestmark = pytest.mark.browser


@pytest.fixture
def people(transactional_db: None) -> Cast:
    cast = make_cast()
    services.catalogue.install(cast.entity)
    return cast


@pytest.fixture
def route(people: Cast) -> Route:
    return Route.objects.get(entity=people.entity, code="price")


@pytest.fixture
def old(people: Cast) -> Dispute:
    """A dispute that has waited for sales for a week."""
    at = timezone.now() - timedelta(days=7)
    dispute = open_one(people, invoice=make_invoice(people.norte), at=at)
    services.make_move(dispute=dispute, move_code="ask_sales", by=people.alice, at=at + timedelta(hours=1))
    dispute.refresh_from_db()
    return dispute


def fill_stage(page: Page, name: str) -> None:
    page.get_by_role("link", name="Add a stage").click()
    expect(page.get_by_role("heading", name="New stage")).to_be_visible()
    page.get_by_label("English").fill(name)
    page.get_by_label("What it means for the dispute").select_option("in_progress")
    page.get_by_label("Who has it").select_option("coordinator")
    page.get_by_label("Deadline (optional)").fill("1")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved in the draft.")).to_be_visible()


def add_move(page: Page, name: str, leads: str) -> None:
    page.get_by_role("link", name="Add a move").click()
    expect(page.get_by_role("heading", name=": Move")).to_be_visible()
    page.get_by_label("English").fill(name)
    page.get_by_label("Where it leads").select_option(leads)
    page.get_by_label("Collector").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name=f"{name} →")).to_be_visible()


def edit(page: Page) -> None:
    """From the settings to a draft with one more stage, which at first nobody can reach."""
    page.goto("/settings/")
    page.get_by_role("link", name="Routes and question templates").click()
    page.get_by_role("link", name="Price", exact=True).click()
    page.get_by_role("button", name="Change this route").click()
    expect(page.get_by_text("Nothing is wrong with this draft")).to_be_visible()
    fill_stage(page, "Ask the lawyer")
    expect(page.get_by_text("things to mend before it can be used")).to_be_visible()
    expect(page.locator("svg .box-title", has_text="Ask the lawyer")).to_be_visible()
    page.get_by_role("link", name="No way leads to “Ask the lawyer”").click()
    expect(page.get_by_role("heading", name="Ask the lawyer", exact=True)).to_be_visible()
    add_move(page, "Back to the customer", "waiting_customer")
    page.locator("svg a", has_text="To triage").first.press("Enter")
    expect(page.get_by_role("heading", name="To triage", exact=True)).to_be_visible()
    add_move(page, "To the lawyer", "ask_the_lawyer")
    expect(page.get_by_text("Nothing is wrong with this draft")).to_be_visible()


def simulate(page: Page, old: Dispute) -> None:
    """The draft on what was: the list, and the old dispute explained."""
    page.get_by_role("link", name="Simulate").click()
    expect(page.get_by_role("heading", name="Stage by stage")).to_be_visible()
    page.get_by_role("link", name=old.ref).click()
    expect(page.get_by_role("heading", name="With this edition")).to_be_visible()


def activate(page: Page, route: Route) -> None:
    """The draft beside what is in force, then into force."""
    page.goto(f"/settings/routes/{route.pk}/draft/")
    page.get_by_role("link", name="Compare and activate").click()
    expect(page.get_by_role("cell", name="Ask the lawyer").first).to_be_visible()
    expect(page.get_by_text("keeps the edition it began with")).to_be_visible()
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_text("Edition 2 is in force")).to_be_visible()


def test_a_route_is_changed_simulated_and_put_into_force_while_an_old_dispute_finishes(
    chromium: Browser, live: Live, people: Cast, route: Route, old: Dispute
) -> None:
    page = window(chromium, live, people.alice)
    edit(page)
    simulate(page, old)
    activate(page, route)
    quiet(page)
    page.goto(f"/disputes/{old.pk}/route/")
    expect(page.locator("svg .is-here .box-title")).to_have_text("Ask sales")
    expect(page.locator("svg .box-title", has_text="Ask the lawyer")).to_have_count(0)
    now = timezone.now()
    services.close_dispute(dispute=old, verdict="partly", resolution="credit", by=people.alice, at=now)
    old.refresh_from_db()
    assert old.route_version.number == 1
    new = open_one(people, invoice=make_invoice(people.sur), at=now)
    assert new.route_version.number == 2
    page.goto(f"/disputes/{new.pk}/")
    expect(page.get_by_text("To the lawyer").first).to_be_visible()


def test_two_people_in_one_draft_lose_nothing(
    chromium: Browser, live: Live, people: Cast, route: Route
) -> None:
    alice = window(chromium, live, people.alice)
    alice.goto(f"/settings/routes/{route.pk}/")
    alice.get_by_role("button", name="Change this route").click()
    adam = window(chromium, live, people.adam, viewport=NARROW)
    for page in (alice, adam):
        page.goto(f"/settings/routes/{route.pk}/draft/stages/ask_sales/")
    adam.get_by_label("English").fill("Ask the seller")
    adam.get_by_role("button", name="Save").click()
    expect(adam.get_by_text("Saved in the draft.")).to_be_visible()
    assert adam.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0

    alice.get_by_label("Français").fill("Demander au vendeur")
    alice.get_by_role("button", name="Save").click()
    expect(alice.get_by_text("Adam changed this draft")).to_be_visible()
    expect(alice.get_by_label("Français")).to_have_value("Demander au vendeur")
    expect(alice.get_by_role("heading", name="If you save again")).to_be_visible()
    alice.get_by_role("button", name="Save").click()
    expect(alice.get_by_text("Saved in the draft.")).to_be_visible()
