"""Deadlines follow the calendars: counted again when hours, holidays or closures change."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import LegalEntity
from accounts.selectors import Offices
from disputes.alerts import next_after
from disputes.choices import RunState
from disputes.models import AlertSent, Dispute
from disputes.services.common import holder_facts, lock, moment_for, tell
from disputes.services.timing import due_of, falling, held

BATCH = 200


def due_again(*, entity: LegalEntity, at: datetime) -> int:
    """Count the deadlines of all open disputes of the entity again; how many moved. Harmless twice.

    A deadline that was moved by anything else than the stage's time (a branch, an approval) is not touched: only
    disputes whose deadline their stage gave them are looked at.
    """
    offices, moved, last = Offices(entity), 0, 0
    while True:
        rows = Dispute.objects.active().filter(entity=entity, pk__gt=last, due_at__isnull=False)
        rows = rows.filter(stage__clock_stops=False, stage__deadline_minutes__isnull=False)
        rows = rows.exclude(branch_runs__state=RunState.OPEN)
        batch = list(rows.select_related("stage", "customer").order_by("pk")[:BATCH])
        if not batch:
            return moved
        for dispute in batch:
            if due_of(dispute.stage, held(dispute, offices)) != dispute.due_at:
                moved += _move_due(dispute.pk, offices, at)
        last = batch[-1].pk


@transaction.atomic
def _move_due(pk: int, offices: Offices, at: datetime) -> bool:
    """Write the new deadline of one dispute and say so, if it still differs."""
    dispute = lock(pk)
    if not dispute.is_open or dispute.due_at is None:
        return False
    stays = held(dispute, offices)
    due = due_of(dispute.stage, stays)
    if due is None or due == dispute.due_at:
        return False
    before, dispute.due_at = dispute.due_at, due
    sent = set(
        AlertSent.objects.filter(stay__dispute=pk, stay__ended_at=None).values_list("alert", flat=True)
    )
    dispute.alert_at = next_after(falling(stays, dispute.stage), sent)
    dispute.save(update_fields=["due_at", "alert_at"])
    data = {"before": before.isoformat(), **holder_facts(dispute)}
    tell(dispute, "dispute.due_moved", by=None, at=moment_for(dispute, at), data=data)
    return True
