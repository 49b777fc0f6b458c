"""Previews: drawn anew, bounded, never the original; what cannot be drawn has none."""

import struct
import time
import zlib
from typing import Any

import pytest
from django.core.files.storage import default_storage

from disputes.evidence import drawing, keeping
from tests.disputes import papers

SECRET = b"GPS 40.4168 -3.7038"


def size(picture: bytes | None) -> tuple[int, int]:
    assert picture is not None
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


def test_a_picture_is_drawn_anew_without_what_travelled_with_it() -> None:
    original = papers.png(400, 200)
    at = original.index(b"IEND") - 4
    text = b"tEXtComment\x00" + SECRET
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    original = original[:at] + chunk + original[at:]
    drawn = drawing.draw(original, "image/png")
    assert size(drawn) == (800, 400)
    assert drawn is not None
    assert SECRET in original
    assert SECRET not in drawn


def test_a_large_picture_becomes_small() -> None:
    assert size(drawing.draw(papers.png(3000, 1000), "image/png")) == (960, 320)


def test_a_pdf_shows_its_first_page() -> None:
    width, height = size(drawing.draw(papers.pdf(3), "application/pdf"))
    assert (width, height) == (400, 600)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (papers.png_of(40_000, 40_000, b""), "image/png"),
        (papers.png_of(7_000, 7_000, b"nothing"), "image/png"),
        (papers.png()[:40], "image/png"),
        (b"\xff\xd8\xff\xe0\x00\x02\xff\xd8", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"%PDF-1.7 broken", "application/pdf"),
        (papers.TEXT, "text/plain"),
    ],
)
def test_what_cannot_be_drawn_has_no_preview(data: bytes, kind: str) -> None:
    assert drawing.draw(data, kind) is None


def test_a_bomb_is_not_even_opened(monkeypatch: Any) -> None:
    monkeypatch.setattr(drawing.subprocess, "run", lambda *_a, **_k: pytest.fail("it was opened"))
    assert drawing.draw(papers.png_of(65_000, 65_000, zlib.compress(bytes(10_000_000))), "image/png") is None


def test_a_drawing_that_takes_too_long_is_given_up(monkeypatch: Any, tmp_path: Any) -> None:
    slow = tmp_path / "slow.py"
    slow.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(drawing, "SCRIPT", slow)
    monkeypatch.setattr(drawing, "SECONDS", 0.5)
    began = time.monotonic()
    assert drawing.draw(papers.png(), "image/png") is None
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("kind", "data", "pixels"),
    [
        ("image/jpeg", b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x0a\x00\x14", 200),
        ("image/gif", b"GIF89a\x14\x00\x0a\x00", 200),
        ("image/webp", b"RIFF....WEBPVP8X" + bytes(8) + b"\x13\x00\x00\x09\x00\x00", 200),
        ("image/webp", b"RIFF....WEBPVP8 " + bytes(10) + b"\x14\x00\x0a\x00", 200),
        ("image/webp", b"RIFF....WEBPVP8L" + bytes(5) + (19 | 9 << 14).to_bytes(4, "little"), 200),
    ],
)
def test_the_size_is_read_before_anything_is_unpacked(kind: str, data: bytes, pixels: int) -> None:
    assert drawing.pixels(data, kind) == pixels
    assert drawing.pixels(data[:8], kind) > drawing.MOST_PIXELS


def test_a_preview_is_drawn_once_and_not_kept_for_what_went_meanwhile(
    settings: Any, tmp_path: Any, monkeypatch: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    key = keeping.store(1, papers.png())
    first = drawing.preview_of(key, "image/png")
    monkeypatch.setattr(drawing, "draw", lambda *_: pytest.fail("drawn again"))
    assert drawing.preview_of(key, "image/png") == first

    def redacted_meanwhile(data: bytes, kind: str) -> bytes:
        keeping.destroy(other)
        return b"\x89PNG of the original"

    other = keeping.store(1, papers.png(colour=(1, 2, 3)))
    monkeypatch.setattr(drawing, "draw", redacted_meanwhile)
    assert drawing.preview_of(other, "image/png") is None
    assert not default_storage.exists(keeping.preview_key(other))
