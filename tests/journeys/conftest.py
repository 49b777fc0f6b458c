"""Each story begins with an empty letter box."""

from pathlib import Path

import pytest

from tests.live import Live


@pytest.fixture(autouse=True)
def empty_letter_box(live: Live) -> None:
    """The web process lives as long as the tests do; its mails go when a story begins."""
    for mail in (Path(live.env["VAR_DIR"]) / "mail").glob("**/*.eml"):
        mail.unlink()
