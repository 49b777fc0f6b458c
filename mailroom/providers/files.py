"""Sending to files: the embedded default. Each letter is one `.eml`, named after its key."""

import os
import re
from pathlib import Path
from typing import Self

from mailroom.envelope import Envelope
from mailroom.providers.base import Unreachable

UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class FileProvider:
    """Writes letters to a directory. Writing the same letter again leaves one file."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def send(self, envelope: Envelope) -> None:
        """Write the letter whole or not at all."""
        name = UNSAFE.sub("_", envelope.key)
        part = self.directory / f".{name}.{os.getpid()}.part"
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            part.write_bytes(envelope.as_bytes(entity_header=True))
            part.replace(self.directory / f"{name}.eml")
        except OSError as error:
            raise Unreachable(str(error)) from error
