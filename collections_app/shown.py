"""Promises as pages show them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts import policy
from accounts.models import User
from collections_app import instalments_shown
from collections_app.choices import InstalmentStatus, PromiseStatus
from collections_app.models import InstalmentPlan, Promise
from collections_app.models.promises import RUNNING

S = PromiseStatus
LOOKS = {
    S.MADE: ("info", "handshake"),
    S.WAITING: ("warn", "hourglass"),
    S.KEPT: ("ok", "check"),
    S.BROKEN: ("bad", "triangle-alert"),
    S.REPLACED: ("mute", "undo-2"),
    S.CANCELLED: ("mute", "x"),
    S.REFUSED: ("bad", "ban"),
}


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """A promise with its badge and what the person may do with it. The acts stand at the first of an act."""

    promise: Promise
    tone: str
    icon: str
    may_cancel: bool
    may_decide: bool


def promises(found: Iterable[Promise], user: User) -> list[PromiseRow]:
    """The rows of a list."""
    seen: set[uuid.UUID] = set()
    rows = []
    for one in found:
        first = one.act not in seen
        seen.add(one.act)
        tone, icon = LOOKS[S(one.status)]
        cancel = first and one.status in RUNNING and policy.may(user, "promise.make", one.entity_id)
        decide = first and one.status == S.WAITING and policy.may(user, "promise.approve", one.entity_id)
        rows.append(PromiseRow(one, tone, icon, cancel, decide and one.made_by_id != user.pk))
    return rows


@dataclass(frozen=True, slots=True)
class PlanRow:
    """An agreement on instalments with its badge."""

    plan: InstalmentPlan
    tone: str
    icon: str


def plans(found: Iterable[InstalmentPlan]) -> list[PlanRow]:
    """The rows of a list of agreements."""
    return [PlanRow(one, *instalments_shown.LOOKS[InstalmentStatus(one.status)]) for one in found]


def noted(request: HttpRequest, made: Sequence[Promise]) -> None:
    """Tell who noted a promise what follows from it."""
    if made[0].status == S.WAITING:
        sentence = _(
            "This is beyond your limits: a credit manager has to approve it. Until then reminders go on."
        )
        messages.warning(request, sentence)
    else:
        messages.success(request, _("The promise is noted: this part is not asked for until its day."))
