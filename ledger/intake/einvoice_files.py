"""Files inside e-invoices: taken out when they are of a kind that people can open without harm, bounded in size."""

import base64
import binascii
from pathlib import PurePosixPath

from lxml import etree

from ledger.intake.einvoice import Attachment

MAX_ATTACHMENT = 20 << 20
MAX_ATTACHMENTS = 20
# Media type -> suffix, and how such a file starts ("" when any text does).
KINDS: dict[str, tuple[str, bytes]] = {
    "application/pdf": (".pdf", b"%PDF"),
    "image/png": (".png", b"\x89PNG"),
    "image/jpeg": (".jpg", b"\xff\xd8\xff"),
    "text/csv": (".csv", b""),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx", b"PK\x03\x04"),
}
SUFFIXES = {suffix: kind for kind, (suffix, _start) in KINDS.items()} | {".jpeg": "image/jpeg"}


def attachment(node: etree._Element, name: str, media_type: str) -> Attachment | None:
    """The file of a base64 node; None when it is empty, broken, too large or of another kind."""
    text = node.text or ""
    if not text.strip() or len(text) > MAX_ATTACHMENT * 4 // 3 + 1000:
        return None
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return kept(data, name, media_type)


def kept(data: bytes, name: str, media_type: str) -> Attachment | None:
    """The file under a clean name; None when its content is not what it claims to be or no kind that is kept."""
    name = clean(name)
    kind = media_type.lower().split(";")[0].strip()
    kind = kind if kind in KINDS else SUFFIXES.get(PurePosixPath(name.lower()).suffix, "")
    if not data or len(data) > MAX_ATTACHMENT or kind not in KINDS:
        return None
    suffix, start = KINDS[kind]
    if not data.startswith(start) or (kind == "text/csv" and b"\x00" in data[:4096]):
        return None
    stem = PurePosixPath(name).stem or "attachment"
    known = SUFFIXES.get(PurePosixPath(name.lower()).suffix) == kind
    return Attachment(name if known else f"{stem}{suffix}", kind, data)


def clean(name: str) -> str:
    """The last part of a file name, without what a file system or a header could take for something else."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable() and sign not in '"<>|:*?').strip(". ")[:200]
