"""Small files of every kind, made here: pictures, pages, texts, tables, packed documents."""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO

from pypdf import PdfWriter


def png(width: int = 40, height: int = 30, colour: tuple[int, int, int] = (200, 60, 40)) -> bytes:
    """A picture of one colour."""
    row = b"\x00" + bytes(colour) * width
    return png_of(width, height, zlib.compress(row * height))


def png_of(width: int, height: int, packed: bytes) -> bytes:
    """A picture that says it has this size, whatever its data are."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def pdf(pages: int = 1) -> bytes:
    """Empty pages."""
    writer, out = PdfWriter(), BytesIO()
    for _page in range(pages):
        writer.add_blank_page(200, 300)
    writer.write(out)
    return out.getvalue()


def packed(**parts: str) -> bytes:
    """A ZIP; `__` in a name stands for `/`, `_dot_` for a dot."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), text)
    return out.getvalue()


def workbook(**more: str) -> bytes:
    """What an XLSX looks like from outside."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("[Content_Types].xml", "xl/workbook.xml", *more.values()):
            archive.writestr(name, "<x/>")
    return out.getvalue()


MAIL = b"Return-Path: <anna@norte.example>\r\nFrom: anna@norte.example\r\nSubject: Price\r\n\r\nWe agreed 9.50.\r\n"
TEXT = "Acordamos 9,50 € por caja.\n".encode()
