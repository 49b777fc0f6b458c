"""What a file is, told by its content and never by its name. Only the kinds listed here are kept as evidence."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import PurePosixPath
from unicodedata import normalize

import puremagic
from django.utils.translation import gettext as _

from disputes.errors import EvidenceRefused

HEAD = 64 * 1024
LONGEST_NAME = 200
OFFICE = "application/vnd.openxmlformats-officedocument."
OPEN = "application/vnd.oasis.opendocument."
TEXT, CSV, XML, PDF = "text/plain", "text/csv", "application/xml", "application/pdf"
OUTLOOK = "application/vnd.ms-outlook"

# Media type -> the endings its files have, the usual one first.
KINDS: dict[str, tuple[str, ...]] = {
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png",),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "image/heif": (".heic", ".heif"),
    "image/tiff": (".tif", ".tiff"),
    PDF: (".pdf",),
    TEXT: (".txt", ".log", ".md"),
    CSV: (".csv", ".tsv"),
    XML: (".xml",),
    "message/rfc822": (".eml",),
    OUTLOOK: (".msg",),
    "application/msword": (".doc",),
    "application/vnd.ms-excel": (".xls",),
    f"{OFFICE}wordprocessingml.document": (".docx",),
    f"{OFFICE}spreadsheetml.sheet": (".xlsx",),
    f"{OFFICE}presentationml.presentation": (".pptx",),
    f"{OPEN}text": (".odt",),
    f"{OPEN}spreadsheet": (".ods",),
    "audio/mpeg": (".mp3",),
    "audio/mp4": (".m4a",),
    "audio/wav": (".wav",),
    "audio/ogg": (".ogg", ".oga", ".opus"),
    "video/mp4": (".mp4", ".m4v"),
    "video/quicktime": (".mov",),
    "video/webm": (".webm",),
}
# What people call them; everything else by its ending.
WORDS = {"image/jpeg": "JPEG", OUTLOOK: "Outlook", "message/rfc822": "E-mail"}
BY_ENDING = {ending: kind for kind, endings in KINDS.items() for ending in endings}
PACKED = {
    "word/document.xml": f"{OFFICE}wordprocessingml.document",
    "xl/workbook.xml": f"{OFFICE}spreadsheetml.sheet",
    "ppt/presentation.xml": f"{OFFICE}presentationml.presentation",
}
# How the parts of an old Office file are named inside it.
COMPOUND = {
    "__properties_version1.0": OUTLOOK,
    "WordDocument": "application/msword",
    "Workbook": "application/vnd.ms-excel",
}
COMPOUND_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MARKUP = ("<!doctype", "<html", "<svg", "<script", "<?php", "<head", "<body", "#!")


def sniff(data: bytes, name: str = "") -> str:
    """The media type of the content; `name` only tells a table from other text. Raises EvidenceRefused."""
    kind = _packed(data) if data.startswith(b"PK\x03\x04") else _named(data) or _text(data, name)
    if not kind:
        sentence = _(
            "Files of this kind are not kept: send a picture, PDF, text, e-mail, Office file or recording."
        )
        raise EvidenceRefused(sentence, code="evidence_kind")
    return kind


def kind_words(media_type: str) -> str:
    """What people call files of this type."""
    endings = KINDS.get(media_type)
    return WORDS.get(media_type) or (endings[0][1:].upper() if endings else media_type)


def clean_name(name: str, media_type: str) -> str:
    """The last part of a name, without what a file system, a header or an eye could take for something else.

    It always ends as files of its type do: `invoice.pdf.exe` with a picture inside becomes `invoice.pdf.exe.png`.
    """
    last = normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    kept = "".join(sign for sign in last if sign.isprintable() and sign not in '"<>|:*?').strip(". ")
    ending = PurePosixPath(kept.lower()).suffix
    endings = KINDS[media_type]
    stem = kept[: -len(ending)] if ending in endings else kept
    ending = ending if ending in endings else endings[0]
    stem = stem.encode()[: LONGEST_NAME - len(ending)].decode(errors="ignore").strip(". ")
    return f"{stem or _('file')}{ending}"


def decode(data: bytes) -> str | None:
    """The text that these bytes are; None when they are not text. A cut last character is dropped."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", errors="ignore")
    elif b"\x00" in data:
        return None
    else:
        text = _decoded(data)
    odd = sum(1 for sign in text if ord(sign) < 32 and sign not in "\t\n\r\f")
    return text if odd == 0 else None


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and len(data) - error.start < 4:
            return data[: error.start].decode("utf-8-sig")
        return data.decode("cp1252", errors="replace")


def _named(data: bytes) -> str:
    """The type by the marks that formats carry; empty when there are none that we know."""
    if data.startswith(COMPOUND_START):
        return next((kind for part, kind in COMPOUND.items() if part.encode("utf-16-le") in data), "")
    try:
        found = puremagic.magic_string(data[:HEAD])
    except (puremagic.PureError, ValueError):
        return ""
    return next((BY_ENDING[one.extension] for one in found if one.extension in BY_ENDING), "")


def _packed(data: bytes) -> str:
    """The type of a ZIP that is a document; any other ZIP, and one with macros, is nothing we keep."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = set(archive.namelist())
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
                declared = archive.read("mimetype").decode("ascii", errors="replace").strip()
                return declared if declared.startswith(OPEN) and declared in KINDS else ""
    except (zipfile.BadZipFile, RuntimeError, ValueError, OSError, NotImplementedError):
        return ""
    if "[Content_Types].xml" not in names or any(name.endswith("vbaProject.bin") for name in names):
        return ""
    return next((kind for part, kind in PACKED.items() if part in names), "")


def _text(data: bytes, name: str) -> str:
    text = decode(data[:HEAD])
    if text is None or text.lstrip().lower().startswith(MARKUP):
        return ""
    kind = BY_ENDING.get(PurePosixPath(name.lower()).suffix, "")
    return kind if kind in (CSV, XML) else TEXT
