"""The running application's manners: headers, hashed files, bounded uploads, errors as pages and as problems."""

import http.client
import json
import re
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client

from tests.live import Live


class Answer:
    """Status, headers and body of one answer."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.text = response.read().decode()


def ask(
    live: Live, path: str, method: str = "GET", body: "bytes | Iterator[bytes] | None" = None, **headers: str
) -> Answer:
    link = http.client.HTTPConnection(urlsplit(live.url).netloc, timeout=60)
    try:
        words = {name.replace("_", "-"): value for name, value in headers.items()}
        link.request(
            method, path, body=body, headers=words, encode_chunked=not isinstance(body, bytes | None)
        )
        return Answer(link.getresponse())
    finally:
        link.close()


def sessions() -> int:
    """How many connections the test database has seen."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT sessions FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def test_requests_share_their_connections_to_the_database(live: Live, transactional_db: None) -> None:
    ask(live, "/health/ready")
    before = sessions()
    for _ in range(30):
        assert ask(live, "/health/ready").status == 200
    time.sleep(1.5)  # a server process tells its figures a second after it was last busy
    assert sessions() - before < 10


def test_every_page_comes_with_the_strict_policy(live: Live) -> None:
    page = ask(live, "/accounts/login/")
    assert page.status == 200
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "same-origin"
    assert "server" not in page.headers


def test_static_files_are_named_by_their_content_and_kept_for_ever(live: Live) -> None:
    page = ask(live, "/accounts/login/")
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
    assert any(name.endswith(".js") for name in files)
    for name in files:
        file = ask(live, name)
        assert file.status == 200, name
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", name), name
        assert "immutable" in file.headers["cache-control"], name


def test_modules_import_hashed_modules_all_the_way_down(live: Live) -> None:
    page = ask(live, "/accounts/login/")
    waiting: list[str] = re.findall(r'src="(/static/js/[^"]+)"', page.text)
    assert waiting
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        file = ask(live, name)
        assert file.status == 200, name
        seen.add(name)
        found = re.findall(r"""(?:from|import)\s*["'](\.[^"']+)["']""", file.text)
        for other in found:
            assert re.search(r"\.[0-9a-f]{12}\.js$", other), f"{name} imports {other}"
            waiting += [path] if (path := "/static/js/" + other.removeprefix("./")) not in seen else []
    assert len(seen) > 3


def test_the_htmx_we_serve_is_version_2() -> None:
    path = finders.find("django_htmx/htmx-2.min.js")
    assert path
    with open(path) as file:
        assert re.search(r'version:"2\.\d+', file.read())


def test_an_oversized_upload_gets_a_sentence_and_is_not_kept(live: Live) -> None:
    size = settings.MAX_UPLOAD_BYTES + 1
    chunk = b"x" * (1024 * 1024)

    def body() -> Iterator[bytes]:
        yield from (chunk for _ in range(size // len(chunk) + 1))

    chunked = ask(live, "/accounts/login/", "POST", body(), Content_Type="application/octet-stream")
    assert chunked.status == 413
    assert f"{settings.MAX_UPLOAD_BYTES // 1024**2} MB" in chunked.text
    assert ask(live, "/health/live").status == 200


def test_an_oversized_upload_to_the_api_gets_a_problem(live: Live) -> None:
    link = http.client.HTTPConnection(urlsplit(live.url).netloc, timeout=60)
    link.putrequest("POST", "/api/v1/imports/")
    link.putheader("Content-Length", str(200 * 1024**2))
    link.endheaders()
    for _ in range(200):
        link.send(b"x" * 1024**2)
    answer = Answer(link.getresponse())
    link.close()
    assert answer.status == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.text)["status"] == 413


def test_a_missing_page_is_a_page_and_a_missing_resource_a_problem(client: Client, db: None) -> None:
    page = client.get("/nothing/here/")
    assert page.status_code == 404
    assert "<h1>" in page.content.decode()
    problem = client.get("/api/v1/nothing/")
    assert problem.status_code == 404
    assert problem.headers["content-type"] == "application/problem+json"


def test_a_form_from_elsewhere_is_refused_with_a_page(db: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/accounts/login/", {"login": "a@b.example", "password": "x"})
    assert answer.status_code == 403
    assert "<h1>" in answer.content.decode()


def test_nobody_can_sign_up(client: Client, db: None) -> None:
    page = client.post(
        "/accounts/signup/", {"email": "a@b.example", "password1": "pw-long-1", "password2": "pw-long-1"}
    )
    assert page.status_code in {200, 403}
    assert not page.has_header("Location")
    assert "sessionid" not in page.cookies


@pytest.mark.parametrize("path", ["/api/schema/", "/api/docs/"])
def test_the_api_describes_itself_under_the_same_policy(client: Client, db: None, path: str) -> None:
    answer = client.get(path, {"script": ""} if path.endswith("docs/") else {})
    assert answer.status_code == 200
    page = client.get(path).content.decode()
    assert "<style" not in page
    assert not re.search(r"<script(?![^>]*src=)", page)
