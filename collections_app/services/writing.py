"""Decides a notice again at the moment of sending, keeps that decision line by line, and queues its letter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.utils.translation import override

from accounts.events import emit
from accounts.models import LegalEntity
from collections_app.choices import CallReason, NoticeStatus, Reason, StepChannel, Why
from collections_app.decision.book import Book, Rule
from collections_app.decision.choosing import on_account
from collections_app.decision.dealing import before, own, share_of
from collections_app.decision.items import Item, OneCustomer
from collections_app.models import Notice, NoticeLine, Run, Step
from collections_app.services.enclosing import enclosures_for
from collections_app.services.letters import Reminder, Texts, channel_of, paper_of, recipient_of, write
from collections_app.services.planning import plan_call
from ledger.models import Invoice
from lib.money import ZERO
from mailroom.choices import LetterStatus, Trouble
from mailroom.models import Letter
from mailroom.providers import Provider, outgoing
from mailroom.services import Draft, queue_letter, withdraw_letter


@dataclass(slots=True)
class Desk:
    """What several notices share: the plans in force, and one connection to the mail server."""

    provider: Provider | None = None
    books: dict[int, Book] = field(default_factory=dict)
    decisions: dict[tuple[int, date], OneCustomer] = field(default_factory=dict)
    texts: Texts = field(default_factory=dict)
    entities: dict[int, LegalEntity] = field(default_factory=dict)
    steps: dict[int, Step] = field(default_factory=dict)
    runs: dict[int, Run] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def open(cls) -> Iterator[Desk]:
        """A desk with one connection for all its letters."""
        with outgoing() as provider:
            yield cls(provider)

    def book(self, entity: LegalEntity) -> Book:
        """The plans of an entity, read once per desk."""
        if entity.pk not in self.books:
            self.books[entity.pk] = Book.of(entity)
        return self.books[entity.pk]

    def acquaint(self, notice: Notice) -> None:
        """Give the notice its run, entity and step (with its version), each read once per desk."""
        run, entity, step = notice.run_id, notice.entity_id, notice.step_id
        if run not in self.runs:
            self.runs[run] = Run.objects.get(pk=run)
        if entity not in self.entities:
            self.entities[entity] = LegalEntity.objects.get(pk=entity)
        if step not in self.steps:
            self.steps[step] = Step.objects.select_related("version").get(pk=step)
        notice.run, notice.entity, notice.step = self.runs[run], self.entities[entity], self.steps[step]

    def decision(self, book: Book, on: date) -> OneCustomer:
        """The decision of a day, ready for one customer after the other."""
        key = (book.entity.pk, on)
        if key not in self.decisions:
            self.decisions[key] = OneCustomer.of(book, on)
        return self.decisions[key]


def redecide(*, notice: Notice, at: datetime, desk: Desk) -> Letter | None:
    """The notice's letter, asking for what is open and undisputed now; None when the notice is withdrawn.

    The caller holds the notice's row lock. Lines of an earlier attempt give way to those of this moment.
    """
    # Of a customer only its key is read; the notice's entity is theirs.
    notice.customer.entity = notice.entity
    book = desk.book(notice.entity)
    facts = desk.decision(book, notice.on).items(notice.customer_id, notice.currency, ignoring=notice.pk)
    share = share_of(notice)
    found = own(notice, share, (item for item in facts if item.why != Why.NOT_DUE))
    asked = [item for item in found if item.why == Why.ASKED]
    rule = book.rules.get(asked[0].plan_id or 0) if asked else None
    total = sum((item.asked for item in asked), ZERO)
    reason = Reason.NONE
    if rule is None:
        reason = Reason.NOTHING_LEFT
    elif total < rule.minimum:
        reason = Reason.BELOW_MINIMUM
    else:
        # Money that came since the morning and that nobody has placed yet.
        notice.on_account = on_account(notice.customer_id, notice.entity, notice.currency)
        covered = notice.on_account >= total + before(notice, share, facts)
        reason = Reason.COVERED if covered else Reason.NONE
    if rule is None or reason:
        if notice.letter is None or not notice.letter.perhaps_gone:
            _keep_lines(notice, found, None, counts=False)
        # What may be with the customer already keeps its lines: those steps are taken.
        withdraw(notice, reason, at)
        return None
    _keep_lines(notice, found, rule, counts=True)
    top = rule.steps[max(item.step_days for item in asked if item.step_days is not None)]
    if top.channel == StepChannel.CALL:
        _hand_to_caller(notice, top, asked, at)
        return None
    who = (notice.entity, notice.customer, recipient_of(notice.customer, notice.contact))
    reminder = Reminder(*who, notice.currency, notice.on, rule, asked, notice.pk, share=share)
    return _queue(notice, reminder, desk, at)


def _keep_lines(notice: Notice, found: list[Item], rule: Rule | None, *, counts: bool) -> None:
    if notice.status != NoticeStatus.DECIDED:
        notice.lines.all().delete()
    lines = [_line(notice, item, rule, counts) for item in found]
    gone = set(notice.invoice_ids) - {item.invoice_id for item in found}
    for invoice in Invoice.objects.filter(pk__in=gone).order_by("due_on", "pk") if gone else ():
        late = (notice.on - invoice.due_on).days
        left = invoice.amount - invoice.allocated
        why = Why.NOT_DUE if left else Why.PAID
        facts: dict[str, Any] = {"due_on": invoice.due_on, "days_late": late, "open": left, "why": why}
        lines.append(NoticeLine(notice=notice, invoice=invoice, on=notice.on, **facts))
    NoticeLine.objects.bulk_create(lines)


def _line(notice: Notice, item: Item, rule: Rule | None, counts: bool) -> NoticeLine:
    asked = item.why == Why.ASKED and rule is not None and item.step_days is not None
    days = item.step_days if asked else None
    return NoticeLine(
        notice=notice,
        invoice_id=item.invoice_id,
        step=rule.steps[days] if rule and days is not None else None,
        step_days=days,
        last_days=item.last_days,
        skipped_days=rule.skipped(item.last_days, days) if rule and days is not None else [],
        on=notice.on,
        due_on=item.due_on,
        days_late=item.late,
        open=item.open,
        disputed=item.disputed,
        promised=item.promised,
        asked=item.asked,
        why=item.why,
        counts=counts and asked,
    )


def withdraw(notice: Notice, reason: Reason, at: datetime) -> None:
    """Take the notice and its letter back, and say so on the customer's timeline."""
    if notice.letter_id:
        withdraw_letter(key=notice.letter_key)
    notice.status, notice.reason, notice.ended_at = NoticeStatus.WITHDRAWN, reason, at
    notice.save(update_fields=["status", "reason", "ended_at", "on_account"])
    emit(
        stream="customer",
        object_id=notice.customer_id,
        entity_id=notice.entity_id,
        kind="notice.withdrawn",
        actor=None,
        at=at,
        data={"notice": notice.pk, "reason": reason.value},
    )


