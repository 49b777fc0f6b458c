"""Saved views and macros: who may keep them, and what they may hold."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.models import LegalEntity, User
from disputes.choices import Then
from disputes.errors import FieldErrors, RoleMayNot
from disputes.models import Dispute, Macro, SavedView
from disputes.services.bulk import change
from disputes.services.changes import clean_steps

MOST_VIEWS, MOST_MACROS = 30, 50
NAME_LENGTH = 60


def may_share(by: User, entity_id: int) -> bool:
    """Whether the person may make something for everybody of the entity."""
    return bool(policy.scope(by).roles_in(entity_id) & policy.OFFICE)


def may_change(row: SavedView | Macro, by: User) -> bool:
    """Whether the person may change or forget it."""
    shared = row.shared if isinstance(row, Macro) else row.entity_id is not None
    if shared and row.entity_id is not None:
        return may_share(by, row.entity_id)
    return row.owner_id == by.pk


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > NAME_LENGTH:
        raise FieldErrors({"name": _("Give it a name of at most 60 characters.")})
    return name


def _refuse_foreign(owner_id: int, entity_id: int | None, shared: bool, by: User) -> None:
    """Only the owner changes what is personal; what is shared, whoever may share."""
    if shared and entity_id is not None:
        if not may_share(by, entity_id):
            raise RoleMayNot(_("Only credit managers and collectors share views and macros."))
    elif owner_id != by.pk:
        raise RoleMayNot(_("This belongs to somebody else."))


@transaction.atomic
def save_view(
    *,
    by: User,
    name: str,
    filters: dict[str, Any],
    entity: LegalEntity | None = None,
    view: SavedView | None = None,
) -> SavedView:
    """Keep a filter under a name, for oneself or, with `entity`, for everybody there; or change a kept one."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if view is None:
        if SavedView.objects.filter(owner=by).count() >= MOST_VIEWS:
            raise FieldErrors({"name": _("That would be too many: delete one first.")})
        view = SavedView(owner=by, position=SavedView.objects.filter(owner=by).count() + 1)
    else:
        _refuse_foreign(view.owner_id, view.entity_id, view.entity_id is not None, by)
    _refuse_foreign(view.owner_id, entity.pk if entity else None, entity is not None, by)
    view.name, view.filters, view.entity = _name(name), filters, entity
    _keep(view, _("There is a view of this name already."))
    return view


def _keep(row: SavedView | Macro, taken: str) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "name_once" not in str(error):
            raise
        raise FieldErrors({"name": taken}) from None


@transaction.atomic
def drop_view(*, view: SavedView, by: User) -> None:
    """Forget a view."""
    _refuse_foreign(view.owner_id, view.entity_id, view.entity_id is not None, by)
    view.delete()


@transaction.atomic
def order_views(*, by: User, ids: Iterable[int]) -> None:
    """Put one's own views into this order; the others stay behind them."""
    wanted = {pk: place for place, pk in enumerate(ids)}
    rows = list(SavedView.objects.filter(owner=by).order_by("position", "pk"))
    rows.sort(key=lambda row: wanted.get(row.pk, len(wanted)))
    for place, row in enumerate(rows):
        row.position = place
    SavedView.objects.bulk_update(rows, ["position"])


@transaction.atomic
def save_macro(
    *,
    entity: LegalEntity,
    by: User,
    name: str,
    steps: object,
    then: str = Then.NEXT,
    shared: bool = False,
    macro: Macro | None = None,
) -> Macro:
    """Keep a macro, for oneself or for everybody of the entity; or change a kept one."""
    if not policy.may(by, "dispute.move", entity.pk):
        raise RoleMayNot(_("Your role does not allow this."))
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if macro is None:
        mine = Macro.objects.filter(owner=by).count()
        if mine >= MOST_MACROS:
            raise FieldErrors({"name": _("That would be too many: delete one first.")})
        macro = Macro(owner=by, position=mine + 1)
    else:
        _refuse_foreign(macro.owner_id, macro.entity_id, macro.shared, by)
    _refuse_foreign(macro.owner_id, entity.pk, shared, by)
    if then not in Then.values:
        raise FieldErrors({"then": _("Choose what comes then.")})
    macro.entity, macro.name, macro.shared = entity, _name(name), shared
    macro.steps, macro.then = clean_steps(entity, steps), then
    _keep(macro, _("You have a macro of this name already."))
    return macro


@transaction.atomic
def drop_macro(*, macro: Macro, by: User) -> None:
    """Forget a macro."""
    _refuse_foreign(macro.owner_id, macro.entity_id, macro.shared, by)
    macro.delete()


def run_macro(*, macro: Macro, dispute: Dispute, by: User, at: datetime, seen: int | None = None) -> Dispute:
    """Make the changes of a macro to one dispute: all of them, or none."""
    if macro.entity_id != dispute.entity_id:
        raise FieldErrors({"macro": _("This macro is of another legal entity.")})
    return change(dispute=dispute, steps=macro.steps, by=by, at=at, seen=seen)
