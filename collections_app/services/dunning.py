"""Decides the day's notices and sends each of them once.

`decide` stores who gets a message; `send_notice` decides again at that moment, stores the lines, queues the
letter in the same transaction, and delivers it. Dying anywhere in between loses nothing: what was decided is
resumed, and one letter per notice exists at most.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from accounts.models import LegalEntity, User
from collections_app.choices import LIVE, Door, Grouping, NoticeStatus, Reason
from collections_app.decision.book import Book
from collections_app.decision.choosing import bank_read_until, chosen
from collections_app.decision.sql import Scope
from collections_app.errors import UnknownPlan
from collections_app.models import Notice, Plan, Run
from collections_app.services.day import CustomerRow, preview, with_outcomes
from collections_app.services.lapsing import lapse, lapse_all, lapsed
from collections_app.services.releasing import looked_at
from collections_app.services.reviewing import review
from collections_app.services.windows import in_their_hours
from collections_app.services.writing import Desk, redecide, say_sent
from lib.errors import DomainError
from mailroom.choices import LetterStatus
from mailroom.errors import LetterIsGone
from mailroom.models import Letter
from mailroom.services import deliver

log = logging.getLogger(__name__)
S = NoticeStatus
STUCK_AFTER = timedelta(minutes=10)
SAME_DAY = timedelta(hours=10)
# The hour, in the entity's time zone, from which its reminders go out.
MORNING = 8

INSERT = """
INSERT INTO {table} (run_id, entity_id, customer_id, contact_id, currency, "on", step_id, invoice_ids, grouping,
                     invoice_id, decided_amount, asked, on_account, bank_on, status, reason, decided_at, ended_at)
SELECT {run}, {entity}, customer_id, contact_id, currency, {day}, {step}, ids, kind,
       CASE kind WHEN '{invoice}' THEN part END, amount, amount,
       on_account, %s::date,
       CASE WHEN reason <> '' THEN '{S.FAILED}' WHEN {looked_at} THEN '{S.TO_APPROVE}' ELSE '{S.DECIDED}' END, reason,
       %s, CASE reason WHEN '' THEN NULL ELSE %s::timestamptz END
