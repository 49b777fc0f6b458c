"""Takes the files out of a ZIP, one by one: bounded in number, size and ratio, no archive inside an archive."""

import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ledger.intake.documents import Unreadable
from ledger.intake.peek import Peek

MAX_MEMBERS = 10_000
MAX_UNPACKED = 2 << 30
# A member may unpack to this much whatever its ratio; beyond, to so many times its packed size.
FREE = 16 << 20
MAX_RATIO = 250
BLOCK = 1 << 18
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
NESTED = (*ZIP, b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!")
ENCRYPTED = 0x1
# What systems put into archives beside the files.
JUNK = frozenset({"__MACOSX", "Thumbs.db", ".DS_Store", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive. `path` is there until the next one is asked for; `error` says why it cannot be read."""

    name: str
    path: Path
    error: Unreadable | None = None


def is_archive(path: Path) -> bool:
    """Whether the file is a ZIP of files; workbooks and the like are ZIPs too, and are none. Raises Unreadable."""
    peek = Peek(path)
    if not peek.head.startswith(ZIP):
        return False
    return (
        not peek.workbook and b"[Content_Types].xml" not in peek.head[:4096] and not _is_document(peek.head)
    )


def members(path: Path, limit: int | None = None) -> Iterator[Member]:
    """The files of the archive in their order. Raises Unreadable when the archive as a whole is not to be trusted."""
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory(prefix="intake-") as folder:
            infos = _wanted(archive, limit or MAX_MEMBERS)
            for number, info in enumerate(infos):
                target = Path(folder) / f"{number}{PurePosixPath(info.filename).suffix[:10]}"
                _unpack(archive, info, target)
                yield Member(info.filename, target, _why_not(target))
                target.unlink(missing_ok=True)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise Unreadable("archive_broken", detail=(str(error) or type(error).__name__)[:200]) from error


def _wanted(archive: zipfile.ZipFile, limit: int) -> list[zipfile.ZipInfo]:
    """The entries that are files, all of them checked before the first is read."""
    found = [info for info in archive.infolist() if not info.is_dir()]
    if len(found) > limit:
        raise Unreadable("archive_too_many", limit=limit)
    for info in found:
        _refuse_unsafe(info)
    if sum(info.file_size for info in found) > MAX_UNPACKED:
        raise Unreadable("archive_too_large", limit=MAX_UNPACKED >> 20)
    wanted = [info for info in found if not _is_junk(info.filename)]
    if not wanted:
        raise Unreadable("archive_empty")
    return wanted


def _refuse_unsafe(info: zipfile.ZipInfo) -> None:
    name = info.filename
    parts = PurePosixPath(name.replace("\\", "/"))
    link = stat.S_ISLNK(info.external_attr >> 16)
    if parts.is_absolute() or ".." in parts.parts or ":" in name[:2] or "\x00" in name or link:
        raise Unreadable("archive_unsafe", name=name[:200])
    if info.flag_bits & ENCRYPTED:
        raise Unreadable("archive_encrypted")
    if info.file_size > FREE and info.file_size > MAX_RATIO * max(1, info.compress_size):
        raise Unreadable("archive_too_large", limit=MAX_UNPACKED >> 20)


def _is_junk(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return any(part in JUNK or part.startswith(".") for part in parts)


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
    """Write the member. The library gives no more than the directory promises, and that was checked before."""
    with archive.open(info) as source, target.open("wb") as out:
        shutil.copyfileobj(source, out, BLOCK)


def _why_not(path: Path) -> Unreadable | None:
    """An archive inside the archive is refused; a workbook is none."""
    with path.open("rb") as stream:
        head = stream.read(512)
    if not head.startswith(NESTED) and head[257:262] != b"ustar":
        return None
    try:
        return None if head.startswith(ZIP) and not is_archive(path) else Unreadable("nested_archive")
    except Unreadable as error:
        return error


def _is_document(head: bytes) -> bool:
    """OpenDocument and the like say at the very start what they are."""
    return head[30:38] == b"mimetype"
