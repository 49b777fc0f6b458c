"""The same changes to many disputes, each in a transaction of its own: one that refuses does not stop the others."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from disputes.models import Dispute
from disputes.services.changes import Step, apply_step
from disputes.services.common import lock
from disputes.services.snoozing import refuse_stale
from lib.errors import DomainError

log = logging.getLogger(__name__)
MOST = 500


@dataclass(frozen=True, slots=True)
class Refusal:
    """A dispute that was left as it is, and why."""

    dispute: Dispute
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of many: those changed, and those that were not."""

    done: list[Dispute] = field(default_factory=list)
    failed: list[Refusal] = field(default_factory=list)


@transaction.atomic
def change(
    *, dispute: Dispute, steps: Sequence[Step], by: User, at: datetime, seen: int | None = None
) -> Dispute:
    """Make several changes to one dispute in their order: all of them, or none."""
    now = lock(dispute.pk)
    refuse_stale(now, seen, by)
    now.stage_id = dispute.stage_id
    for step in steps:
        now = apply_step(step, now, by=by, at=at)
    return now


def change_many(*, disputes: Iterable[Dispute], steps: Sequence[Step], by: User, at: datetime) -> Outcomes:
    """Make the changes to each of them, in the order of their keys. Call outside of a transaction."""
    outcomes = Outcomes()
    for dispute in sorted(disputes, key=lambda one: one.pk)[:MOST]:
        try:
            outcomes.done.append(change(dispute=dispute, steps=steps, by=by, at=at))
        except DomainError as error:
            outcomes.failed.append(Refusal(dispute, error.code, str(error)))
        except DatabaseError:
            log.exception("A guard of the database stopped a bulk change of %s.", dispute)
            sentence = _("That did not work. Nothing was changed; try again.")
            outcomes.failed.append(Refusal(dispute, "failed", sentence))
    return outcomes
