"""A statement on the entity's paper: what is open per currency, what is under review apart, what is not yet placed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _

from collections_app.statements.facts import Section, Statement
from ledger import references
from lib import formats
from mailroom.paper.address import lines_of
from mailroom.paper.press import press
from mailroom.paybox import PayBox
from mailroom.rendering import Table, Value
from mailroom.services import Paper, Rendered, sheet_of


def as_pdf(statement: Statement, language: str) -> bytes:
    """The statement in that language, to send or to print. The same figures give the same bytes."""
    customer = statement.customer
    entity, made = customer.entity, sheet(statement, language)
    noon = datetime.combine(statement.on, time(12), ZoneInfo(entity.time_zone))
    return press([(entity, made)], title=made["subject"], at=noon)


def sheet(
    statement: Statement, language: str, *, postal: str = "", box: PayBox | None = None
) -> dict[str, Any]:
    """The page as data, to keep and to draw later; addressed to `postal`, the customer's own address by default."""
    customer = statement.customer
    entity = customer.entity
    postal = postal or lines_of(
        name=customer.name,
        attention="",
        address=customer.address,
        country=customer.country,
        home=entity.country,
    )
    with translation.override(language):
        parts = [*_parts(statement), *([box] if box else [])]
        words = Rendered(language, _("Statement of account"), "", "", tuple(parts))
    reference = references.shown(references.of_customer(customer.pk))
    first = statement.sections[0] if statement.sections else None
    paper = Paper(
        postal, statement.on, reference, first.asked if first else None, first.currency if first else ""
    )
    return sheet_of(entity=entity, words=words, paper=paper)


def _parts(statement: Statement) -> Iterator[Value]:
    if not statement.sections:
        yield _("Nothing was open on this day.")
    for section in statement.sections:
        yield _("Open on %(day)s, in %(currency)s:") % {
            "day": formats.day(statement.on, "long"),
            "currency": section.currency,
        }
        if section.standing:
            yield _standing(section)
        if any(row.instalments for row in section.standing):
            yield _("* paid in instalments, as agreed")
        if section.reviewed:
            yield _("Under review with you, or to be credited; we do not ask for it:")
            yield _reviewed(section)
        if section.credits:
            yield _("Not yet placed on invoices:")
            yield _credits(section)
        if section.reviewed or section.credits:
            yield _sums(section)


def _money(section: Section, amount: Decimal) -> str:
    return formats.money(amount, section.currency)


def _standing(section: Section) -> Table:
    """What is open and not under review, and how much of it is asked for."""
    rows = [
        (
            row.number + (" *" if row.instalments else ""),
            formats.day(row.issued_on),
            formats.day(row.due_on),
            str(row.late) if row.late > 0 else "",
            _money(section, row.payable),
            _money(section, row.asked) if row.asked else "–",
        )
        for row in section.standing
    ]
    left = section.open - section.disputed
    return Table(
        head=(_("Invoice"), _("Issued"), _("Due"), _("Days late"), _("Open"), _("To pay")),
        rows=tuple(rows),
        right=frozenset({3, 4, 5}),
        foot=(_("Total"), "", "", "", _money(section, left), _money(section, section.asked)),
    )


def _reviewed(section: Section) -> Table:
    rows = [(row.number, formats.day(row.due_on), _money(section, row.disputed)) for row in section.reviewed]
    return Table(head=(_("Invoice"), _("Due"), _("Not asked for")), rows=tuple(rows), right=frozenset({2}))


def _credits(section: Section) -> Table:
    names = {"payment": _("Payment"), "credit_note": _("Credit note")}
    rows = [
        (names[one.kind], one.reference, formats.day(one.on), _money(section, -one.amount))
        for one in section.credits
    ]
    head = (_("Document"), _("Reference"), _("Date"), _("Amount"))
    return Table(head=head, rows=tuple(rows), right=frozenset({3}))


def _sums(section: Section) -> Table:
    """How the balance comes about."""
    rows = [(_("Open"), _money(section, section.open))]
    if section.disputed:
        rows.append((_("of which in dispute or to be credited"), _money(section, section.disputed)))
    if section.credits:
        rows.append((_("Not yet placed"), _money(section, -section.unapplied)))
    foot = (_("Balance"), _money(section, section.balance))
    return Table(head=(_("In all"), section.currency), rows=tuple(rows), right=frozenset({1}), foot=foot)
