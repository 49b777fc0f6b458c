"""Absences: who is away, who answers meanwhile."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.events import emit
from accounts.models import Absence, User
from lib.errors import FieldErrors, NotAllowed

# Deputies of deputies are followed as long as they are somebody new; this many absences a person may plan ahead.
MOST_AHEAD = 50


@transaction.atomic
def report_absence(
    *, user: User, starts_on: date, ends_on: date, by: User, at: datetime, deputy: User | None = None
) -> Absence:
    """Somebody will be away from `starts_on` until `ends_on`, both included.

    Oneself, or the office for a colleague. The deputy is an active colleague of all entities the person works in
    together with them; several absences never share a day.
    """
    _allow(user, by)
    User.objects.select_for_update().get(pk=user.pk)
    errors: dict[str, str] = {}
    if ends_on < starts_on:
        errors["ends_on"] = _("The last day cannot be before the first.")
    elif (ends_on - starts_on).days > 366:
        errors["ends_on"] = _("An absence lasts a year at most.")
    elif Absence.objects.filter(user=user, starts_on__lte=ends_on, ends_on__gte=starts_on).exists():
        errors["starts_on"] = _("There is an absence on these days already: end that one first.")
    if deputy is not None and deputy.pk == user.pk:
        errors["deputy"] = _("Choose somebody else as the deputy.")
    elif deputy is not None and not (deputy.is_active and _shares(user, deputy)):
        errors["deputy"] = _("Choose a colleague of the same legal entity as the deputy.")
    if not errors and Absence.objects.filter(user=user, ends_on__gte=at.date()).count() >= MOST_AHEAD:
        errors["starts_on"] = _("There are too many absences ahead.")
    if errors:
        raise FieldErrors(errors)
    absence = Absence(user=user, starts_on=starts_on, ends_on=ends_on, deputy=deputy)
    try:
        absence.full_clean()
    except ValidationError as wrong:
        raise FieldErrors({k: " ".join(v) for k, v in wrong.message_dict.items()}) from None
    absence.save()
    _say(absence, "absence.reported", by, at)
    return absence


@transaction.atomic
def change_deputy(*, absence: Absence, deputy: User | None, by: User, at: datetime) -> Absence:
    """Name another deputy; what the former one got stays with them."""
    absence = Absence.objects.select_for_update(of=("self",)).select_related("user").get(pk=absence.pk)
    _allow(absence.user, by)
    if deputy is not None and (deputy.pk == absence.user_id or not deputy.is_active):
        raise FieldErrors({"deputy": _("Choose somebody else as the deputy.")})
    if deputy is not None and not _shares(absence.user, deputy):
        raise FieldErrors({"deputy": _("Choose a colleague of the same legal entity as the deputy.")})
    if absence.deputy_id != (deputy.pk if deputy else None):
        absence.deputy = deputy
        absence.save(update_fields=["deputy"])
        _say(absence, "absence.changed", by, at)
    return absence


@transaction.atomic
def end_absence(*, absence: Absence, on: date, by: User, at: datetime) -> None:
    """The person is back on the day `on`: a running absence ends the day before, a coming one is dropped."""
    found = (
        Absence.objects.select_for_update(of=("self",)).select_related("user").filter(pk=absence.pk).first()
    )
    if found is None:
        return
    _allow(found.user, by)
    if found.starts_on < on <= found.ends_on:
        found.ends_on = date.fromordinal(on.toordinal() - 1)
        found.save(update_fields=["ends_on"])
        _say(found, "absence.ended", by, at)
    elif found.starts_on >= on:
        _say(found, "absence.ended", by, at)
        found.delete()


def _shares(user: User, deputy: User) -> bool:
    """Whether the two work together in at least one legal entity."""
    return bool(set(policy.scope(user).roles) & set(policy.scope(deputy).roles))


def may_report_for(by: User, user: User) -> bool:
    """Whether `by` may say when `user` is away: oneself, or the office of an entity they share."""
    if by.pk == user.pk:
        return True
    return bool(policy.scope(by).entities("absence.edit") & set(policy.scope(user).roles))


def _allow(user: User, by: User) -> None:
    if not may_report_for(by, user):
        raise NotAllowed(_("Your role does not allow this."), code="role_may_not")


def _say(absence: Absence, kind: str, by: User, at: datetime) -> None:
    entity_id = next(iter(sorted(policy.scope(absence.user).roles)), None)
    emit(
        stream="absence",
        object_id=absence.pk,
        entity_id=entity_id,
        kind=kind,
        actor=by,
        at=at,
        data={
            "user": absence.user_id,
            "name": absence.user.name,
            "from": absence.starts_on.isoformat(),
            "until": absence.ends_on.isoformat(),
            "deputy": absence.deputy_id,
            "deputy_name": absence.deputy.name if absence.deputy else "",
        },
    )
