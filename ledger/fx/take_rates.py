"""Takes a file of exchange rates into the ledger. Rates belong to no legal entity; the import to the one it came by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from django.db import connection

from ledger.fx.readers import Quote, read_rates
from ledger.intake.documents import NoticeBook, Reject
from ledger.intake.formats import Format
from ledger.intake.job import Job
from ledger.intake.keeping import close_batch, keep_rejects, open_batch
from ledger.intake.results import FileResult

HEADER = ("currency", "day", "rate")
STEP = 5000
STAGE = """
CREATE TEMP TABLE IF NOT EXISTS intake_rate (
    line int, currency varchar(3), "on" date, per_euro numeric(18, 6)
) ON COMMIT DROP;
TRUNCATE intake_rate;
"""
# A history is a quarter of a million rows: without figures about them the planner guesses a handful.
MEASURE = "ANALYZE intake_rate"
MEASURE_KEPT = "ANALYZE ledger_exchangerate"
MANY = 10_000
ANY_TWICE = 'SELECT 1 FROM intake_rate GROUP BY currency, "on" HAVING count(*) > 1 LIMIT 1'
TWICE = """
DELETE FROM intake_rate s USING (
    SELECT DISTINCT ON (currency, "on") ctid AS kept, currency, "on", per_euro FROM intake_rate
    ORDER BY currency, "on", line, ctid
) f
WHERE f.currency = s.currency AND f."on" = s."on" AND s.ctid <> f.kept
RETURNING s.line, s.currency, s."on", s.per_euro, f.per_euro
"""
CHANGED = """
SELECT s.line, s.currency, s."on", r.per_euro, s.per_euro
FROM intake_rate s JOIN ledger_exchangerate r ON r.currency = s.currency AND r."on" = s."on"
WHERE r.per_euro <> s.per_euro ORDER BY s."on", s.currency LIMIT 1
"""
# Sorted, so that two imports at once wait for each other instead of crossing.
WRITE = """
WITH done AS (
    INSERT INTO ledger_exchangerate AS r (currency, "on", per_euro)
    SELECT currency, "on", per_euro FROM intake_rate ORDER BY currency, "on"
    ON CONFLICT (currency, "on") DO UPDATE SET per_euro = EXCLUDED.per_euro
    WHERE r.per_euro <> EXCLUDED.per_euro
    RETURNING (r.xmax = 0) AS fresh
)
SELECT count(*) FILTER (WHERE fresh), count(*) FILTER (WHERE NOT fresh), (SELECT count(*) FROM intake_rate) FROM done
"""


def take_rates(job: Job, found: Format, result: FileResult) -> None:
    """Import the rates of one file, in the transaction of the caller. Raises Unreadable."""
    notices = NoticeBook()
    batch = open_batch(job, format=found.name)
    result.batch_id = batch.pk
    rows = read_rates(job.path, notices)
    rejects = list(_stage(rows, job))
    rejects += _twice(result)
    keep_rejects(batch, HEADER, rejects, result)
    write_staged(notices, result)
    result.notices = list(notices)
    close_batch(job, batch, result, rates=result.created + result.updated)


def _stage(rows: Iterable[Quote | Reject], job: Job) -> Iterator[Reject]:
    """Copy the rates into the staging table; give back what is none."""
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
        refused: list[Reject] = []
        seen = 0
        with cursor.copy('COPY intake_rate (line, currency, "on", per_euro) FROM STDIN') as copy:
            for row in rows:
                if isinstance(row, Reject):
                    refused.append(row)
                else:
                    copy.write_row(row)
                seen += 1
                if job.progress and not seen % STEP:
                    job.progress(seen, seen)
    yield from refused


def _twice(result: FileResult) -> list[Reject]:
    """A rate that the file says again: the same is counted as unchanged, another value is refused."""
    refused = []
    with connection.cursor() as cursor:
        cursor.execute(MEASURE)
        cursor.execute(ANY_TWICE)
        if cursor.fetchone() is None:
            return []
        cursor.execute(TWICE)
        for line, currency, on, rate, first in cursor.fetchall():
            if rate == first:
                result.unchanged += 1
            else:
                params = {"currency": currency, "day": on.isoformat()}
                refused.append(Reject(line, "rate_twice", currency, params, (currency, str(on), str(rate))))
    return refused


def write_staged(notices: NoticeBook, result: FileResult) -> None:
    """Write the staged rates and count them; a changed one is worth a word."""
    with connection.cursor() as cursor:
        cursor.execute(CHANGED)
        first = cursor.fetchone()
        cursor.execute(WRITE)
        created, updated, staged = cursor.fetchone() or (0, 0, 0)
        if created > MANY:
            cursor.execute(MEASURE_KEPT)
    result.created += created
    result.updated += updated
    result.unchanged += staged - created - updated
    if first and updated:
        line, currency, on, before, after = first
        values = {"before": _plain(before), "after": _plain(after)}
        notices.add("rates_changed", line, updated, currency=currency, day=on.isoformat(), **values)


def _plain(rate: Decimal) -> str:
    return format(rate.normalize(), "f")
