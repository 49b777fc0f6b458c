"""Promises and dunning: what was said, what was asked, what came in."""

from collections import Counter
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from collections_app.choices import PromiseStatus
from mailroom.choices import Channel
from reporting.metrics.rounding import share
from reporting.reports.internal import internal_promises_report
from reporting.reports.table import (
    Column,
    Kind,
    Options,
    Report,
    days,
    dimension,
    facts,
    head,
    money,
    name_of,
)
from reporting.selectors.collecting import HORIZONS, PromiseRow, chases, promises
from reporting.selectors.flow import Period
from reporting.selectors.frame import Frame
from reporting.selectors.internal import KEEPERS
from reporting.selectors.rates import rates_of

ZERO = Decimal("0.00")
STATES = ("kept", "broken", "running")


def promises_report(frame: Frame, options: Options) -> Report:
    """Promises for a day of the period: kept (paid in full by the day and its grace), broken, still running.

    By keeper or department it tells of the promises we make each other.
    """
    if options.by in KEEPERS:
        return internal_promises_report(frame, options)
    period, by = options.period(frame.as_of), options.by or "customer"
    found = [(row, row.state(frame.as_of)) for row in promises(frame, period, by)]
    if options.by:
        return _promises_by(frame, period, by, found)
    counts = Counter(state for _row, state in found)
    names = {"kept": PromiseStatus.KEPT.label, "broken": PromiseStatus.BROKEN.label}
    due = counts["kept"] + counts["broken"]
    rate = share(Decimal(counts["kept"]), Decimal(due), 3) if due else None
    columns = [
        Column("promised_on", _("Promised for"), Kind.DAY), Column("customer", _("Customer")),
        Column("invoice", _("Invoice")), Column("currency", _("Currency")), Column("amount", _("Promised"), Kind.MONEY),
        Column("paid", _("Paid by then"), Kind.MONEY), Column("state", _("State")),
    ]  # fmt: skip
    rows = [
        (
            *(r.promised_on, r.customer, r.invoice, r.currency, r.amount, r.counted),
            str(names.get(state, PromiseStatus.MADE.label)),
        )
        for r, state in found
    ]
    data = head(frame, period=period) | {state: counts[state] for state in ("kept", "broken", "running")}
    data |= {"kept_rate": days(rate), "rows": [_promise_data(row, state) for row, state in found]}
    shown = "-" if rate is None else f"{rate.quantize(Decimal('0.1'))} %"
    above = [*facts(frame, period=period), (_("Kept rate"), shown)]
    return Report(
        "promises", _("Promises of payment"), above, columns, rows, data, currency=frame.entity.currency
    )


def _promise_data(row: PromiseRow, state: str) -> dict[str, Any]:
    return {
        "promised_on": row.promised_on.isoformat(),
        "customer": row.customer_code,
        "invoice": row.invoice,
        "currency": row.currency,
        "amount": money(row.amount),
        "paid": money(row.counted),
        "state": state,
    }


def _promises_by(frame: Frame, period: Period, by: str, found: list[tuple[PromiseRow, str]]) -> Report:
    """Kept, broken and running by one dimension, and how much was broken; whoever broke most first."""
    rates = rates_of(frame.as_of, frame.entity.currency)
    groups: dict[tuple[str, str], list[tuple[PromiseRow, str]]] = {}
    for row, state in found:
        groups.setdefault((row.key, row.label), []).append((row, state))
    columns = [Column("label", dimension(by))]
    columns += [
        Column(key, label, Kind.COUNT)
        for key, label in zip(STATES, (_("Kept"), _("Broken"), _("Running")), strict=True)
    ]
    columns += [
        Column("rate", _("Kept rate"), Kind.PERCENT),
        Column("missing", _("Promised and not paid"), Kind.MONEY),
    ]
    rows: list[tuple[Any, ...]] = []
    entries: list[dict[str, Any]] = []
    for (key, label), some in groups.items():
        counts, name = Counter(state for _row, state in some), name_of(frame, by, key, label)
        due = counts["kept"] + counts["broken"]
        rate = share(Decimal(counts["kept"]), Decimal(due), 3) if due else None
        missing = sum(
            (rates.convert(r.amount - r.counted, r.currency) for r, s in some if s == "broken"), ZERO
        )
        rows.append((name, *(counts[state] for state in STATES), rate, missing))
        entry = {"key": key, "label": name, "kept_rate": days(rate), "missing": money(missing)}
        entries.append(entry | {state: counts[state] for state in STATES})
    order = sorted(range(len(rows)), key=lambda i: (-rows[i][5], -rows[i][2], rows[i][0]))
    data = head(frame, period=period) | {"by": by, "rows": [entries[i] for i in order]}
    above = facts(frame, period=period)
    return Report(
        "promises", _("Promises of payment"), above, columns, [rows[i] for i in order], data,
        currency=frame.entity.currency,
    )  # fmt: skip


def step_name(step_days: int) -> str:
    """A step of a plan by its day."""
    if step_days < 0:
        return _("{days} days before due").format(days=-step_days)
    return _("{days} days after due").format(days=step_days)


def dunning_report(frame: Frame, options: Options) -> Report:
    """What each step and channel asked for in the period, and how much of it was paid within 7, 14 and 30
    days.
    """
    period = options.period(frame.as_of)
    rates = rates_of(frame.as_of, frame.entity.currency)
    channels = dict(Channel.choices)
    columns = [
        Column("step", _("Step")), Column("channel", _("Channel")), Column("notices", _("Notices"), Kind.COUNT),
        Column("invoices", _("Invoices"), Kind.COUNT), Column("asked", _("Asked"), Kind.MONEY),
    ]  # fmt: skip
    for horizon in HORIZONS:
        columns.append(
            Column(f"paid_{horizon}", _("Paid within {days} days").format(days=horizon), Kind.MONEY)
        )
        columns.append(Column(f"share_{horizon}", f"% {horizon}", Kind.PERCENT))
    rows, entries = [], []
    by = options.by or "entity"
    if options.by:
        columns.insert(0, Column("label", dimension(by)))
    for row in chases(frame, period, by):
        asked, *paid = (rates.convert(v, row.currency) for v in (row.asked, row.in_7, row.in_14, row.in_30))
        shares = [share(amount, asked, 3) for amount in paid]
        pairs = [value for pair in zip(paid, shares, strict=True) for value in pair]
        name = str(channels.get(row.channel, row.channel))
        told = name_of(frame, by, row.key, row.label)
        place = (told,) if options.by else ()
        rows.append((*place, step_name(row.step_days), name, row.notices, row.invoices, asked, *pairs))
        entry: dict[str, Any] = {"key": row.key, "label": told} if options.by else {}
        entry |= {
            "step_days": row.step_days,
            "channel": row.channel,
            "notices": row.notices,
            "invoices": row.invoices,
        }
        entry |= {"asked": money(asked)}
        for horizon, amount, part in zip(HORIZONS, paid, shares, strict=True):
            entry |= {f"paid_{horizon}": money(amount), f"share_{horizon}": days(part)}
        entries.append(entry)
    data = head(frame, period=period) | {"rows": entries}
    above = facts(frame, period=period)
    return Report(
        "dunning", _("Dunning effectiveness"), above, columns, rows, data, currency=frame.entity.currency
    )
