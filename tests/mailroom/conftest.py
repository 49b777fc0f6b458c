"""Where letters of these tests go: files of their own, or a mail server of this machine."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailroom.choices import LetterStatus
from mailroom.models import Letter
from mailroom.services import Draft, Rendered, queue_letter
from tests.factories import AT, Cast
from tests.mailroom.sink import Sink

WORDS = Rendered("es", "Recordatorio", "Hola\n", "<p>Hola</p>")


def queue(cast: Cast, key: str = "test:1", to: str = "ana@norte.example", **fields: object) -> Letter:
    """A letter in the outbox."""
    draft = Draft(
        entity=cast.entity, key=key, kind="test", to_address=to, to_name="Ana", words=WORDS, **fields
    )  # type: ignore[arg-type]
    return queue_letter(draft=draft, at=AT)


def status(letter: Letter) -> LetterStatus:
    """Where the letter stands now."""
    return LetterStatus(Letter.objects.get(pk=letter.pk).status)


def everything(*mails: EmailMessage) -> str:
    """All that a recipient could find in these mails: the bytes as they travel, and every part decoded."""
    found = [mail.as_bytes() for mail in mails]
    found += [part.get_payload(decode=True) or b"" for mail in mails for part in mail.walk()]  # type: ignore[misc]
    return b"\n".join(found).decode("utf-8", "replace")


@pytest.fixture
def files(tmp_path: Path, settings: object) -> Path:
    """Letters are written here."""
    settings.EMAIL_URL, settings.EMAIL_FILE_PATH = "file:", tmp_path / "mail"  # type: ignore[attr-defined]
    return tmp_path / "mail"


@pytest.fixture
def sink(settings: object) -> Iterator[Sink]:
    """Letters go to a mail server of this machine."""
    with Sink().running() as server:
        settings.EMAIL_URL = f"smtp://127.0.0.1:{server.port}"  # type: ignore[attr-defined]
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port  # type: ignore[attr-defined]
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False  # type: ignore[attr-defined]
        yield server
