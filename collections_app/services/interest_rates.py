"""Keeps the parameters of late interest that an import, a program or a person brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.events import emit
from accounts.models import User
from collections_app.interest.rates import known_rates
from collections_app.interest.reading import RateInput, Rejected, read_rates
from collections_app.models import InterestRate

KEY = ("kind", "country", "currency", "since")


@dataclass(slots=True)
class Taken:
    """What became of a list of rates; `outcomes` in the order of the rows."""

    rows: list[RateInput]
    outcomes: list[str]
    rejects: list[Rejected] = field(default_factory=list)

    @property
    def created(self) -> int:
        """How many are new."""
        return self.count("created")

    @property
    def updated(self) -> int:
        """How many took another value."""
        return self.count("updated")

    @property
    def unchanged(self) -> int:
        """How many were known."""
        return self.count("unchanged")

    def count(self, outcome: str) -> int:
        """How many rows ended so: created, updated or unchanged."""
        return self.outcomes.count(outcome)

    def as_json(self) -> dict[str, Any]:
        """The summary of a command or an answer of the API."""
        return {
            "rows": len(self.rows) + len(self.rejects),
            **{name: self.count(name) for name in ("created", "updated", "unchanged")},
            "rejected": len(self.rejects),
            "rejects": [{"at": one.line, "code": one.code, "message": one.sentence} for one in self.rejects],
        }


@transaction.atomic
def record_rates(
    *, rates: Sequence[RateInput], by: User | None, at: datetime, dry_run: bool = False
) -> Taken:
    """Keep the rates; each is created, updated or unchanged. What is known already, shipped too, is not written.

    The last of a key counts. Two lists at once do not double a rate: its key is unique.
    """
    known = {(*row.key, row.since): row for row in known_rates()}
    outcomes, fresh = [], {}
    for rate in rates:
        key = (rate.kind, rate.country, rate.currency, rate.since)
        before = known.get(key)
        if before is not None and before.value == rate.value:
            outcomes.append("unchanged")
            continue
        outcomes.append("created" if before is None else "updated")
        fresh[key] = rate
    taken = Taken(list(rates), outcomes)
    if fresh and not dry_run:
        _write(list(fresh.values()), by, at)
    return taken


def _write(rates: list[RateInput], by: User | None, at: datetime) -> None:
    rows = [
        InterestRate(
            kind=rate.kind,
            country=rate.country,
            currency=rate.currency,
            since=rate.since,
            value=rate.value,
            source=rate.source,
            recorded_by=by,
            recorded_at=at,
        )
        for rate in sorted(rates, key=lambda rate: (rate.kind, rate.country, rate.currency, rate.since))
    ]
    for row in rows:
        row.full_clean(validate_unique=False, validate_constraints=False)
    InterestRate.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=list(KEY),
        update_fields=["value", "source", "recorded_by", "recorded_at"],
    )
    told = [
        {"kind": row.kind, "country": row.country, "currency": row.currency}
        | {"since": row.since.isoformat(), "value": str(row.value)}
        for row in rows[:200]
    ]
    emit(
        stream="interest_rates",
        object_id=1,
        entity_id=None,
        kind="interest_rates.recorded",
        actor=by,
        at=at,
        data={"count": len(rows), "rates": told},
    )


def import_rates(*, content: bytes, name: str, by: User | None, at: datetime, dry_run: bool = False) -> Taken:
    """Take the good rows of a file and list the bad ones. Raises InterestError when it holds no rates at all."""
    read = read_rates(content, name=name)
    taken = record_rates(rates=read.rows, by=by, at=at, dry_run=dry_run)
    taken.rejects = read.rejects
    return taken