FROM chosen WHERE reason IN ('', '{no_address}') ORDER BY customer_id, part
"""
# Looking for each row first whether it is there already costs a quarter of the writing: only where it may be.
KEEPING = "ON CONFLICT DO NOTHING"


@transaction.atomic
def decide(
    *,
    entity: LegalEntity,
    on: date,
    at: datetime,
    plan: str | None = None,
    door: Door = Door.COMMAND,
    by: User | None = None,
) -> Run:
    """Store the notices due on `on`: one per customer, contact and currency, for what is open and undisputed, or one
    per invoice or per contact who deals with them where the plan says so.

    Deciding again adds nothing. What was decided on an earlier day and never sent is superseded, so that a
    customer gets one message however long nobody was at work. Raises UnknownPlan.
    """
    book = Book.of(entity, plan)
    if plan and not book.rules:
        raise UnknownPlan(plan)
    review(entity=entity, on=on, at=at)
    _supersede(entity, on, at)
    chosen_plan = Plan.objects.filter(entity=entity, code=plan).first() if plan else None
    run = Run.objects.create(entity=entity, on=on, plan=chosen_plan, door=door, by=by, at=at)
    if book.rules:
        run.decided = _insert(Scope(book, on), run, at)
        run.save(update_fields=["decided"])
    return run


def _insert(scope: Scope, run: Run, at: datetime) -> int:
    text, params = chosen(scope, fresh=True)
    insert = INSERT.format(
        table=Notice._meta.db_table,
        run=run.pk,
        entity=scope.book.entity.pk,
        day=scope.day,
        step=scope.book.step_ids(),
        no_address=Reason.NO_ADDRESS,
        invoice=Grouping.INVOICE,
        looked_at=scope.book.per_plan(
            {plan: looked_at(rule.version, scope.on) for plan, rule in scope.book.rules.items()}, "FALSE"
        ),
        S=S,
    )
    bank_on = bank_read_until(scope.book.entity)
    # The WITH clause stands inside the INSERT, after its column list.
    head, _, body = insert.partition("SELECT")
    statement, values = f"{head}{text} SELECT{body}", [*params, bank_on, at, at]
    with connection.cursor() as cursor:
        # Until the transaction ends: what is asked of a hundred thousand customers is sorted in memory.
        cursor.execute("SET LOCAL work_mem = '64MB'; SET LOCAL jit = off")
        if not Notice.objects.filter(entity=run.entity_id, on=scope.on).exists():
            # Unless somebody else decides at this moment, none of them can be there.
            with suppress(IntegrityError), transaction.atomic():
                cursor.execute(statement, values)
                return int(cursor.rowcount)
        cursor.execute(statement + KEEPING, values)
        return int(cursor.rowcount)


def _supersede(entity: LegalEntity, on: date, at: datetime) -> None:
    left = Notice.objects.filter(entity=entity, status__in=[S.DECIDED, S.TO_APPROVE], on__lt=on)
    left.update(status=S.WITHDRAWN, reason=Reason.SUPERSEDED, ended_at=at)
    lapse_all(entity_id=entity.pk, at=at)


def send_notice(*, notice_id: int, at: datetime, desk: Desk | None = None) -> Notice:
    """Send one notice, once, whoever else tries: claim and decide again, commit, deliver, mark."""
    desk = desk or Desk()
    queued = _claim(notice_id, at, desk)
    if queued is None:
        return Notice.objects.get(pk=notice_id)
    letter = deliver(letter_id=queued.pk, at=at, provider=desk.provider, entity=queued.entity)
    return _mark(notice_id, letter, at)


@transaction.atomic(durable=True)
def _claim(notice_id: int, at: datetime, desk: Desk) -> Letter | None:
    """The letter to deliver, with what it asks decided at this moment; None when there is nothing to do."""
    notices = Notice.objects.select_for_update(skip_locked=True, of=("self",))
    notice = (
        notices.select_related("customer", "letter", "contact").filter(pk=notice_id, status__in=LIVE).first()
    )
    if notice is None:
        return None
    desk.acquaint(notice)
    if not in_their_hours(notice, at):
        return None
    letter = notice.letter
    if letter and letter.status != LetterStatus.QUEUED:
        if letter.status != LetterStatus.SENDING:
            _mark(notice.pk, letter, at)
        return None
    if lapsed(notice, at):
        lapse(notice, at)
        return None
    if letter and letter.next_try_at > at:
        return None
    letter = redecide(notice=notice, at=at, desk=desk)
    return letter if letter is not None and letter.status == LetterStatus.QUEUED else None


@transaction.atomic
def _mark(notice_id: int, letter: Letter, at: datetime) -> Notice:
    """The notice follows its letter: sent, failed, or waiting for the next attempt."""
    notice = Notice.objects.select_for_update().get(pk=notice_id)
    if notice.status not in LIVE:
        return notice
    if letter.status == LetterStatus.SENT:
        notice.status, notice.ended_at = S.SENT, letter.sent_at
    elif letter.status == LetterStatus.FAILED:
        notice.status, notice.reason, notice.ended_at = S.FAILED, Reason.NOT_DELIVERED, at
        notice.lines.update(counts=False)
    elif letter.status in (LetterStatus.QUEUED, LetterStatus.TRAY):
        # It waits for the next attempt, or for the next print batch.
        notice.status = S.QUEUED
    notice.save(update_fields=["status", "reason", "ended_at"])
    if notice.status == S.SENT:
        say_sent(notice, at)
    return notice


def look_again(letter: Letter, at: datetime) -> Letter | None:
    """The letter of a notice before it is printed, asking for what is open and undisputed now; None when nothing is.

    Called inside the transaction of the print batch.
    """
    notices = Notice.objects.select_for_update(of=("self",)).select_related(
        "customer", "entity", "letter", "contact"
    )
    notice = notices.filter(letter=letter, status__in=LIVE).first()
    if notice is None:
        return None
    fresh = redecide(notice=notice, at=at, desk=Desk())
    if fresh is not None and fresh.status == LetterStatus.TRAY:
        # Sent as soon as the batch is: the sweeper finds it then.
        Notice.objects.filter(pk=notice.pk).update(status=S.QUEUED, claimed_at=None)
    return fresh


def send_batch(*, notice_ids: Sequence[int], at: datetime, desk: Desk | None = None) -> None:
    """Send several notices over one connection, reading the plans once."""
    if desk is None:
        with Desk.open() as desk:
            return send_batch(notice_ids=notice_ids, at=at, desk=desk)
    for notice_id in notice_ids:
        try:
            send_notice(notice_id=notice_id, at=at, desk=desk)
        except LetterIsGone:
            log.info("Notice %s is in other hands.", notice_id)
        except DomainError:
            log.exception("Notice %s cannot be written; the others go on.", notice_id)
            _give_up(notice_id, at)
    return None


@transaction.atomic
def _give_up(notice_id: int, at: datetime) -> None:
    """The notice fails and says so; the invoices' steps are free for the next decision."""
    under_way = Notice.objects.select_for_update().filter(pk=notice_id, status__in=LIVE)
    for notice in under_way:
        notice.lines.update(counts=False)
        notice.status, notice.reason, notice.ended_at = S.FAILED, Reason.NOT_WRITTEN, at
        notice.save(update_fields=["status", "reason", "ended_at"])


