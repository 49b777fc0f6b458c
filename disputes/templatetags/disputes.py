"""Template tags of the disputes room: `{% load disputes %}`."""

from decimal import Decimal
from typing import Any

from django import template

from accounts import policy
from accounts.models import Event, User
from disputes import badges, mass_words, words
from disputes.choices import HolderSide
from disputes.labels import in_language
from disputes.lifecycle import Act, available
from disputes.models import Dispute
from disputes.services.handing import holds, may_give_back, open_hand_over
from disputes.telling import Line
from disputes.typed import plain

register = template.Library()


@register.inclusion_tag("components/_badge.html")
def status_badge(dispute: Dispute) -> dict[str, str]:
    """`{% status_badge dispute %}`: where it stands, as icon, word and colour."""
    return badges.badge(dispute)


@register.filter
def told(event: Event) -> Line:
    """`{{ event|told }}`: the line of the timeline."""
    return words.tell(event)


@register.filter
def mass_told(event: Event) -> Line:
    """`{{ event|mass_told }}`: the line of a mass dispute's timeline."""
    return mass_words.tell(event)


@register.filter
def labelled(labels: dict[str, str] | None) -> str:
    """`{{ labels|labelled }}`: the words in the reader's language."""
    return in_language(labels or {})


@register.filter
def numbers(dispute: Dispute) -> str:
    """`{{ dispute|numbers }}`: the invoice numbers, at most two and how many more."""
    found = list(dict.fromkeys(line.invoice.number for line in dispute.lines.all()))
    return ", ".join(found[:2]) + (f" +{len(found) - 2}" if len(found) > 2 else "")


@register.filter
def units(value: Decimal | None) -> str:
    """`{{ line.quantity|units }}`: a quantity with as many decimals as it needs, at most three."""
    if value is None:
        return ""
    return plain(value)


@register.filter
def get(mapping: dict[str, Any], key: Any) -> Any:
    """`{{ mapping|get:key }}`: the value, or nothing."""
    return mapping.get(key)


@register.simple_tag
def handing(dispute: Dispute, user: User) -> dict[str, bool]:
    """`{% handing dispute user as hand %}`: whether the person may hand over, give back, take back."""
    passed = open_hand_over(dispute)
    roles = policy.scope(user).roles_in(dispute.entity_id)
    acts = available(dispute.status, roles)
    mine = holds(dispute, user) or (bool(roles & policy.OFFICE) and dispute.holder_side == HolderSide.OURS)
    back = passed is not None and Act.GIVE_BACK in acts and may_give_back(passed, dispute, user)
    got = passed is not None and passed.to_user_id == user.pk
    return {"over": Act.HAND_OVER in acts and mine, "give": back and got, "take": back and not got}
