"""Lines of files with fixed columns, whatever their encoding."""

from collections.abc import Iterator
from pathlib import Path

from ledger.intake.documents import Unreadable
from ledger.intake.source import TOO_LONG, encoding_of, head_of, lines_of

# Letters with accents in the DOS code page 850, and in Windows-1252 and ISO 8859-1.
DOS_LETTERS = frozenset([*range(0x80, 0x9B), *range(0xA0, 0xA6), 0xB5, 0xC6, 0xC7])
WINDOWS_LETTERS = frozenset([*range(0xC0, 0xD7), *range(0xD8, 0xF7), *range(0xF8, 0x100)])


def text_encoding(path: Path) -> str:
    """The encoding of the text: like encoding_of, but the old DOS code page of some banks' programs is known too."""
    encoding = encoding_of(path)
    if encoding != "cp1252":
        return encoding
    head = head_of(path)
    dos = sum(byte in DOS_LETTERS for byte in head)
    windows = sum(byte in WINDOWS_LETTERS for byte in head)
    return "cp850" if dos > windows else encoding


def text_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of the file with their numbers, without their ends. Raises Unreadable when one is endless."""
    for number, raw in enumerate(lines_of(path, text_encoding(path)), start=1):
        if raw == TOO_LONG:
            raise Unreadable("line_too_long", number, 0, limit=1 << 18)
        yield number, raw.rstrip("\r\n\x1a\x03\x00")


def records_of(path: Path, width: int) -> Iterator[tuple[int, str]]:
    """The records of the file, blank ones left out. Records without line ends between them are cut at `width`."""
    for number, line in text_lines(path):
        if len(line) >= 2 * width and len(line) % width == 0:
            for start in range(0, len(line), width):
                yield number, line[start : start + width]
        elif line.strip():
            yield number, line.ljust(width)
