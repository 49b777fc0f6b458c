"""What a rehearsal would do, in samples: new, changed, unchanged and rejected, and how the table was read."""

from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection

from accounts.models import LegalEntity
from ledger.intake.customers_reader import customer_mapping
from ledger.intake.documents import Unreadable
from ledger.intake.formats import CUSTOMERS, DOCUMENTS, KNOWN
from ledger.intake.mapping import ColumnEvidence, TableMapping, styled
from ledger.intake.profiles import mapping_for
from ledger.intake.results import FileResult
from ledger.intake.scan import TableScan
from ledger.intake.tables import ENCODINGS, table_as_told
from ledger.models import Contact, Customer, ImportChange

SAMPLES = 5
SHOWN = 10
SHOWN_REJECTS = 50
# Changes that are kept by the key of a contact.
OF_CONTACTS = frozenset({"billing_contact", "contact_id"})
TABLES = {"", "csv", "xlsx", "xls", "ods", "customers"}
READABLE = {
    "",
    "fec_journal",
    "accounting_journal",
    "not_an_invoice_list",
    "not_a_customer_list",
    "unknown_profile",
}

OF_VERDICT = """
SELECT r.line, r.number, r.kind, coalesce(c.name, p.name), r.issued_on::text, r.due_on::text, r.amount::text, r.currency
FROM intake_row r JOIN intake_party p ON p.id = r.party_id LEFT JOIN ledger_customer c ON c.id = p.customer_id
LEFT JOIN intake_verdict v ON v.id = r.id
WHERE {condition} ORDER BY r.id LIMIT %s
"""
NEW, SAME = "v.verdict IS NULL", "v.verdict IN ('unchanged', 'same_in_file')"
FIELDS = ("line", "number", "kind", "customer", "issued_on", "due_on", "amount", "currency")


def shown(result: FileResult) -> dict[str, Any]:
    """What the rehearsal did, while it is not taken back yet."""
    kind = next((known.kind for known in KNOWN if known.name == result.format), "")
    found: dict[str, Any] = {
        "kind": kind,
        "rejects": [
            {"line": row.line, "column": row.column, "code": row.code, "params": dict(row.params)}
            for row in result.rejects[:SHOWN_REJECTS]
        ],
        "payments": result.payments,
    }
    if result.error or result.batch_id is None:
        return found
    found["changed"] = changed_rows(result.batch_id)
    if kind == DOCUMENTS:
        found["new"], found["unchanged"] = _documents(NEW), _documents(SAME)
    elif kind == CUSTOMERS:
        found["new"] = list(
            Customer.objects.filter(batch_id=result.batch_id)
            .order_by("id")
            .values("code", "name", "tax_id", "email", "country")[:SHOWN]
        )
    return found


def _documents(condition: str) -> list[dict[str, Any]]:
    """The first staged documents of a kind."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_temp.intake_row')")
        if cursor.fetchone()[0] is None:
            return []
        cursor.execute(OF_VERDICT.format(condition=condition), [SHOWN])
        return [dict(zip(FIELDS, row, strict=True)) for row in cursor.fetchall()]


def changed_rows(batch_id: int) -> list[dict[str, Any]]:
    """The first changes on known rows: field, before and after."""
    rows = ImportChange.objects.filter(batch_id=batch_id).exclude(field__in=["name_key", "contact"])
    found = list(rows.select_related("invoice", "customer").order_by("id")[: SHOWN * 2])
    meant = {
        key for row in found if row.field in OF_CONTACTS for key in (row.before, row.after) if key.isdigit()
    }
    people = {str(one.pk): one.email or one.name for one in Contact.objects.filter(pk__in=meant)}
    return [
        {
            "of": row.invoice.number if row.invoice else row.customer.name if row.customer else "",
            "field": row.field,
            "before": people.get(row.before, row.before) if row.field in OF_CONTACTS else row.before,
            "after": people.get(row.after, row.after) if row.field in OF_CONTACTS else row.after,
        }
        for row in found
    ]


def table_of(
    path: Path, entity: LegalEntity, format: str, error: str, chosen: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The mapping of a table and how it was read, also of one that could not be read without help; two empty dicts
    for what is no table."""
    if error not in READABLE or format not in TABLES:
        return {}, {}
    try:
        table = table_as_told(path, chosen)
    except Unreadable:
        return {}, {}
    if format == "customers":
        mapping = customer_mapping(entity, table, chosen)[0]
    elif chosen.get("columns"):
        mapping = styled(TableMapping.from_json(chosen, table.header), table.evidence)
    else:
        mapping = mapping_for(entity, table)[0]
    told = {name: chosen[name] for name in ("sheet", "encoding", "delimiter") if chosen.get(name)}
    look = _look(table)
    look["customers"] = format == "customers"
    look["missing"] = _missing(mapping) if look["customers"] else list(mapping.missing)
    return {"header": list(table.header)} | told | mapping.as_json(table.header), look


def _missing(mapping: TableMapping) -> list[str]:
    """What a list of customers cannot do without."""
    return [] if {"customer_code", "customer_name"} & mapping.columns.keys() else ["customer_name"]


def _look(table: TableScan) -> dict[str, Any]:
    """How the table is written: for the whole of it, and column by column."""
    sheets = next(
        (list(n.params["sheets"]) for n in table.notices if n.code == "sheet_chosen"), [table.sheet]
    )
    return {
        "encoding": table.encoding,
        "encoding_name": ENCODINGS.get(table.encoding, table.encoding.upper()),
        "delimiter": table.delimiter,
        "sheet": table.sheet,
        "sheets": sheets if table.sheet else [],
        "header_line": table.header_line,
        "rows": table.rows,
        "samples": [
            [cell[:80] for cell in row.cells] for row in islice(table.read(), SAMPLES) if not row.error
        ],
        "columns": [_column(evidence) for evidence in table.evidence],
    }


def _column(evidence: ColumnEvidence) -> dict[str, str]:
    """What the values of a column are, and how they are written as far as they tell."""
    if evidence.filled and evidence.dates.share >= 0.5 and evidence.dates.share >= evidence.amounts.share:
        return {"kind": "date", "style": evidence.dates.style}
    if evidence.filled and evidence.amounts.share >= 0.5:
        return {"kind": "amount", "style": evidence.amounts.style}
    return {"kind": "text", "style": ""}
