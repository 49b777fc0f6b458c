"""The pages of letters, the mail in files, and the texts."""

from pathlib import Path

import pytest
from django.core.mail import send_mail
from django.test import Client

from accounts.models import User
from mailroom import rendering, services
from mailroom.catalogue import kinds, shipped
from mailroom.errors import BadTemplate
from mailroom.models import Letter, Template
from mailroom.rendering import Table
from mailroom.services import Rendered
from mailroom.services.outbox import Draft
from tests.factories import AT, Cast
from tests.mailroom.conftest import queue

EVIL = "<p>Hola</p><script>document.title='owned';parent.postMessage('owned','*')</script>"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def sent(cast: Cast, key: str = "test:1", html: str = EVIL) -> Letter:
    """A letter that was written to a file."""
    words = Rendered("es", "Recordatorio", "Hola\n", html)
    draft = Draft(cast.entity, key, "test", "ana@norte.example", "Ana", words)
    return services.deliver(letter_id=services.queue_letter(draft=draft, at=AT).pk, at=AT)


def test_letters_are_listed_by_state_with_the_sentence_of_the_trouble(cast: Cast, files: Path) -> None:
    sent(cast)
    queue(cast, "test:2", to="nobody")
    client = signed_in(cast.alice)
    assert "Recordatorio" in client.get("/letters/").content.decode()
    failed = client.get("/letters/?status=failed").content.decode()
    assert "no usable e-mail address" in failed
    assert "Recordatorio" in failed


def test_a_failed_letter_goes_out_again_when_a_manager_says_so(cast: Cast, files: Path) -> None:
    letter = sent(cast)
    other = queue(cast, "test:2", to="nobody")
    services.try_again(letter=letter, at=AT)
    services.try_again(letter=other, at=AT)
    letter.refresh_from_db()
    other.refresh_from_db()
    assert (letter.status, other.status) == ("sent", "queued")
    assert signed_in(cast.carl).post(f"/letters/{other.pk}/again/").status_code == 403


@pytest.mark.parametrize("who", ["mallory", "sam", "eva"])
@pytest.mark.parametrize("path", ["/letters/{}/", "/letters/{}/body/", "/api/v1/letters/{}/"])
def test_a_stranger_finds_no_letter(cast: Cast, files: Path, who: str, path: str) -> None:
    letter = sent(cast)
    assert signed_in(getattr(cast, who)).get(path.format(letter.pk)).status_code == 404
    assert Client().get(path.format(letter.pk)).status_code in (302, 401, 403)


def test_the_mail_in_files_is_shown_to_its_entity_and_other_mail_to_administrators(
    cast: Cast, files: Path
) -> None:
    sent(cast)
    send_mail("Reset your password", "secret link", None, ["x@y.example"])
    (files / "20260316-reset.log").write_bytes(
        b"Subject: Reset\nFrom: a@b.example\nTo: c@d.example\n\nlink\n"
    )
    alice = signed_in(cast.alice).get("/dev/mail/").content.decode()
    assert "Recordatorio" in alice
    assert "Reset" not in alice
    assert signed_in(cast.alice).get("/dev/mail/20260316-reset.log/").status_code == 404
    assert "Reset" in signed_in(cast.adam).get("/dev/mail/").content.decode()
    mallory = signed_in(cast.mallory)
    assert "Recordatorio" not in mallory.get("/dev/mail/").content.decode()
    assert mallory.get("/dev/mail/test_1.eml/").status_code == 404
    assert signed_in(cast.sam).get("/dev/mail/").status_code == 404


@pytest.mark.parametrize("name", ["..", "...eml", "nothing.eml", "%2e%2e%2fsecrets%2fsecret_key"])
def test_no_other_file_is_ever_shown(cast: Cast, files: Path, name: str) -> None:
    sent(cast)
    (files.parent / "outside.eml").write_text("Subject: outside\n\nx")
    (files / "link.eml").symlink_to(files.parent / "outside.eml")
    client = signed_in(cast.adam)
    assert client.get(f"/dev/mail/{name}/").status_code == 404
    assert client.get("/dev/mail/link.eml/").status_code == 404


def test_with_a_mail_server_there_is_no_page_of_files(cast: Cast, files: Path, settings: object) -> None:
    settings.EMAIL_URL = "smtp://127.0.0.1:25"  # type: ignore[attr-defined]
    assert signed_in(cast.alice).get("/dev/mail/").status_code == 404


