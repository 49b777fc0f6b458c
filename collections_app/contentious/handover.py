"""The hand-over to an agency: a table as CSV and as a workbook, beside the evidence pack, in one ZIP."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
import zipfile
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import IO, Any

from django.utils.translation import gettext as _

from collections_app.contentious.claim import Claim
from collections_app.models import LegalFile
from collections_app.timeline import sentence_of
from disputes.evidence.pack.build import Pack
from ledger.models import Contact
from mailroom.paper.grid import STARTS, as_xlsx

HEADS = (
    "reference",
    "agency_reference",
    "creditor",
    "creditor_tax_id",
    "debtor_code",
    "debtor",
    "debtor_tax_id",
    "debtor_address",
    "debtor_country",
    "debtor_email",
    "contact",
    "contact_email",
    "contact_phone",
    "invoice",
    "issued_on",
    "due_on",
    "currency",
    "amount",
    "paid",
    "principal",
    "interest",
    "costs",
    "total",
)


def csv_of(file: LegalFile, claim: Claim) -> bytes:
    """One row per invoice, the parties in each; no cell that a spreadsheet takes for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(HEADS)
    parties = _parties(file)
    for one in claim.standing:
        invoice = one.invoice
        amounts = (invoice.amount, one.paid, one.principal, one.interest, one.costs)
        row = [*parties, invoice.number, invoice.issued_on.isoformat(), invoice.due_on.isoformat()]
        total = one.principal + one.interest + one.costs
        writer.writerow([*(neutral(cell) for cell in row), claim.currency, *map(str, amounts), str(total)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def neutral(cell: str) -> str:
    """A text stays a text."""
    return f"'{cell}" if cell.startswith(STARTS) else cell


def _parties(file: LegalFile) -> list[str]:
    entity, customer = file.entity, file.customer
    contact = Contact.objects.filter(customer=customer).order_by("-is_billing", "pk").first()
    address = ", ".join(file.facts.get("debtor_address", customer.address).splitlines())
    return [
        file.ref,
        file.agency_reference,
        entity.name,
        entity.tax_id,
        customer.code,
        customer.name,
        file.facts.get("debtor_tax_id", customer.tax_id),
        address,
        customer.country,
        customer.email,
        *((contact.name, contact.email, contact.phone) if contact else ("", "", "")),
    ]


def xlsx_of(file: LegalFile, claim: Claim) -> bytes:
    """The same as a workbook: the claim, the contacts, what happened; real numbers and days."""
    made = datetime.combine(claim.on, time(), UTC).isoformat()
    facts = [
        [_("File"), file.ref],
        [_("Agency"), file.agency],
        [_("The agency's reference"), file.agency_reference],
    ]
    facts += [[_("Commission (%)"), str(file.commission) if file.commission is not None else ""]]
    facts += [[_("Creditor"), file.entity.name], [_("Debtor"), file.customer.name]]
    facts += [
        [_("Tax id"), file.facts.get("debtor_tax_id", file.customer.tax_id)],
        [_("Currency"), claim.currency],
    ]
    grid = {"title": _("Claim %(ref)s") % {"ref": file.ref}, "made": made, "facts": facts}
    return as_xlsx(grid | {"tables": [_claim(claim), _contacts(file), _history(file)]})


def _claim(claim: Claim) -> dict[str, Any]:
    def money(*amounts: Decimal) -> list[str]:
        return [str(one) for one in amounts]

    rows = [
        [
            one.invoice.number,
            one.invoice.issued_on.isoformat(),
            one.invoice.due_on.isoformat(),
            str(one.late),
            *money(one.invoice.amount, one.paid, one.principal, one.interest, one.costs),
            str(one.principal + one.interest + one.costs),
        ]
        for one in claim.standing
    ]
    heads = [_("Invoice"), _("Issued"), _("Due"), _("Days late"), _("Amount"), _("Paid"), _("Principal")]
    total = money(claim.principal, claim.interest, claim.costs, claim.total)
    return {
        "name": _("Claim"),
        "head": [*heads, _("Interest"), _("Recovery costs"), _("Total")],
        "kinds": ["text", "day", "day", "count", *["money"] * 6],
        "rows": rows,
        "total": [_("Total"), "", "", "", "", "", *total],
    }


def _contacts(file: LegalFile) -> dict[str, Any]:
    found = Contact.objects.filter(customer=file.customer_id).order_by("-is_billing", "pk")
    rows = [[one.name, str(one.get_role_display()), one.email, one.phone] for one in found]
    rows.insert(0, [file.customer.name, _("Company"), file.customer.email, ""])
    return {
        "name": _("Contacts"),
        "head": [_("Name"), _("Role"), _("E-mail"), _("Phone")],
        "kinds": ["text"] * 4,
        "rows": rows,
        "total": [],
    }


def _history(file: LegalFile) -> dict[str, Any]:
    known = {"ref": file.ref, "currency": file.currency, "agency": file.agency, "court": file.court}
    known |= {"tracking": file.tracking, "end": file.end, "amount": str(file.principal)}
    known |= {"due_on": file.deadline.isoformat()} if file.deadline else {}
    rows = [
        [sentence_of(f"contentious.{one.act}", known | {"note": one.note}), one.on.isoformat(), one.note]
        for one in file.steps.order_by("seq")
    ]
    return {
        "name": _("History"),
        "head": [_("What happened"), _("On"), _("Note")],
        "kinds": ["text", "day", "text"],
        "rows": rows,
        "total": [],
    }


def bundle(file: LegalFile, claim: Claim, pack: Pack) -> tuple[IO[bytes], int]:
    """The ZIP (a file without a name) and its size; closes the pack."""
    out: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - whoever gets it closes it
    try:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
            archive.writestr(f"{file.ref}.csv", csv_of(file, claim))
            archive.writestr(f"{file.ref}.xlsx", xlsx_of(file, claim))
            with pack.file, archive.open(pack.name, "w", force_zip64=True) as member:
                shutil.copyfileobj(pack.file, member)
    except BaseException:
        out.close()
        raise
    size = out.tell()
    out.seek(0)
    return out, size
