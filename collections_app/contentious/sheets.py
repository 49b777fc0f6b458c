"""Sheets that go with a claim: how the interest is reckoned, and the data of an invoice without its original."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from collections_app.choices_contentious import Law
from collections_app.contentious import drawing
from collections_app.contentious.claim import Claim, ClaimLine
from collections_app.contentious.court import interest_rows
from collections_app.contentious.drawing import Document, Section
from collections_app.models import LegalFile
from lib import formats

LANGUAGES = {Law.ES.value: "es", Law.FR.value: "fr"}


def language_of(file: LegalFile) -> str:
    """The language of the file's papers: the court's, else the entity's."""
    return LANGUAGES.get(file.law, file.entity.language)


def interest_sheet(file: LegalFile, claim: Claim) -> bytes:
    """The calculation of interest and costs, invoice by invoice, in the language of the file's papers."""
    language = language_of(file)
    with translation.override(language):
        return drawing.as_pdf(_interest(file, claim, language))


def _interest(file: LegalFile, claim: Claim, language: str) -> Document:
    def money(amount: object) -> str:
        return formats.money(amount, claim.currency)  # type: ignore[arg-type]

    heads = [_("Invoice"), pgettext("time", "From"), pgettext("time", "To"), _("Days"), _("Base")]
    heads += [_("Rate"), _("Interest")]
    total = [_("Total"), "", "", "", "", "", money(claim.interest)]
    costs = [[one.invoice.number, money(one.costs)] for one in claim.lines if one.costs]
    sums = [(_("Principal"), money(claim.principal)), (_("Interest"), money(claim.interest))]
    sums += [(_("Recovery costs"), money(claim.costs)), (_("Total"), money(claim.total))]
    sections = [
        Section(
            _("Interest"),
            [
                drawing.table(heads, interest_rows(claim), (3, 4, 5, 6), total),
                drawing.small(_("Interest = base × rate × days / 365, rounded to the cent line by line.")),
            ],
        ),
        Section(_("Sum"), [drawing.pairs("", sums)]),
    ]
    if costs:
        foot = [_("Total"), money(claim.costs)]
        part = drawing.table([_("Invoice"), _("Recovery costs")], costs, (1,), foot)
        sections.insert(1, Section(_("Recovery costs"), [part]))
    return Document(
        language=language,
        title=_("How interest and costs are reckoned"),
        subtitle=_("As of %(day)s") % {"day": formats.day(claim.on, "long")},
        sections=[Section("", [_parties(file)]), *sections],
        footer=f"{file.entity.name} / {file.customer.name} · {file.ref}",
        page=_("Page"),
        author=file.entity.name,
        on=claim.on,
    )


def _parties(file: LegalFile) -> drawing.Part:
    entity, customer = file.entity, file.customer
    rows = [(_("Creditor"), " · ".join(filter(None, (entity.name, entity.tax_id))))]
    rows.append((_("Debtor"), " · ".join(filter(None, (customer.name, customer.tax_id)))))
    return drawing.pairs("", rows)


def invoice_sheet(file: LegalFile, line: ClaimLine, on: date) -> bytes:
    """What the books say of an invoice whose original is not kept here, in the language of the file's papers."""
    language = language_of(file)
    with translation.override(language):
        return drawing.as_pdf(replace(_invoice(file, line, language), on=on))


def _invoice(file: LegalFile, line: ClaimLine, language: str) -> Document:
    invoice = line.invoice

    def money(amount: object) -> str:
        return formats.money(amount, invoice.currency) if amount is not None else ""  # type: ignore[arg-type]

    facts = [
        (_("Number"), invoice.number),
        (_("Issued"), formats.day(invoice.issued_on, "long")),
        (_("Due"), formats.day(invoice.due_on, "long")),
        (_("Order"), invoice.order_reference),
        (_("Net"), money(invoice.net)),
        (_("Tax"), money(invoice.tax)),
        (_("Amount"), money(invoice.amount)),
        (_("Paid"), money(line.paid)),
        (_("Open"), money(line.open)),
    ]
    rows = [
        [
            one.description,
            formats.number(one.quantity) if one.quantity is not None else "",
            money(one.unit_price),
            money(one.net),
        ]
        for one in invoice.lines.all()
    ]
    sections = [Section("", [_parties(file), drawing.pairs("", facts)])]
    if rows:
        heads = [_("Description"), _("Quantity"), _("Price"), _("Net")]
        sections.append(Section(_("Lines"), [drawing.table(heads, rows, (1, 2, 3))]))
    note = _("Drawn from the creditor's books; the original of this invoice is not kept here.")
    sections.append(Section("", [drawing.small(note)]))
    return Document(
        language=language,
        title=_("Invoice %(number)s") % {"number": invoice.number},
        subtitle=_("Data of the invoice"),
        sections=sections,
        footer=f"{file.entity.name} / {file.customer.name} · {file.ref}",
        page=_("Page"),
        author=file.entity.name,
    )
