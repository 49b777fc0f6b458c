"""Drives the service worker of a page: pushes, taps on notifications, background sync."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, Page, Worker, expect

from tests.live import Live

CLICK = """async ({tag, action, reply}) => {
  const shown = await self.registration.getNotifications({tag});
  const event = new NotificationEvent("notificationclick", {notification: shown[0], action, reply});
  self.dispatchEvent(event);
}"""
SHOWN = """async (tag) => (await self.registration.getNotifications({tag})).map((one) => ({
  title: one.title, body: one.body, tag: one.tag, actions: one.actions, data: one.data}))"""


@dataclass
class Driver:
    """The worker of one context."""

    context: BrowserContext
    page: Page
    url: str
    registration: str = ""
    pushed: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cdp = self.context.new_cdp_session(self.page)
        self.cdp.on("ServiceWorker.workerRegistrationUpdated", self._registered)
        self.cdp.send("ServiceWorker.enable")
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        self.page.wait_for_function("navigator.serviceWorker.controller !== null")
        for _ in range(100):
            if self.registration and self.context.service_workers:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError("no worker came up")

    def _registered(self, event: dict[str, Any]) -> None:
        for one in event["registrations"]:
            if not one["isDeleted"]:
                self.registration = one["registrationId"]

    @property
    def worker(self) -> Worker:
        """The running worker."""
        return self.context.service_workers[0]

    def push(self, payload: dict[str, Any]) -> None:
        """What the push service would deliver."""
        self.pushed = payload
        data = {"origin": self.url, "registrationId": self.registration, "data": json.dumps(payload)}
        self.cdp.send("ServiceWorker.deliverPushMessage", data)

    def sync(self) -> None:
        """The network is back, says the browser."""
        facts = {"origin": self.url, "registrationId": self.registration, "tag": "outbox"}
        self.cdp.send("ServiceWorker.dispatchSyncEvent", facts | {"lastChance": False})

    def shown(self, tag: str) -> list[dict[str, Any]]:
        """The notifications with that tag."""
        return list(self.worker.evaluate(SHOWN, tag))

    def wait_shown(self, tag: str, words: str) -> dict[str, Any]:
        """The one notification with that tag, once it says so."""
        said: list[str] = []
        for tried in range(150):
            # DevTools drops a message now and then; a push service repeats what was not taken.
            if tried == 50 and not said and self.pushed.get("tag") == tag:
                self.push(self.pushed)
            notes = self.shown(tag)
            said = [f"{one['title']} {one['body']}" for one in notes]
            if len(notes) == 1 and words in said[0]:
                return notes[0]
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{words!r} is not shown, but {said}; pushed last: {self.pushed}")

    def wait_gone(self, tag: str) -> None:
        """No notification has that tag any more."""
        for _ in range(150):
            if not self.shown(tag):
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{tag} is still shown")

    def tap(self, tag: str, action: str = "", reply: str | None = None) -> None:
        """The person taps the notification, one of its buttons, or replies."""
        self.worker.evaluate(CLICK, {"tag": tag, "action": action, "reply": reply})


def drive(page: Page, live: Live) -> Driver:
    """The driver of the page's worker."""
    return Driver(page.context, page, live.url)


def outbox(page: Page) -> list[dict[str, Any]]:
    """What waits in the outbox, read by the page itself."""
    return list(
        page.evaluate(
            """() => new Promise((done, no) => {
              const asked = indexedDB.open("zanjar-phone");
              asked.onerror = () => no(asked.error);
              asked.onsuccess = () => {
                const got = asked.result.transaction("outbox").objectStore("outbox").getAll();
                got.onsuccess = () => { asked.result.close(); done(got.result); };
              };
            })"""
        )
    )


def wait_sent(page: Page) -> None:
    """Nothing waits in the outbox any more: the server knows an answer a moment before the phone knows that."""
    for _ in range(150):
        if not outbox(page):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"still waiting: {outbox(page)}")


def cards(page: Page) -> Any:
    """The cards on the page."""
    expect(page.locator("#cards")).to_have_attribute("aria-busy", "false")
    return page.locator("#cards .qcard")


def first_answer(page: Page) -> Any:
    """The first quick answer of the inbox; the pop-up that is hidden here has the same ones."""
    return cards(page).locator(".quick .chip").first