@pytest.mark.parametrize("path", ["/letters/{}/body/", "/dev/mail/test_1.eml/body/"])
def test_the_html_of_a_letter_stands_in_a_frame_that_may_run_nothing(
    cast: Cast, files: Path, path: str
) -> None:
    letter = sent(cast)
    body = signed_in(cast.alice).get(path.format(letter.pk))
    policy = body["Content-Security-Policy"]
    assert policy.startswith("sandbox;")
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "Hola" in body.content.decode()


# --- texts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", kinds())
@pytest.mark.parametrize("language", ["es", "fr", "en"])
def test_every_shipped_text_exists_in_every_language_and_asks_only_for_what_is_filled(
    kind: str, language: str
) -> None:
    text = shipped()[kind, language]
    rendering.check(text.subject, text.values)
    rendering.check(text.body, text.values)
    assert len(text.body) > 200


def test_a_section_needs_its_end_and_an_unknown_name_is_refused() -> None:
    for source in ("{{#a}}x", "x{{/a}}", "{{ a.b }}", "{{ a", "{{ a|b }}", "{% now %} {{ __class__ }}"):
        with pytest.raises(BadTemplate):
            rendering.check(source, {"a"})
    with pytest.raises(BadTemplate, match="nobody"):
        rendering.check("{{ nobody }}", {"a"})
    with pytest.raises(BadTemplate):
        rendering.blocks("{{ missing }}", {})


def test_values_are_escaped_in_html_and_are_never_read_as_a_template() -> None:
    values = {"name": "<script>{{ secret }}</script>", "secret": "s3cret"}
    parts = rendering.blocks("Hola {{ name }}", values)
    assert rendering.as_html(parts) == (
        '<p style="margin:0 0 16px">Hola &lt;script&gt;{{ secret }}&lt;/script&gt;</p>'
    )
    assert "s3cret" not in rendering.as_text(parts)


def test_a_subject_is_one_line_whatever_its_values() -> None:
    assert rendering.one_line("{{ a }}", {"a": "Hola\r\nBcc: x@y.example"}) == "Hola Bcc: x@y.example"


def test_tables_are_aligned_in_text_and_empty_ones_leave_no_hole() -> None:
    table = Table(
        ("Invoice", "To pay"), (("F-1", "1.00"), ("F-22", "10.00")), frozenset({1}), ("Total", "11.00")
    )
    text = rendering.as_text(
        rendering.blocks("A\n\n{{> t}}\n\n{{> u}}\n\nB", {"t": table, "u": Table((), ())})
    )
    assert text.splitlines()[2] == "Invoice  To pay"
    assert text.splitlines()[4] == "F-1        1.00"
    assert "\n\n\n" not in text


def test_an_entitys_own_text_wins_over_the_house_and_the_shipped_one_and_can_be_reset(cast: Cast) -> None:
    facts = {"kind": "dunning.firm", "language": "es"}
    Template.objects.create(entity=None, subject="House", body="x", changed_at=AT, **facts)
    assert services.text_for(entity=cast.entity, **facts).subject == "House"
    services.save_template(
        entity=cast.entity, subject="Ours", body="{{ total }}", by=cast.alice, at=AT, **facts
    )
    assert services.text_for(entity=cast.entity, **facts).subject == "Ours"
    assert services.text_for(entity=cast.other, **facts).subject == "House"
    services.reset_template(entity=cast.entity, **facts)
    assert services.text_for(entity=cast.entity, **facts).subject == "House"


def test_the_api_saves_previews_and_refuses_texts(cast: Cast) -> None:
    client = signed_in(cast.alice)
    data = {
        "entity": "ACM",
        "kind": "dunning.firm",
        "language": "es",
        "subject": "Pago",
        "body": "{{ total }} ya",
    }
    json = "application/json"
    assert client.post("/api/v1/templates/preview/", data, content_type=json).json()["text"] == "[total] ya\n"
    assert not Template.objects.exists()
    assert client.post("/api/v1/templates/", data, content_type=json).json()["subject"] == "Pago"
    bad = client.post("/api/v1/templates/", data | {"body": "{{ password }}"}, content_type=json)
    assert (bad.status_code, bad["Content-Type"]) == (422, "application/problem+json")
    assert signed_in(cast.carl).post("/api/v1/templates/", data, content_type=json).status_code == 403
    assert signed_in(cast.mallory).post("/api/v1/templates/", data, content_type=json).status_code == 404
    listed = [row["kind"] for row in client.get("/api/v1/templates/?entity=ACM").json()]
    assert {"dunning.courtesy", "dispute.received"} <= set(listed)
    assert client.post("/api/v1/templates/reset/", data, content_type=json).json()["subject"] != "Pago"
