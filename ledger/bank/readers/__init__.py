"""Readers of bank files: each takes a path and gives statements. They know no database.

A reader is entered below under the name that its format has in intake/formats.py.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from ledger.bank.readers import table
from ledger.bank.statements import Statement
from ledger.intake.documents import NoticeBook

Reader = Callable[[Path, NoticeBook], Iterable[Statement]]

READERS: dict[str, Reader] = {"bank_csv": table.read, "bank_xlsx": table.read}
