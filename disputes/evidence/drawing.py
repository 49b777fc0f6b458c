"""Previews: a picture or the first page of a PDF, drawn anew as a PNG without anything that travelled with it.

The drawing is done by `draw.py` in a process of its own with bounds on memory and time; whatever it cannot read has no
preview. The original is never shown on our pages.
"""

from __future__ import annotations

import logging
import struct
import subprocess
import sys
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from threading import BoundedSemaphore

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from disputes.evidence import keeping, kinds

SCRIPT = Path(__file__).with_name("draw.py")
FORMATS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    kinds.PDF: "pdf",
}
MOST_PIXELS = 64_000_000
MOST_TEXT = 20_000
SECONDS = 20
TEXTS = frozenset({kinds.TEXT, kinds.CSV, kinds.XML, "message/rfc822"})
JPEG_SIZES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
log = logging.getLogger(__name__)
_turn = BoundedSemaphore(2)


def is_drawn(media_type: str) -> bool:
    """Whether files of this type have a picture."""
    return media_type in FORMATS


def is_text(media_type: str) -> bool:
    """Whether files of this type are shown as text."""
    return media_type in TEXTS


def preview_of(key: str, media_type: str) -> bytes | None:
    """The picture of a stored file, drawn once and kept beside it; None when there is none."""
    name = keeping.preview_key(key)
    with suppress(OSError), default_storage.open(name, "rb") as stream:
        return bytes(stream.read()) or None
    try:
        with keeping.open_stored(key) as stream:
            data = stream.read()
    except OSError:
        return None
    picture = draw(data, media_type)
    # An empty one says that there is none, so that nobody tries again.
    default_storage.save(name, ContentFile(picture or b""))
    if not default_storage.exists(key):
        default_storage.delete(name)  # redacted while it was drawn
        return None
    return picture


def draw(data: bytes, media_type: str) -> bytes | None:
    """A PNG of at most 960 pixels a side; None when the file cannot be drawn within the bounds."""
    if media_type not in FORMATS or pixels(data, media_type) > MOST_PIXELS:
        return None
    command = [sys.executable, "-I", str(SCRIPT), FORMATS[media_type]]
    try:
        with _turn:
            made = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        log.warning("A preview took longer than %s s and was given up", SECONDS)
        return None
    return made.stdout if made.returncode == 0 and made.stdout.startswith(b"\x89PNG") else None


def text_of(key: str) -> str:
    """The beginning of a stored text; empty when it is none."""
    try:
        with keeping.open_stored(key) as stream:
            return kinds.decode(stream.read(MOST_TEXT)) or ""
    except OSError:
        return ""


def pixels(data: bytes, media_type: str) -> int:
    """How many pixels the file says it has; without a word about it, more than we draw. A PDF has none of its own."""
    if media_type == kinds.PDF:
        return 0
    try:
        width, height = SIZES[media_type](data)
    except (struct.error, IndexError, KeyError, ValueError):
        return MOST_PIXELS + 1
    return width * height or MOST_PIXELS + 1


def _png(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def _gif(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack("<HH", data[6:10])
    return width, height


def _webp(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack("<HH", data[26:30])
    return width & 0x3FFF, height & 0x3FFF


def _jpeg(data: bytes) -> tuple[int, int]:
    stream = BytesIO(data)
    stream.seek(2)
    while True:
        mark, kind, length = struct.unpack(">BBH", stream.read(4))
        if mark != 0xFF or length < 2:
            raise ValueError
        if kind in JPEG_SIZES:
            height, width = struct.unpack(">xHH", stream.read(5))
            return width, height
        stream.seek(length - 2, 1)


SIZES = {"image/png": _png, "image/gif": _gif, "image/webp": _webp, "image/jpeg": _jpeg}