def run_day(
    *, entity: LegalEntity, on: date, at: datetime, plan: str | None = None, door: Door = Door.COMMAND
) -> list[CustomerRow]:
    """Decide, queue and send the notices of the day, here and now; what became of each customer."""
    before = preview(entity=entity, on=on, plan=plan)
    run = decide(entity=entity, on=on, at=at, plan=plan, door=door)
    send_batch(notice_ids=waiting(run=run), at=at)
    return with_outcomes(before, Notice.objects.filter(entity=entity, on=on))


def due_for_a_run(*, at: datetime) -> list[LegalEntity]:
    """The entities whose working morning has begun and whose day beat has not decided yet. Not on weekends."""
    due = []
    for entity in LegalEntity.objects.order_by("pk"):
        local = at.astimezone(ZoneInfo(entity.time_zone))
        if local.hour >= MORNING and local.weekday() < 5:
            had = Run.objects.filter(entity=entity, on=local.date(), door=Door.BEAT)
            due += [] if had.exists() else [entity]
    return due


def waiting(*, run: Run) -> list[int]:
    """The notices of the run's entity and day that are still to be sent, in order."""
    due = Notice.objects.filter(entity=run.entity_id, on=run.on, status__in=LIVE).filter(
        Q(not_before=None) | Q(not_before__lte=run.at)
    )
    return list(due.order_by("pk").values_list("pk", flat=True))


def sweep(*, at: datetime, limit: int = 500) -> list[int]:
    """The notices of any day that a worker claimed and left, or whose letter is due for another attempt.

    What was decided on an earlier day and never claimed is not among them: the next decision supersedes it.
    """
    stuck = Notice.objects.filter(status=S.SENDING, claimed_at__lt=at - STUCK_AFTER)
    again = Notice.objects.filter(
        status=S.QUEUED, letter__status=LetterStatus.QUEUED, letter__next_try_at__lte=at
    )
    waits = (LetterStatus.QUEUED, LetterStatus.TRAY)
    ends = Notice.objects.filter(status=S.QUEUED).exclude(letter__status__in=waits)
    left = Notice.objects.filter(
        status=S.DECIDED, decided_at__lt=at - STUCK_AFTER, run__at__gte=at - timedelta(hours=12)
    ) | Notice.objects.filter(status=S.DECIDED, not_before__lte=at, run__at__gte=at - timedelta(hours=24))
    open_now = Q(not_before=None) | Q(not_before__lte=at)
    found = (stuck | again | ends | left).filter(open_now)
    return list(found.order_by("pk").values_list("pk", flat=True)[:limit])
