"""Checks the books and keeps the outcome: asked for by a person or by the night, made by a worker, one at a time."""

from __future__ import annotations

import logging
import time
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db import Error, transaction
from django.db.models import Q
from redis.exceptions import RedisError

from accounts import policy
from accounts.events import emit
from accounts.models import BooksCheck, User
from lib import books

log = logging.getLogger(__name__)
KEPT_FINDINGS = 1000
KEPT_CHECKS = 400
# A worker that died leaves its check unfinished; it is taken up again after this.
PATIENCE = timedelta(hours=1)
# The night's check: once these hours have passed since the last one, in the small hours; later than that at any time.
EVERY, LATEST = timedelta(hours=20), timedelta(hours=26)
SMALL_HOURS = range(1, 5)
ALARM_KEY = "books-alarm"
ALARM_SECONDS = 60


def ask_for_check(*, at: datetime, by: User | None = None) -> BooksCheck:
    """The check that is to be made: a new one, or the one that is asked for or under way already."""
    BooksCheck.objects.bulk_create([BooksCheck(asked_at=at, asked_by=by)], ignore_conflicts=True)
    return BooksCheck.objects.filter(finished_at=None).first() or BooksCheck.objects.latest("pk")


def check_due(*, at: datetime) -> bool:
    """Whether the night's check is to be made now. A night without worker is made up for in the morning."""
    last = latest()
    if last is None or last.finished_at is None:
        return True
    age = at - last.finished_at
    return age > LATEST or (age > EVERY and at.hour in SMALL_HOURS)


def waiting(*, at: datetime) -> BooksCheck | None:
    """The check that nobody makes: never begun, or left behind by a worker that died."""
    return BooksCheck.objects.filter(_free(at)).first()


def make_check(*, check_id: int, at: datetime) -> BooksCheck | None:
    """Make a check that was asked for; None when somebody else makes it or has made it."""
    if not BooksCheck.objects.filter(_free(at), pk=check_id).update(started_at=at):
        return None
    return _keep(BooksCheck.objects.get(pk=check_id), at)


def latest() -> BooksCheck | None:
    """The last check that was made."""
    return BooksCheck.objects.filter(finished_at__isnull=False).order_by("-finished_at", "-pk").first()


def alarm_for(user: Any) -> int:
    """How many differences the last check found in what this person administers; 0 for anybody else."""
    ruled = policy.scope(user).entities("admin")
    if not ruled:
        return 0
    counts = _counts()
    return sum(number for entity, number in counts.items() if not entity or int(entity) in ruled)


def shown_to(user: Any, check: BooksCheck) -> list[dict[str, Any]]:
    """The findings of a check in what this person administers."""
    ruled = policy.scope(user).entities("admin")
    return [row for row in check.findings if row["entity"] is None or row["entity"] in ruled]


def found_for(user: Any, check: BooksCheck) -> int:
    """How many differences a check found in what this person administers."""
    ruled = policy.scope(user).entities("admin")
    return sum(number for entity, number in check.counts.items() if not entity or int(entity) in ruled)


def _free(at: datetime) -> Q:
    return Q(finished_at=None) & (Q(started_at=None) | Q(started_at__lt=at - PATIENCE))


def _keep(check: BooksCheck, at: datetime) -> BooksCheck:
    """Run every check and write the outcome. One that breaks is an alarm too."""
    begun, counts = time.monotonic(), Counter[str]()
    findings: list[dict[str, Any]] = []
    error = ""
    try:
        for finding in books.run():
            counts["" if finding.difference.entity is None else str(finding.difference.entity)] += 1
            if len(findings) < KEPT_FINDINGS:
                findings.append(finding.as_json())
    except (Error, OSError) as broken:
        log.exception("The books could not be checked.")
        error = f"{type(broken).__name__}: {broken}"[:500]
        counts[""] += 1
    took = timedelta(seconds=time.monotonic() - begun)
    check.seconds = Decimal(took // timedelta(milliseconds=1)).scaleb(-3)
    check.started_at, check.finished_at = check.started_at or at, at + took
    check.checks, check.found = len(books.CHECKS), counts.total()
    check.counts, check.findings, check.error, check.ok = dict(counts), findings, error, not counts
    with transaction.atomic():
        check.save()
        _tell(check)
        _forget()
    _set_alarm(check.counts)
    return check


def _tell(check: BooksCheck) -> None:
    """An event per legal entity in which something differs: the audit trail has it, and whoever listens."""
    for entity, number in check.counts.items():
        emit(
            stream="books",
            object_id=check.pk,
            entity_id=int(entity) if entity else None,
            kind="books.differ",
            actor=check.asked_by,
            at=check.finished_at or check.asked_at,
            data={"found": number},
        )
        log.error("The books do not add up: %s differences (legal entity %s).", number, entity or "-")


def _forget() -> None:
    """Old checks go; the audit trail keeps what they found."""
    kept = BooksCheck.objects.order_by("-pk").values_list("pk", flat=True)[KEPT_CHECKS:]
    BooksCheck.objects.filter(pk__in=list(kept)).delete()


def _counts() -> dict[str, int]:
    """Legal entity -> findings of the last check; from the cache, else (or while it is away) from the table."""
    try:
        kept: dict[str, int] | None = cache.get(ALARM_KEY)
    except (RedisError, OSError):
        kept = None
    if kept is None:
        last = latest()
        kept = dict(last.counts) if last else {}
        _set_alarm(kept)
    return kept


def _set_alarm(counts: dict[str, int]) -> None:
    try:
        cache.set(ALARM_KEY, counts, timeout=ALARM_SECONDS)
    except (RedisError, OSError):
        log.warning("The cache is away; the last check is read from its table.")