def _hand_to_caller(notice: Notice, step: Step, asked: list[Item], at: datetime) -> None:
    """The step is a call: it goes on the worklist of the day, once per notice, and the notice has done its work."""
    oldest = max(item.late for item in asked)
    with override(notice.entity.language):
        numbers = ", ".join(item.number for item in asked[:5]) + (" …" if len(asked) > 5 else "")
        about = f"{step.name}: {numbers}"[:300]
    notice.step, notice.asked = step, sum((item.asked for item in asked), ZERO)
    notice.call = plan_call(
        customer=notice.customer,
        contact=notice.contact,
        reason=CallReason.OVERDUE if oldest > 0 else CallReason.BEFORE_DUE,
        due_on=notice.on,
        about=about,
        step=step,
        key=notice.letter_key,
        at=at,
    )
    notice.status, notice.ended_at = NoticeStatus.SENT, at
    notice.save(update_fields=["call", "status", "ended_at", "asked", "step", "on_account"])
    say_sent(notice, at)


def say_sent(notice: Notice, at: datetime) -> None:
    """Write into the customer's timeline that the step was taken."""
    emit(
        stream="customer",
        object_id=notice.customer_id,
        entity_id=notice.entity_id,
        kind="notice.sent",
        actor=None,
        at=at,
        data={
            "notice": notice.pk,
            "asked": str(notice.asked),
            "currency": notice.currency,
            "on": str(notice.on),
        },
    )


def _queue(notice: Notice, reminder: Reminder, desk: Desk, at: datetime) -> Letter:
    """Write the letter into the outbox, in the same transaction as the lines it repeats."""
    notice.step, notice.asked = reminder.step, reminder.asked
    enclosed = enclosures_for(reminder, notice.step.attach)
    reminder = replace(reminder, enclosed=enclosed.note)
    draft = Draft(
        entity=notice.entity,
        key=notice.letter_key,
        kind=notice.step.kind,
        channel=channel_of(notice.step),
        paper=paper_of(reminder),
        files=enclosed.files,
        to_address=reminder.recipient.by(channel_of(notice.step)),
        to_name=reminder.recipient.name or notice.customer.name,
        words=write(reminder, desk.texts),
        about_stream="notice",
        about_id=notice.pk,
        reserved=True,
    )
    letter = queue_letter(draft=draft, at=at)
    notice.letter, notice.status, notice.claimed_at = letter, NoticeStatus.SENDING, at
    if letter.status == LetterStatus.FAILED:
        bad = letter.trouble in (Trouble.BAD_ADDRESS, Trouble.BAD_PHONE, Trouble.BAD_POSTAL)
        notice.status, notice.ended_at = NoticeStatus.FAILED, at
        notice.reason = Reason.NO_ADDRESS if bad else Reason.NOT_DELIVERED
        notice.claimed_at = None
        notice.lines.update(counts=False)
    notice.save(
        update_fields=["letter", "status", "reason", "claimed_at", "ended_at", "asked", "step", "on_account"]
    )
    return letter
