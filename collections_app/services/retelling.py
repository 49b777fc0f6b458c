"""The letter of a notice, told again from the stored decision: the same text, as long as nobody changed its words."""

from __future__ import annotations

from dataclasses import replace

from collections_app.choices import Why
from collections_app.decision.book import Rule
from collections_app.decision.items import Item
from collections_app.models import Notice, NoticeLine
from collections_app.services.enclosing import note_of
from collections_app.services.letters import Reminder, recipient_of, write
from mailroom.services import Rendered


def retold(notice: Notice) -> Rendered | None:
    """What the stored lines say, written with today's texts; None for a notice that asked for nothing.

    Nothing is read but the notice, its lines, its letter's files and its step's version: not what is open or disputed
    now.
    """
    lines = notice.lines.filter(why=Why.ASKED).select_related("invoice").order_by("-days_late", "invoice_id")
    items = [_item(notice, line) for line in lines]
    if not items:
        return None
    version = notice.step.version
    rule = Rule(version, {step.days: step for step in version.steps.all()})
    recipient = recipient_of(notice.customer, notice.contact)
    reminder = Reminder(
        notice.entity, notice.customer, recipient, notice.currency, notice.on, rule, items, notice.pk
    )
    if notice.letter is not None:
        reminder = replace(reminder, enclosed=note_of(reminder, notice.letter))
    return write(reminder)


def _item(notice: Notice, line: NoticeLine) -> Item:
    return Item(
        invoice_id=line.invoice_id,
        number=line.invoice.number,
        customer_id=notice.customer_id,
        currency=notice.currency,
        plan_id=notice.step.version.plan_id,
        due_on=line.due_on,
        late=line.days_late,
        open=line.open,
        disputed=line.disputed,
        promised=line.promised,
        step_days=line.step_days,
        last_days=line.last_days,
        why=Why(line.why),
    )
