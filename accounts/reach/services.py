"""What people set about being reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.events import emit
from accounts.models import LegalEntity, User
from accounts.reach.choices import ESCALATING, LONGEST, SETTABLE, ReachChannel
from accounts.reach.models import ReachRule, ReachWishes
from accounts.reach.selectors import MAILED_QUESTIONS
from lib.errors import FieldErrors, NotAllowed
from lib.sealed import seal

# None: as the wider ones set it.
Rules = Mapping[tuple[str, str], tuple[bool, int] | None]


@dataclass(frozen=True, slots=True)
class WishesInput:
    """What holds for everything a person is told."""

    quiet: bool
    quiet_from: time
    quiet_until: time
    only_working: bool
    daily_cap: int
    digest: bool
    digest_at: time
    private: bool


@transaction.atomic
def save_rules(*, rules: Rules, user: User) -> None:
    """What goes over which channel to this person. Events and channels that are not named stay as they are."""
    _check(rules)
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    for (event, channel), wanted in rules.items():
        mine = ReachRule.objects.filter(user=user, event=event, channel=channel)
        if wanted is None:
            mine.delete()
        elif not mine.update(on=wanted[0], after_minutes=wanted[1]):
            _new(event, channel, wanted, user=user).save()
    _follow_switch(user, rules)


@transaction.atomic
def save_house_rules(*, rules: Rules, entity: LegalEntity, by: User, at: datetime) -> None:
    """What holds in a legal entity for all who said nothing themselves."""
    if not policy.may(by, "reach.house", entity.pk):
        raise NotAllowed(_("Your role does not allow this."), code="role_may_not")
    _check(rules)
    LegalEntity.objects.select_for_update(no_key=True).get(pk=entity.pk)
    for (event, channel), wanted in rules.items():
        ours = ReachRule.objects.filter(entity=entity, event=event, channel=channel)
        if wanted is None:
            ours.delete()
        elif not ours.update(on=wanted[0], after_minutes=wanted[1]):
            _new(event, channel, wanted, entity=entity).save()
    said = {
        f"{event}:{channel}": list(wanted) if wanted else None for (event, channel), wanted in rules.items()
    }
    emit(
        stream="entity",
        object_id=entity.pk,
        entity_id=entity.pk,
        kind="reach.house",
        actor=by,
        at=at,
        data={"rules": said},
    )


def _new(
    event: str,
    channel: str,
    wanted: tuple[bool, int],
    *,
    user: User | None = None,
    entity: LegalEntity | None = None,
) -> ReachRule:
    return ReachRule(
        user=user, entity=entity, event=event, channel=channel, on=wanted[0], after_minutes=wanted[1]
    )


def _check(rules: Rules) -> None:
    for (event, channel), wanted in rules.items():
        if event not in SETTABLE or channel not in ReachChannel.values:
            raise FieldErrors({"rules": _("There is nothing like this to set.")})
        if channel == ReachChannel.SMS and event not in ESCALATING and wanted and wanted[0]:
            raise FieldErrors({"rules": _("An SMS is only for what waits for somebody.")})
        if wanted and not 0 <= wanted[1] <= LONGEST:
            raise FieldErrors({"rules": _("Nobody is told later than after a week.")})


def _follow_switch(user: User, rules: Rules) -> None:
    """The switch of the profile (no mails about questions at all) is lifted when one of them is switched on."""
    wanted = [rules.get((event, ReachChannel.EMAIL.value)) for event in MAILED_QUESTIONS]
    if not user.question_mails and any(one is not None and one[0] for one in wanted):
        user.question_mails = True
        user.save(update_fields=["question_mails"])


@transaction.atomic
def save_wishes(*, user: User, wanted: WishesInput) -> ReachWishes:
    """Quiet hours, cap, letter of the day. Raises FieldErrors."""
    row = ReachWishes.objects.select_for_update().filter(user=user).first() or ReachWishes(user=user)
    for name in WishesInput.__slots__:
        setattr(row, name, getattr(wanted, name))
    try:
        row.full_clean(exclude=["user", "bridge", "bridge_hint"])
    except ValidationError as wrong:
        messages = wrong.message_dict
        raise FieldErrors(
            {("quiet_until" if k == "__all__" else k): " ".join(v) for k, v in messages.items()}
        ) from None
    row.save()
    return row


@transaction.atomic
def set_bridge(*, user: User, address: str, hint: str) -> ReachWishes:
    """Keep the address of the person's messenger, sealed; an empty one takes it away. The caller checked it."""
    ReachWishes.objects.bulk_create([ReachWishes(user=user)], ignore_conflicts=True)
    row = ReachWishes.objects.select_for_update().get(user=user)
    row.bridge, row.bridge_hint = seal(address.strip()), hint if address.strip() else ""
    row.save(update_fields=["bridge", "bridge_hint"])
    return row
