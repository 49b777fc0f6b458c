"""Whatever a person can reach by clicking, from the start page on: it opens, and it keeps the house's rules."""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urldefrag, urljoin, urlsplit

import pytest
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import User
from tests.browser.company import Company, make_company


class Reader(HTMLParser):
    """Collects what the rules are about."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: Counter[str] = Counter()
        self.tags: Counter[str] = Counter()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One element."""
        known = dict(attrs)
        self.tags[tag] += 1
        if known.get("id"):
            self.ids[str(known["id"])] += 1
        if tag == "a" and known.get("href"):
            self.links.append(str(known["href"]))
        if tag == "style" or "style" in known or (tag == "script" and "src" not in known):
            self.faults.append(f"inline {tag}")
        self.faults += [f"{name} on {tag}" for name in known if re.match(r"on[a-z]|hx-on", name)]
        if tag in ("input", "textarea", "select") and not known.get("name") and "type" not in known:
            self.faults.append(f"{tag} without a name")
        if (
            tag == "form"
            and str(known.get("method", "get")).lower() == "post"
            and not known.get("action", "x")
        ):
            self.faults.append("form with an empty action")


@pytest.fixture
def company(
    db: None, tmp_path: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> Company:
    """A company in the middle of its day, with what the listeners make of it."""
    with django_capture_on_commit_callbacks(execute=True):
        return make_company(tmp_path)


def is_page(url: str) -> bool:
    """Pages of ours that are read, not files and not the door out."""
    return url.startswith("/") and not re.search(
        r"^/(static|api|accounts/logout)|/(body|raw)/$|\.(csv|xlsx|pdf|json)|format=", url
    )


def kind(url: str) -> str:
    """What pages of one kind have in common: their path without numbers, and which parameters they take."""
    parts = urlsplit(url)
    return re.sub(r"\d+", "N", parts.path) + "?" + "&".join(sorted(parse_qs(parts.query)))


def crawl(user: User, start: str) -> dict[str, Reader]:
    """What is behind the links: one page of each kind. A page that fails is a test that fails."""
    client = Client()
    client.force_login(user)
    seen: dict[str, Reader] = {}
    kinds: set[str] = set()
    waiting = [start]
    while waiting:
        url = waiting.pop(0)
        if kind(url) in kinds:
            continue
        kinds.add(kind(url))
        answer = client.get(url, follow=True)
        assert answer.status_code == 200, f"{url} answers {answer.status_code}"
        if not answer["Content-Type"].startswith("text/html"):
            continue
        seen[url] = Reader()
        seen[url].feed(answer.content.decode())
        found = (urldefrag(urljoin(url, link)).url for link in seen[url].links)
        waiting += [link for link in found if is_page(link)]
    return seen


def faults_of(page: Reader) -> list[str]:
    """What is wrong with a page."""
    faults = [f"id {name} {times} times" for name, times in page.ids.items() if times > 1]
    faults += [f"leads to {link}" for link in page.links if re.match(r"(https?:)?//", link)]
    if page.tags["h1"] != 1 or page.tags["main"] != 1:
        faults.append(f"{page.tags['h1']} h1, {page.tags['main']} main")
    return page.faults + faults


def test_every_page_within_reach_opens_and_keeps_the_rules(company: Company) -> None:
    broken: dict[str, list[str]] = {}
    for who in ("alice", "sam", "fin", "eva", "adam"):
        pages = crawl(getattr(company.cast, who), "/")
        assert len(pages) >= 8
        broken |= {f"{who}: {url}": faults for url, page in pages.items() if (faults := faults_of(page))}
    assert broken == {}
