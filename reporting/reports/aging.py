"""Aging: what is owed, by how late it is."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from reporting.metrics.aging import NOT_DUE, Aging
from reporting.reports.table import (
    Column,
    Kind,
    Options,
    Report,
    dimension,
    facts,
    head,
    money,
    name_of,
    rates_data,
)
from reporting.selectors.frame import Frame
from reporting.selectors.position import position


def bucket_label(name: str) -> str:
    """What a bucket is called."""
    if name == NOT_DUE:
        return _("Not due")
    if name.startswith("over_"):
        return _("Over {days} days").format(days=name.removeprefix("over_"))
    return _("{days} days").format(days=name.replace("_", "–"))


def _aging_data(aging: Aging) -> dict[str, Any]:
    return {
        "buckets": {name: money(amount) for name, amount in aging.buckets.items()},
        "unapplied": money(aging.unapplied),
        "total": money(aging.total),
        "disputed": {name: money(amount) for name, amount in aging.disputed.items()},
    }


def _aging_row(aging: Aging) -> tuple[Decimal, ...]:
    return (*aging.buckets.values(), aging.unapplied, aging.total, aging.disputed_total)


def aging_report(frame: Frame, options: Options) -> Report:
    """What is owed, by how late it is, disputed apart, money not yet placed as a bucket of its own."""
    by = options.by or "customer"
    found = position(frame, by)
    rows = [(row, name_of(frame, by, row.key, row.label)) for row in found.rows]
    columns = [Column("label", dimension(by)), Column("items", _("Open invoices"), Kind.COUNT)]
    columns += [Column(name, bucket_label(name), Kind.MONEY) for name in frame.buckets.names]
    columns += [
        Column("unapplied", _("Not yet placed"), Kind.MONEY),
        Column("total", _("Total"), Kind.MONEY),
        Column("disputed", _("Of which in dispute"), Kind.MONEY),
    ]
    data = {k: v for k, v in head(frame).items() if k != "entity"} | _aging_data(found.total)
    data |= {
        "by": by,
        "rows": [{"key": row.key, "label": name} | _aging_data(row.aging) for row, name in rows],
    }
    return Report(
        "aging",
        _("Aging"),
        facts(frame, rates=found.rates),
        columns,
        [(name, row.items, *_aging_row(row.aging)) for row, name in rows],
        data | rates_data(found.rates),
        total=(_("Total"), found.items, *_aging_row(found.total)),
        currency=frame.entity.currency,
    )
