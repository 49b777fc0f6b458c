"""Deadlines follow the calendars: counted again when hours, holidays or closures change."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.models import LegalEntity
from accounts.selectors import Offices
from disputes.alerts import next_after
from disputes.models import AlertSent, BranchRun, Dispute
from disputes.services.branches import due_of_run, follow, open_runs
from disputes.services.common import holder_facts, lock, moment_for, tell
from disputes.services.timing import due_of, falling, held

BATCH = 200


def due_again(*, entity: LegalEntity, at: datetime) -> int:
    """Count the deadlines of all open disputes of the entity again; how many moved. Harmless twice.

    Where branches run, each of theirs is counted again; the dispute has that of the one which is due first.
    """
    offices, moved, last = Offices(entity), 0, 0
    while True:
        rows = Dispute.objects.active().filter(entity=entity, pk__gt=last, due_at__isnull=False)
        rows = rows.filter(stage__clock_stops=False)
        rows = rows.filter(Q(stage__deadline_minutes__isnull=False) | ~Q(stage__wait_for=""))
        batch = list(rows.select_related("stage", "customer").order_by("pk")[:BATCH])
        if not batch:
            return moved
        for dispute in batch:
            if _differs(dispute, offices):
                moved += _move_due(dispute.pk, offices, at)
        last = batch[-1].pk


def _differs(dispute: Dispute, offices: Offices) -> bool:
    """Whether the deadline, or that of a branch, is another one by the calendars of now."""
    runs = _runs(dispute)
    if runs:
        return any(run.due_at != due_of_run(run, dispute, offices) for run in runs)
    due = due_of(dispute.stage, held(dispute, offices))
    return due is not None and due != dispute.due_at


def _runs(dispute: Dispute) -> list[BranchRun]:
    """The branches that run, with what their deadline follows from."""
    return list(open_runs(dispute).select_related("branch__stage", "holder_user", "holder_department"))


@transaction.atomic
def _move_due(pk: int, offices: Offices, at: datetime) -> bool:
    """Write the new deadlines of one dispute and say so, if they still differ."""
    dispute = lock(pk)
    if not dispute.is_open or dispute.due_at is None or not _differs(dispute, offices):
        return False
    at, before, stays = moment_for(dispute, at), dispute.due_at, held(dispute, offices)
    runs = _runs(dispute)
    for run in runs:
        run.due_at = due_of_run(run, dispute, offices)
        run.save(update_fields=["due_at"])
    sent = set(
        AlertSent.objects.filter(stay__dispute=pk, stay__ended_at=None).values_list("alert", flat=True)
    )
    dispute.alert_at = next_after(falling(stays, dispute), sent)
    if not runs:
        dispute.due_at = due_of(dispute.stage, stays)
    dispute.save(update_fields=["due_at", "alert_at"])
    follow(dispute, at)
    data = {"before": before.isoformat(), **holder_facts(dispute)}
    tell(dispute, "dispute.due_moved", by=None, at=at, data=data)
    return True
