"""Opens a file safely: plain or gzip, text or not, which encoding. Reads in bounded pieces, never the whole file."""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ledger.intake.documents import Unreadable

BLOCK = 1 << 18
HEAD = 1 << 16
TEXT_BLOCK = 1 << 21
LINE_LIMIT = 1 << 18
MAX_UNPACKED = 4 << 30
TOO_LONG = "\x00line too long"
MAGIC = (
    (b"PK\x03\x04", "zip"),
    (b"%PDF", "pdf"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\xd0\xcf\x11\xe0", "Microsoft Office"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"Rar!", "RAR"),
    (b"\x7fELF", "ELF"),
    (b"PAR1", "Parquet"),
)


class Bounded(io.RawIOBase):
    """A stream that refuses to give more than `limit` bytes, whatever a small archive unpacks to."""

    def __init__(self, inner: BinaryIO, limit: int) -> None:
        self.inner, self.left, self.limit = inner, limit, limit

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill `buffer`; raises Unreadable past the limit or when the archive is damaged."""
        try:
            data = self.inner.read(len(buffer))
        except (EOFError, OSError, zlib.error) as error:
            raise Unreadable("broken_gzip") from error
        self.left -= len(data)
        if self.left < 0:
            raise Unreadable("too_large", limit=self.limit >> 20)
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def open_bytes(path: Path, limit: int = MAX_UNPACKED) -> Iterator[io.BufferedReader]:
    """The bytes of the file, unpacked when it is gzip (told by content, not by name)."""
    try:
        plain = path.open("rb")
    except FileNotFoundError as error:
        raise Unreadable("no_such_file") from error
    except OSError as error:
        raise Unreadable("not_permitted") from error
    with plain:
        packed = plain.read(2) == b"\x1f\x8b"
        plain.seek(0)
        inner: BinaryIO = gzip.GzipFile(fileobj=plain) if packed else plain  # type: ignore[assignment]
        yield io.BufferedReader(Bounded(inner, limit), BLOCK)


def head_of(path: Path) -> bytes:
    """The first bytes, enough to tell what the file is."""
    with open_bytes(path) as stream:
        return stream.read(HEAD)


def refuse_binary(head: bytes) -> None:
    """Raise Unreadable when the file is empty or no text."""
    if not head.strip():
        raise Unreadable("empty_file")
    for magic, kind in MAGIC:
        if head.startswith(magic):
            code = {"zip": "spreadsheet" if b"xl/" in head or b"[Content_Types]" in head else "binary_file"}
            raise Unreadable("pdf" if kind == "pdf" else code.get(kind, "binary_file"), kind=kind)
    if not utf16_of(head) and head.count(0) > max(4, len(head) // 50):
        raise Unreadable("binary_file", kind="binary data")
    controls = sum(
        head.count(bytes([code])) for code in range(1, 32) if code not in (9, 10, 11, 12, 13, 26, 27)
    )
    if controls > max(8, len(head) // 20) and not utf16_of(head):
        raise Unreadable("binary_file", kind="binary data")


def utf16_of(head: bytes) -> str:
    """The UTF-16 flavour of the text, by its mark or by where its zero bytes stand; empty when it is not."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2 or 1
    if odd > half * 0.7 and even < half * 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > half * 0.7 and odd < half * 0.05 else ""


def encoding_of(path: Path) -> str:
    """The encoding of the whole text: UTF-16 by its marks, UTF-8 when all of it is, else Windows-1252."""
    with open_bytes(path) as stream:
        head = stream.read(HEAD)
        wide = utf16_of(head)
        if wide:
            return wide
        decoder = codecs.getincrementaldecoder("utf-8")()
        piece = head
        try:
            while piece:
                decoder.decode(piece)
                piece = stream.read(BLOCK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def line_blocks(path: Path, encoding: str) -> Iterator[list[str]]:
    """The physical lines of the text in bounded lists, without their ends; a line over LINE_LIMIT is TOO_LONG."""
    with open_bytes(path) as stream:
        errors = "replace" if encoding.startswith("utf-16") or encoding == "cp1252" else "strict"
        text = io.TextIOWrapper(stream, encoding=encoding, errors=errors, newline=None)
        while piece := text.read(TEXT_BLOCK):
            rest = "" if piece.endswith("\n") else text.readline(LINE_LIMIT)
            endless = len(rest) == LINE_LIMIT and not rest.endswith("\n")
            more = rest if endless else ""
            while more and not more.endswith("\n"):
                more = text.readline(LINE_LIMIT)
            lines = (piece + rest).split("\n")
            if not lines[-1]:
                lines.pop()
            if endless:
                lines[-1] = TOO_LONG
            if max(map(len, lines)) >= LINE_LIMIT:
                lines = [line if len(line) < LINE_LIMIT else TOO_LONG for line in lines]
            yield lines


def lines_of(path: Path, encoding: str) -> Iterator[str]:
    """The physical lines of the text with their ends; a line over LINE_LIMIT comes as TOO_LONG instead."""
    for lines in line_blocks(path, encoding):
        for line in lines:
            yield line if line == TOO_LONG else line + "\n"
