"""A first look at a file: enough to tell what it is, without reading it whole."""

import re
from functools import cached_property
from pathlib import Path

from ledger.intake.scan import TableScan
from ledger.intake.source import head_of, utf16_of
from ledger.intake.tables import open_table
from ledger.intake.xlsx_package import workbook_kind

ROOT = re.compile(
    r"<(?!\?|!)(?:(?P<prefix>[A-Za-z_][\w.\-]*):)?(?P<name>[A-Za-z_][\w.\-]*)(?P<rest>[^>]*)", re.S
)
COMMENT = re.compile(r"<!--.*?-->|<\?.*?\?>", re.S)


class Peek:
    """What the first bytes of a file show. `head` is unpacked when the file is gzip."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.head = head_of(path)

    @cached_property
    def text(self) -> str:
        """The head as text; wrong bytes are replaced. Nothing is decided by it but the format."""
        wide = utf16_of(self.head)
        return (self.head.decode(wide or "utf-8-sig", "replace")).lstrip("\ufeff \t\r\n")

    @cached_property
    def root(self) -> tuple[str, str]:
        """Namespace and name of an XML's root element; both empty when it is no XML."""
        if not self.text.startswith("<"):
            return "", ""
        found = ROOT.search(COMMENT.sub("", self.text))
        if not found:
            return "", ""
        prefix = found["prefix"]
        mark = rf"xmlns:{re.escape(prefix)}" if prefix else "xmlns"
        namespace = re.search(rf"(?<![\w:]){mark}\s*=\s*[\"']([^\"']*)[\"']", found["rest"])
        return (namespace[1].strip() if namespace else ""), found["name"]

    @cached_property
    def table(self) -> TableScan:
        """The file as a table, scanned whole. Raises Unreadable."""
        return open_table(self.path)

    @cached_property
    def workbook(self) -> str:
        """`xlsx`, `xls` or `ods`; empty for anything else."""
        return workbook_kind(self.head)
