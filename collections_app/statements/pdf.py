"""A statement as PDF by typst: the layout stands in statement.typ, the data travel beside it as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typst
from django.utils import translation
from django.utils.translation import gettext as _

from collections_app.statements.facts import Section, Statement
from lib import formats

LAYOUT = Path(__file__).with_name("statement.typ")


def as_pdf(statement: Statement, language: str) -> bytes:
    """The statement in that language, to send or to print."""
    with translation.override(language):
        data = _data(statement, language)
    made = typst.compile(LAYOUT, sys_inputs={"data": json.dumps(data, ensure_ascii=False)})
    return bytes(made)


def _data(statement: Statement, language: str) -> dict[str, Any]:
    customer = statement.customer
    entity = customer.entity
    iban = " ".join(entity.iban[i : i + 4] for i in range(0, len(entity.iban), 4))
    return {
        "language": language.split("-")[0],
        "title": _("Statement of account"),
        "entity": [entity.name, entity.tax_id],
        "customer": [customer.name, *customer.address.splitlines(), customer.tax_id],
        "facts": [
            [_("As of"), formats.day(statement.on, "long")],
            [_("Customer"), customer.code],
            *([[_("Pay to"), iban]] if iban else []),
        ],
        "sections": [_section(section) for section in statement.sections],
        "empty": _("Nothing was open on this day."),
        "note": _("Amounts in dispute are being looked into and are not asked for meanwhile."),
        "page": _("Page"),
    }


def _table(section: Section, money: Callable[[Any], str]) -> dict[str, Any]:
    heads = [
        _("Invoice"),
        _("Issued"),
        _("Due"),
        _("Days late"),
        _("Amount"),
        _("Open"),
        _("In dispute"),
        _("To pay"),
    ]
    rows = [
        [
            row.number + (" *" if row.instalments else ""),
            formats.day(row.issued_on),
            formats.day(row.due_on),
            str(row.late) if row.late > 0 else "",
            money(row.amount),
            money(row.open),
            money(row.disputed) if row.disputed else "",
            money(row.payable),
        ]
        for row in section.rows
    ]
    total = [
        _("Total"),
        "",
        "",
        "",
        "",
        money(section.open),
        money(section.disputed) if section.disputed else "",
        "",
    ]
    total[-1] = money(section.open - section.disputed)
    return {"heads": heads, "rows": rows, "total": total}


def _section(section: Section) -> dict[str, Any]:
    def money(amount: Any) -> str:
        return formats.money(amount, section.currency)

    names = {"payment": _("Payment"), "credit_note": _("Credit note")}
    return {
        **_table(section, money),
        "instalments": _("* paid in instalments, as agreed")
        if any(r.instalments for r in section.rows)
        else "",
        "credits_title": _("Not yet placed on invoices"),
        "credits": [
            [names[credit.kind], credit.reference, formats.day(credit.on), money(-credit.amount)]
            for credit in section.credits
        ],
        "sums": [
            [_("Open"), money(section.open)],
            [_("of which past due and not in dispute"), money(section.overdue)],
            [_("of which in dispute"), money(section.disputed)],
            *([[_("Not yet placed"), money(-section.unapplied)]] if section.credits else []),
            [_("Balance"), money(section.balance)],
        ],
    }
