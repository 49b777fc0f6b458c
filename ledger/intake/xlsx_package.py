"""Opens a workbook safely: told by content, measured before it is unpacked, and only the parts that hold cells kept.

A workbook is an archive, and an archive can claim anything. The members that hold cells are unpacked here, each no
further than the directory says, and copied to a plain archive of our own; the reader never sees anything else.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO

from lxml import etree

from ledger.intake.documents import Unreadable
from ledger.intake.source import open_bytes

XLSX, XLS, ODS = "xlsx", "xls", "ods"
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MAX_PACKED = 200 << 20
MAX_UNPACKED = 1 << 30
MAX_MEMBERS = 10_000
MAX_CELLS = 12_000_000
# Past this size a member must not be packed tighter than MAX_RATIO: rows of a real list never are.
RATIO_FROM, MAX_RATIO = 32 << 20, 200
BLOCK = 1 << 20
IN_MEMORY = 32 << 20

CELLS_OF_XLSX = re.compile(
    r"\[content_types\]\.xml|_rels/.*|xl/(?:_rels/.*|workbook\.xml|styles\.xml|sharedstrings\.xml|worksheets/[^/]+\.xml|"
    r"worksheets/_rels/.*|chartsheets/.*|dialogsheets/.*|macrosheets/.*)",
    re.I,
)
CELLS_OF_ODS = re.compile(r"mimetype|content\.xml|styles\.xml|meta-inf/manifest\.xml", re.I)
SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.I)
REFERENCE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]*)([0-9]+)["']""")
ELEMENT = re.compile(rb"<(?:[A-Za-z_][\w.\-]*:)?(row|c)(?=[\s/>])")
FAR = 1 << 32
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    ValueError,
    etree.XMLSyntaxError,
)


