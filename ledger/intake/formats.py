"""Every format that intake knows, told by content. A door is added by one line here and its reader.

Kinds: `documents` gives invoices and credit notes, `statements` bank statements, `answers` what customers' systems
say about our invoices, `rates` exchange rates, `customers` lists of customers. What each kind does with what was
read stands in takers.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ledger.bank.readers import sniff as bank
from ledger.bank.readers.table_sniff import is_bank_table, is_bank_workbook
from ledger.fx.readers import is_rates
from ledger.intake import einvoice_sniff
from ledger.intake.customers_reader import is_customer_text, is_customer_workbook
from ledger.intake.documents import Unreadable
from ledger.intake.peek import Peek
from ledger.intake.source import refuse_binary

DOCUMENTS, STATEMENTS, ANSWERS, RATES, CUSTOMERS = "documents", "statements", "answers", "rates", "customers"


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its name as `--format` takes it, what it gives, and whether a file is one."""

    name: str
    kind: str
    sniff: Callable[[Peek], bool]
    binary: bool = False


def _is_ubl(peek: Peek) -> bool:
    return peek.text.startswith("<")


def _is_xlsx(peek: Peek) -> bool:
    return peek.workbook == "xlsx"


def _is_xls(peek: Peek) -> bool:
    return peek.workbook == "xls"


def _is_ods(peek: Peek) -> bool:
    return peek.workbook == "ods"


def _is_peppol_response(peek: Peek) -> bool:
    wrapped = peek.root[1] == "StandardBusinessDocument" and "ApplicationResponse" in peek.text
    return peek.root[1] == "ApplicationResponse" or wrapped


def _is_cdar(peek: Peek) -> bool:
    return peek.root[1] == "CrossDomainAcknowledgementAndResponse"


def _is_ecb_rates(peek: Peek) -> bool:
    return is_rates(peek.text, peek.root)


def _anything(peek: Peek) -> bool:
    return True


# In order: the first that knows the file takes it. Binary formats are asked before the refusal of binary files.
KNOWN: tuple[Format, ...] = (
    Format("bank_xlsx", STATEMENTS, is_bank_workbook, binary=True),
    Format("customers", CUSTOMERS, is_customer_workbook, binary=True),
    Format("xlsx", DOCUMENTS, _is_xlsx, binary=True),
    Format("xls", DOCUMENTS, _is_xls, binary=True),
    Format("ods", DOCUMENTS, _is_ods, binary=True),
    Format("facturx", DOCUMENTS, einvoice_sniff.is_pdf, binary=True),
    Format("camt.052", STATEMENTS, bank.is_camt_052),
    Format("camt.053", STATEMENTS, bank.is_camt_053),
    Format("camt.054", STATEMENTS, bank.is_camt_054),
    Format("camt.053", STATEMENTS, bank.is_iso_20022),
    Format("mt942", STATEMENTS, bank.is_mt942),
    Format("mt940", STATEMENTS, bank.is_mt940),
    Format("n43", STATEMENTS, bank.is_norma43),
    Format("cfonb120", STATEMENTS, bank.is_cfonb),
    Format("ofx", STATEMENTS, bank.is_ofx),
    Format("cii", DOCUMENTS, einvoice_sniff.is_cii),
    Format("facturae", DOCUMENTS, einvoice_sniff.is_facturae),
    Format("fatturapa", DOCUMENTS, einvoice_sniff.is_fatturapa),
    Format("peppol_response", ANSWERS, _is_peppol_response),
    Format("cdar", ANSWERS, _is_cdar),
    Format("ecb_rates", RATES, _is_ecb_rates),
    Format("ubl", DOCUMENTS, _is_ubl),
    Format("customers", CUSTOMERS, is_customer_text),
    Format("bank_csv", STATEMENTS, is_bank_table),
    Format("csv", DOCUMENTS, _anything),
)
TABLES = ({"csv", "bank_csv"}, {"xlsx", "bank_xlsx"})
NAMES = tuple(dict.fromkeys(known.name for known in KNOWN))


def format_of(path: Path, wanted: str = "auto") -> Format:
    """The format of the file, by content. Raises Unreadable, also when it is not the format that was asked for."""
    peek = Peek(path)
    found = next((known for known in KNOWN if known.binary and known.sniff(peek)), None)
    if found is None:
        einvoice_sniff.refuse_container(peek)
        refuse_binary(peek.head)
        found = next(known for known in KNOWN if not known.binary and known.sniff(peek))
    if wanted in {"auto", found.name}:
        return found
    # A table is what the person says it is: a list of invoices, or a bank's.
    if any({wanted, found.name} <= names for names in TABLES):
        return next(known for known in KNOWN if known.name == wanted)
    raise Unreadable("wrong_format", format=wanted)
