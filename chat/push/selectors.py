"""What is known of somebody's devices."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts import policy
from accounts.models import LegalEntity, User
from chat.push.models import PrivatePush, PushDevice


def devices_of(user: User) -> QuerySet[PushDevice]:
    """A person's own devices, the one seen last first."""
    return PushDevice.objects.filter(user=user)


def wants_privacy(user: User) -> bool:
    """Whether the person wants nothing to be read on lock screens."""
    return PrivatePush.objects.filter(user=user).exists()


def private_entities(user: User) -> list[LegalEntity]:
    """The legal entities of the person that want it for everybody."""
    mine = policy.scope(user).entities("room.read")
    return list(LegalEntity.objects.filter(pk__in=mine, private_push__isnull=False).order_by("code"))


def entities_to_decide(user: User) -> list[LegalEntity]:
    """The legal entities for which the person may decide it, each with `is_private`."""
    rows = LegalEntity.objects.filter(pk__in=policy.scope(user).entities("admin")).order_by("code")
    chosen = set(PrivatePush.objects.filter(entity__in=rows).values_list("entity", flat=True))
    found = list(rows)
    for entity in found:
        entity.is_private = entity.pk in chosen  # type: ignore[attr-defined]
    return found
