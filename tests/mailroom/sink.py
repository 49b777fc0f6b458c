"""A mail server on this machine that keeps what it accepts, and answers as told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from tests.live import free_port


class Sink:
    """What the server accepted. `answer` decides per message; `before` runs in the server before it answers."""

    def __init__(self) -> None:
        self.port = free_port()
        self.accepted: list[EmailMessage] = []
        self.answer: Callable[[EmailMessage], str] = lambda message: "250 OK"
        self.before: Callable[[EmailMessage], None] = lambda message: None
        self.lock = threading.Lock()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Keep the message when it is accepted. A server that waits in `before` serves nobody else: as a test wants."""
        message: EmailMessage = message_from_bytes(envelope.content, policy=policy.default)  # type: ignore[assignment]
        self.before(message)
        words = self.answer(message)
        if words.startswith("250"):
            with self.lock:
                self.accepted.append(message)
        return words

    def ids(self) -> list[str]:
        """The message ids of what was accepted, in order."""
        return [str(message["Message-ID"]) for message in self.accepted]

    @contextmanager
    def running(self) -> Iterator[Sink]:
        """The server listens."""
        controller = Controller(self, hostname="127.0.0.1", port=self.port, server_hostname="localhost")
        controller.start()
        try:
            yield self
        finally:
            controller.stop(no_assert=True)
