"""Tells an accounting journal from a list of invoices: its rows are postings, and no mapping makes invoices of them."""

from collections.abc import Sequence

from ledger.intake.mapping import folded

FEC = frozenset({"journal code", "ecriture num", "compte num"})
SIDES = (
    ("debit", "credit"),
    ("soll", "haben"),
    ("debe", "haber"),
    ("dare", "avere"),
    ("debito", "credito"),
)


def journal_code(header: Sequence[str]) -> str:
    """The code of the sentence that says what the table is; empty when it is no journal."""
    words = {folded(cell) for cell in header}
    if words >= FEC:
        return "fec_journal"
    return "accounting_journal" if any({debit, credit} <= words for debit, credit in SIDES) else ""
