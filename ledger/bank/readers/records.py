"""Lines of files with fixed columns, whatever their encoding."""

import re
from collections.abc import Iterator
from pathlib import Path

from ledger.intake.documents import Unreadable
from ledger.intake.source import TOO_LONG, encoding_of, head_of, lines_of

# Letters with accents within words: in the DOS code page 850, and in Windows-1252 and ISO 8859-1.
DOS_LETTERS = re.compile(rb"[A-Za-z](?:[\x81-\x85\x87-\x8e\x90\x99\x9a\xa1-\xa5]|\xa0(?=[A-Za-z]))")
WINDOWS_LETTERS = re.compile(rb"[A-Za-z][\xc0-\xd6\xd8-\xf6\xf8-\xff]")


def text_encoding(path: Path) -> str:
    """The encoding of the text: like encoding_of, but the old DOS code page of some banks' programs is known too."""
    encoding = encoding_of(path)
    if encoding != "cp1252":
        return encoding
    head = head_of(path)
    return "cp850" if len(DOS_LETTERS.findall(head)) > len(WINDOWS_LETTERS.findall(head)) else encoding


def text_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of the file with their numbers, without their ends. Raises Unreadable when one is endless."""
    for number, raw in enumerate(lines_of(path, text_encoding(path)), start=1):
        if raw == TOO_LONG:
            raise Unreadable("line_too_long", number, 0, limit=1 << 18)
        yield number, raw.rstrip("\r\n\x1a\x03\x00")


def records_of(path: Path, width: int, kinds: frozenset[str]) -> Iterator[tuple[int, str]]:
    """The records of the file, blank ones left out. Records without line ends between them are cut at `width`.

    `kinds` are the two characters with which records begin.
    """
    for number, line in text_lines(path):
        if len(line) >= width * 3 // 2 and line[width : width + 2] in kinds:
            for start in range(0, len(line), width):
                yield number, line[start : start + width].ljust(width)
        elif line.strip():
            yield number, line.ljust(width)
