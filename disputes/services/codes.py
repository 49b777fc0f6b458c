"""The table of other systems' codes: what it says, and how people change it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.events import emit
from accounts.models import LegalEntity, User
from disputes.choices import CodeKind, Effect, Standard
from disputes.errors import FieldErrors, RoleMayNot
from disputes.models import Dispute, ExternalCode, Reason, Told
from disputes.services.common import write
from disputes.services.managing import classify
from disputes.services.told import TO_CLASSIFY
from ledger.answer_words import ACTION_LIST


@dataclass(frozen=True, slots=True)
class Found:
    """What the table says: the code of our reason, or the code nobody has mapped (`standard:kind:code`)."""

    reason: str = ""
    unmapped: str = ""


def known_codes(entity_id: int, standard: str) -> list[ExternalCode]:
    """The active rows that speak of this standard, its own before those of any."""
    rows = ExternalCode.objects.filter(entity=entity_id, standard__in=[standard, Standard.ANY], active=True)
    return sorted(rows.select_related("reason"), key=lambda row: row.standard == Standard.ANY)


def _row(codes: Iterable[ExternalCode], kind: CodeKind, code: str) -> ExternalCode | None:
    return next((row for row in codes if row.kind == kind and row.code == code), None)


def status_effect(codes: Iterable[ExternalCode], status: str) -> Effect:
    """What a status does. An unknown one opens a dispute to classify: nothing a customer says is lost."""
    row = _row(codes, CodeKind.STATUS, status)
    return Effect(row.effect) if row else Effect.OPEN


def reason_for(
    codes: Sequence[ExternalCode], standard: str, status: str, reasons: Iterable[Mapping[str, Any]]
) -> Found:
    """The reason of the first code that has one, and the first code that nobody has mapped. Wishes are no reasons."""
    gap = "" if _row(codes, CodeKind.STATUS, status) else unmapped_key(standard, CodeKind.STATUS, status)
    unmapped = ""
    for reason in reasons:
        code = str(reason.get("code", ""))
        if not code or reason.get("scheme") == ACTION_LIST:
            continue
        row = _row(codes, CodeKind.REASON, code)
        if row and row.effect == Effect.NONE:
            continue
        if row and row.reason and row.reason.active:
            return Found(row.reason.code, gap)
        unmapped = unmapped or unmapped_key(standard, CodeKind.REASON, code)
    return Found(unmapped=unmapped or gap)


def unmapped_key(standard: str, kind: str, code: str) -> str:
    """How a code is remembered until somebody maps it."""
    return f"{standard}:{kind}:{code[:40]}"


@dataclass(frozen=True, slots=True)
class CodeInput:
    """A row of the table as somebody wants it. A status has no reason, a reason code counts (`open`) or not."""

    standard: str
    kind: str
    code: str
    reason: Reason | None = None
    effect: str = Effect.OPEN
    active: bool = True


@transaction.atomic
def set_code(
    *, entity: LegalEntity, wanted: CodeInput, by: User, at: datetime, row: ExternalCode | None = None
) -> ExternalCode:
    """Put a code into the table, or change `row`. What waited for it (disputes to classify) gets its reason at once.

    A code that is there already is changed, unless another row was to become it.
    """
    _check(entity, wanted, by)
    # One change of an entity's table at a time: two people who add the same code at once both get their way.
    LegalEntity.objects.select_for_update(no_key=True).get(pk=entity.pk)
    rows = ExternalCode.objects.filter(entity=entity)
    code = wanted.code.strip()
    known = rows.filter(standard=wanted.standard, kind=wanted.kind, code=code).first()
    if row is not None and known is not None and known.pk != row.pk:
        raise FieldErrors({"code": _("This code is in the table already.")})
    target = rows.get(pk=row.pk) if row is not None else known or ExternalCode(entity=entity)
    before = {"reason": target.reason.code if target.reason else "", "effect": target.effect}
    target.standard, target.kind, target.code = wanted.standard, wanted.kind, code
    target.reason, target.effect, target.active = wanted.reason, wanted.effect, wanted.active
    write(target)
    after = {"reason": target.reason.code if target.reason else "", "effect": target.effect}
    _tell(target, "external_code.set", by, at, {"before": before, "after": after, "active": target.active})
    _apply(target, by=by, at=at)
    return target


def _check(entity: LegalEntity, wanted: CodeInput, by: User) -> None:
    if not policy.may(by, "dispute.decide", entity.pk):
        raise RoleMayNot(_("Your role does not allow this."), code="role_may_not")
    errors: dict[str, str] = {}
    if wanted.reason is not None and (wanted.reason.entity_id != entity.pk or not wanted.reason.active):
        errors["reason"] = _("Choose a reason from the list.")
    if wanted.kind == CodeKind.STATUS and wanted.reason is not None:
        errors["reason"] = _("A status has an effect and no reason; a reason code counts or not.")
    if wanted.kind == CodeKind.REASON and wanted.effect not in (Effect.OPEN, Effect.NONE):
        errors["effect"] = _("A status has an effect and no reason; a reason code counts or not.")
    if not wanted.code.strip():
        errors["code"] = _("Write the code as the message has it.")
    if errors:
        raise FieldErrors(errors)


def _tell(row: ExternalCode, kind: str, by: User, at: datetime, data: dict[str, Any]) -> None:
    emit(
        stream="external_code",
        object_id=row.pk,
        entity_id=row.entity_id,
        kind=kind,
        actor=by,
        at=at,
        data={"code": str(row), "kind": row.kind, **data},
    )


@transaction.atomic
def drop_code(*, row: ExternalCode, by: User, at: datetime) -> None:
    """Take a code out of the table: from then on it is unknown, and goes to what must be classified."""
    if not policy.may(by, "dispute.decide", row.entity_id):
        raise RoleMayNot(_("Your role does not allow this."), code="role_may_not")
    _tell(row, "external_code.dropped", by, at, {})
    row.delete()


def _apply(row: ExternalCode, *, by: User, at: datetime) -> None:
    """Give the row's reason to the open disputes that wait for it, in the order of their keys."""
    if not row.active or (row.kind == CodeKind.REASON and row.effect == Effect.OPEN and row.reason is None):
        return
    waiting = Told.objects.filter(entity=row.entity_id, unmapped__in=_keys(row))
    ids = (
        sorted(set(waiting.exclude(dispute=None).values_list("dispute_id", flat=True))) if row.reason else []
    )
    for dispute in Dispute.objects.active().filter(pk__in=ids, reason__code=TO_CLASSIFY).order_by("pk"):
        if row.reason is not None:
            classify(dispute=dispute, reason=row.reason, by=by, at=at)
    waiting.update(unmapped="")


def _keys(row: ExternalCode) -> list[str]:
    """How the row's code is remembered; one of any standard under each of them."""
    standards = Standard.values if row.standard == Standard.ANY else [row.standard]
    return [unmapped_key(standard, row.kind, row.code) for standard in standards]
