"""Readers of bank files: each takes a path and gives statements. They know no database.

A reader is entered below under the name that its format has in intake/formats.py.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from ledger.bank.readers import table
from ledger.bank.readers.camt import read_camt
from ledger.bank.readers.cfonb import read_cfonb
from ledger.bank.readers.mt940 import read_mt940
from ledger.bank.readers.norma43 import read_norma43
from ledger.bank.readers.ofx import read_ofx
from ledger.bank.statements import Statement
from ledger.intake.documents import NoticeBook

Reader = Callable[[Path, NoticeBook], Iterable[Statement]]

READERS: dict[str, Reader] = {
    "camt.052": read_camt,
    "camt.053": read_camt,
    "camt.054": read_camt,
    "mt940": read_mt940,
    "mt942": read_mt940,
    "n43": read_norma43,
    "cfonb120": read_cfonb,
    "ofx": read_ofx,
    "bank_csv": table.read,
    "bank_xlsx": table.read,
}
