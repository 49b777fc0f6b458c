"""Mass disputes: put disputes with the same cause together, decide them once, let one go its own way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.events import emit
from accounts.models import LegalEntity, User
from disputes.choices import DECISIONS, Resolution, Verdict
from disputes.errors import FieldErrors, IllegalAct, RoleMayNot
from disputes.lifecycle import Act
from disputes.models import Dispute, Mass, Reason
from disputes.services.closing import close_dispute
from disputes.services.common import allow, lock, lock_disputes, moment_for, tell
from disputes.services.ending import GIVES_UP
from disputes.services.managing import set_cause
from lib.errors import DomainError
from lib.money import q

FEWEST, MOST = 2, 200
LONGEST_TITLE = 200
HUNDRED = Decimal(100)


@dataclass(slots=True)
class Decided:
    """What became of each child: closed, waiting for an approval, or refused with its sentence."""

    closed: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


@transaction.atomic
def open_mass(
    *,
    entity: LegalEntity,
    title: str,
    disputes: Sequence[Dispute],
    by: User,
    at: datetime,
    cause: Reason | None = None,
) -> Mass:
    """Put open disputes of one legal entity under one parent."""
    title = title.strip()
    errors: dict[str, str] = {}
    if not title or len(title) > LONGEST_TITLE:
        errors["title"] = _("Say in a few words what it is about.")
    if len({dispute.pk for dispute in disputes}) < FEWEST:
        errors["disputes"] = _("Choose at least two disputes.")
    if cause is not None and (cause.entity_id != entity.pk or not cause.active):
        errors["cause"] = _("Choose a reason from the list.")
    if errors:
        raise FieldErrors(errors)
    locked = lock_disputes(dispute.pk for dispute in disputes)
    mass = Mass.objects.create(entity=entity, title=title, cause=cause, opened_by=by, opened_at=at)
    _take_in(mass, locked.values(), by, at)
    _say(mass, "mass.opened", by, at, {"title": title, "disputes": [one.ref for one in locked.values()]})
    return mass


@transaction.atomic
def add_to_mass(*, mass: Mass, disputes: Sequence[Dispute], by: User, at: datetime) -> Mass:
    """Put more disputes under the parent; one that is there already stays."""
    locked = lock_disputes(dispute.pk for dispute in disputes)
    mass = _lock(mass.pk)
    new = [dispute for dispute in locked.values() if dispute.mass_id != mass.pk]
    _take_in(mass, new, by, at)
    if new:
        _say(mass, "mass.joined", by, at, {"disputes": [dispute.ref for dispute in new]})
    return mass


@transaction.atomic
def detach(*, dispute: Dispute, by: User, at: datetime) -> Dispute:
    """Let a child go its own way; letting go twice changes nothing. A parent left without open children is done."""
    dispute = lock(dispute.pk)
    allow(dispute, Act.GROUP, by)
    if dispute.mass_id is None:
        return dispute
    mass = _lock(dispute.mass_id)
    dispute.mass = None
    dispute.save(update_fields=["mass"])
    at = moment_for(dispute, at)
    tell(dispute, "dispute.left_mass", by=by, at=at, data=_of(mass))
    _say(mass, "mass.left", by, at, {"disputes": [dispute.ref]})
    _close_if_done(mass, at)
    return dispute


def decide_mass(
    *,
    mass: Mass,
    verdict: str,
    resolution: str,
    by: User,
    at: datetime,
    percent: Decimal = HUNDRED,
    note: str = "",
) -> Decided:
    """Decide all open children alike: `percent` of what each disputes is given up (credit, write-off).

    Each child is closed in a transaction of its own: one that is refused is named and stops none of the others.
    """
    _check_decision(mass, verdict, resolution, percent, by)
    done = Decided()
    for pk in mass.children.filter(closed_at=None).order_by("pk").values_list("pk", flat=True):
        _decide_one(
            done, mass, pk, verdict=verdict, resolution=resolution, by=by, at=at, percent=percent, note=note
        )
    with transaction.atomic():
        mass = _lock(mass.pk)
        data = {
            "verdict": verdict,
            "resolution": resolution,
            "percent": str(percent),
            "note": note.strip(),
            "closed": done.closed,
            "waiting": done.waiting,
            "refused": [list(pair) for pair in done.refused],
        }
        _say(mass, "mass.decided", by, at, data)
        _close_if_done(mass, at)
    return done


def _decide_one(
    done: Decided, mass: Mass, pk: int, *, by: User, at: datetime, percent: Decimal, **decision: Any
) -> None:
    """One child in its own transaction."""
    child = Dispute.objects.get(pk=pk)
    try:
        with transaction.atomic():
            child = lock(pk)
            if child.mass_id != mass.pk:
                raise IllegalAct(_("It was detached meanwhile."), code="detached")
            if mass.cause is not None and child.root_cause_id is None:
                child = set_cause(dispute=child, cause=mass.cause, by=by, at=at)
            amount = None
            if Resolution(decision["resolution"]) in GIVES_UP:
                amount = _share(child, percent)
            child = close_dispute(dispute=child, by=by, at=at, amount=amount, **decision)
    except DomainError as error:
        done.refused.append((child.ref, str(error)))
        return
    (done.waiting if child.is_open else done.closed).append(child.ref)


def _share(child: Dispute, percent: Decimal) -> Decimal:
    """That much of what the child disputes, to the cent and never more."""
    share = child.amount * percent / HUNDRED
    return min(q(share.quantize(Decimal("0.01"), ROUND_DOWN), child.currency), child.amount)


def _check_decision(mass: Mass, verdict: str, resolution: str, percent: Decimal, by: User) -> None:
    if not policy.may(by, "dispute.decide", mass.entity_id):
        raise RoleMayNot(_("Your role does not allow this."), code="role_may_not")
    errors: dict[str, str] = {}
    if verdict not in Verdict.values:
        errors["verdict"] = _("Say whether the customer was right.")
    if resolution not in DECISIONS:
        errors["resolution"] = _("Say what is done about it.")
    if not 0 < percent <= HUNDRED:
        errors["percent"] = _("The share must be more than 0 and at most 100 %.")
    if errors:
        raise FieldErrors(errors)
    if not Mass.objects.filter(pk=mass.pk, closed_at=None).exists():
        raise IllegalAct(_("This mass dispute is closed."), code="mass_closed")


def close_mass_if_done(*, mass_id: int, at: datetime) -> bool:
    """Close a parent none of whose children is open any more; whether it was closed. Harmless twice."""
    with transaction.atomic():
        return _close_if_done(_lock(mass_id), at)


def _close_if_done(mass: Mass, at: datetime) -> bool:
    if not mass.is_open or mass.children.filter(closed_at=None).exists():
        return False
    mass.closed_at = max(at, mass.opened_at)
    mass.save(update_fields=["closed_at"])
    _say(mass, "mass.closed", None, mass.closed_at, {"disputes": mass.children.count()})
    return True


def _lock(pk: int) -> Mass:
    """After the disputes, in the order of the house."""
    mass: Mass = Mass.objects.select_for_update(of=("self",), no_key=True).select_related("entity").get(pk=pk)
    return mass


def _take_in(mass: Mass, disputes: Iterable[Dispute], by: User, at: datetime) -> None:
    """Check and take the locked disputes in; the first that cannot come stops all."""
    disputes = list(disputes)
    if not mass.is_open:
        raise IllegalAct(_("This mass dispute is closed: it takes no more disputes."), code="mass_closed")
    if mass.children.count() + len(disputes) > MOST:
        raise FieldErrors({"disputes": _("A mass dispute has at most %(n)s disputes.") % {"n": MOST}})
    for dispute in disputes:
        allow(dispute, Act.GROUP, by)
        if dispute.entity_id != mass.entity_id:
            raise FieldErrors({"disputes": _("Choose disputes of one legal entity.")})
        if dispute.mass_id is not None:
            facts = {"ref": dispute.ref, "mass": f"M-{dispute.mass_id}"}
            raise IllegalAct(_("%(ref)s is in %(mass)s already.") % facts, code="in_another_mass")
        dispute.mass = mass
        dispute.save(update_fields=["mass"])
        tell(dispute, "dispute.joined_mass", by=by, at=moment_for(dispute, at), data=_of(mass))


def _of(mass: Mass) -> dict[str, Any]:
    """A mass dispute as the events of its children tell it."""
    return {"mass": mass.pk, "mass_ref": mass.ref, "title": mass.title}


def _say(mass: Mass, kind: str, by: User | None, at: datetime, data: dict[str, Any]) -> None:
    emit(
        stream="mass", object_id=mass.pk, entity_id=mass.entity_id, kind=kind, actor=by, at=at,
        data={"ref": mass.ref, **data},
    )  # fmt: skip