def workbook_kind(head: bytes) -> str:
    """`xlsx`, `xls`, `ods`, or empty when the first bytes are no workbook's that is read."""
    if head.startswith(OLE):
        return XLS
    if not head.startswith(ZIP):
        return ""
    if b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet" in head[:200]:
        return ODS
    return XLSX if b"xl/" in head or b"[Content_Types].xml" in head else ""


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The workbook as a file that is safe to read whole. Raises Unreadable."""
    with open_bytes(path) as stream, SpooledTemporaryFile(IN_MEMORY) as copy:
        size = 0
        while block := stream.read(BLOCK):
            size += len(block)
            if size > MAX_PACKED:
                raise Unreadable("too_large", limit=MAX_PACKED >> 20)
            copy.write(block)
        copy.seek(0)
        head = copy.read(BLOCK)
        copy.seek(0)
        if head.startswith(OLE):
            _refuse_locked(copy)
            yield copy
            return
        with SpooledTemporaryFile(IN_MEMORY) as plain:
            try:
                with zipfile.ZipFile(copy) as package:
                    _repack(package, plain)
            except BROKEN as error:
                raise Unreadable("broken_workbook") from error
            plain.seek(0)
            yield plain


def _refuse_locked(copy: IO[bytes]) -> None:
    """A workbook with a password is a container without the streams of a workbook."""
    data = copy.read()
    copy.seek(0)
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise Unreadable("workbook_locked")
    if not any(name.encode("utf-16-le") in data for name in ("Workbook", "Book")):
        raise Unreadable("binary_file", kind="Microsoft Office")


def _repack(package: zipfile.ZipFile, plain: IO[bytes]) -> None:
    """Copy the members that hold cells, measured before and while they are unpacked."""
    members = package.infolist()
    names = {member.filename.lower() for member in members}
    if "xl/workbook.bin" in names:
        raise Unreadable("workbook_binary")
    pattern = CELLS_OF_ODS if "content.xml" in names else CELLS_OF_XLSX
    if pattern is CELLS_OF_XLSX and "xl/workbook.xml" not in names:
        raise Unreadable("binary_file", kind="zip")
    kept = [member for member in members if pattern.fullmatch(member.filename)]
    _refuse_bombs(members, kept)
    with zipfile.ZipFile(plain, "w", zipfile.ZIP_STORED) as target:
        for member in {member.filename: member for member in kept}.values():
            with package.open(member) as source, target.open(member.filename, "w", force_zip64=True) as copy:
                box = _Box()
                while block := source.read(BLOCK):
                    copy.write(block)
                    if SHEET.fullmatch(member.filename):
                        box.add(block)
                box.close()
    if pattern is CELLS_OF_ODS:
        with zipfile.ZipFile(plain) as copied, copied.open("content.xml") as content:
            _measure_ods(content)


def _refuse_bombs(members: list[zipfile.ZipInfo], kept: list[zipfile.ZipInfo]) -> None:
    """What the directory says is believed as far as it goes against the file."""
    if any(member.flag_bits & 1 for member in kept):
        raise Unreadable("workbook_locked")
    unpacked = sum(member.file_size for member in kept)
    tight = any(
        member.file_size > RATIO_FROM and member.file_size > MAX_RATIO * max(member.compress_size, 1)
        for member in kept
    )
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or tight:
        raise Unreadable("workbook_bomb", limit=MAX_UNPACKED >> 20)


class _Box:
    """How far the cells of a sheet reach: the reader makes a grid of it, and one cell far out would fill the memory.

    A cell stands where its reference says; one without stands beside the one before it. Both are measured, and what
    they may reach together.
    """

    def __init__(self) -> None:
        self.row = self.column = self._rows = self._widest = self._in_row = 0
        self._tail = b""

    def add(self, block: bytes) -> None:
        """One more piece of the sheet's XML; a tag that is cut is seen whole with the next piece."""
        data = self._tail + block
        cut = max(data.rfind(b"<"), 0)
        self._tail = data[cut:]
        if len(self._tail) > BLOCK:  # no tag and no cell is that long
            raise Unreadable("broken_workbook")
        self._learn(data[:cut])

    def close(self) -> None:
        """The last piece, and the verdict."""
        self._learn(self._tail)
        rows, columns = max(self.row, self._rows), max(self.column, self._widest)
        together = (self.row + self._rows) * (self.column + self._widest)
        if rows * columns > MAX_CELLS or together > 4 * MAX_CELLS:
            raise Unreadable("workbook_too_wide", rows=rows, columns=columns)

    def _learn(self, data: bytes) -> None:
        found = REFERENCE.findall(data)
        if found:
            digits = {digits for _letters, digits in found}
            self.row = max(self.row, max(int(row) if len(row) < 8 else FAR for row in digits))
            letters = {letters for letters, _digits in found if letters}
            self.column = max([self.column, *map(_column, letters)])
        for name in ELEMENT.findall(data):
            if name == b"row":
                self._rows, self._in_row = self._rows + 1, 0
            else:
                self._in_row += 1
                if self._in_row > self._widest:
                    self._widest = self._in_row


def _column(letters: bytes) -> int:
    """`A` is 1, `AA` is 27."""
    number = 0
    for letter in letters[:8].upper():
        number = number * 26 + letter - 64
    return number


def _measure_ods(content: IO[bytes]) -> None:
    """The same for an OpenDocument sheet, where a cell or row may say that it stands a million times."""
    row = widest = filled = 0
    for _event, element in etree.iterparse(
        content, events=("end",), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    ):
        name = etree.QName(element).localname
        if name == "table":
            row = filled = 0
        if name != "table-row":
            continue
        here = width = 0
        for cell in element:
            here += _repeated(cell, "number-columns-repeated")
            width = here if len(cell) or cell.get(_attribute(cell, "value-type")) else width
        row += _repeated(element, "number-rows-repeated")
        filled, widest = (row, max(widest, width)) if width else (filled, widest)
        if filled * widest > MAX_CELLS:
            raise Unreadable("workbook_too_wide", rows=filled, columns=widest)
        element.clear()


def _attribute(element: "etree._Element", local: str) -> str:
    return next((str(key) for key in element.attrib if str(key).rpartition("}")[2] == local), local)


def _repeated(element: "etree._Element", local: str) -> int:
    """How often the cell or row stands; a wrong number counts once."""
    said = str(element.get(_attribute(element, local), "1"))
    return int(said) if said.isdigit() and len(said) < 12 else 1
