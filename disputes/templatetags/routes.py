"""Template tags of routes: `{% load routes %}`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import template

from disputes.drawing import Picture, told
from lib import formats

register = template.Library()


@register.inclusion_tag("disputes/_route_picture.html")
def route_picture(picture: Picture, label: str, links: Mapping[str, str] | None = None) -> dict[str, Any]:
    """`{% route_picture picture label links %}`: the drawing; `links` leads from a stage's code to its page."""
    return {"picture": picture, "label": label, "links": links or {}}


@register.filter
def spent(minutes: int | None) -> str:
    """`{{ row.after.minutes|spent }}`: working minutes that something took."""
    return "–" if minutes is None else told.time_spent(int(minutes))


@register.filter
def down(y: int, more: int) -> int:
    """`{{ box.y|down:12 }}`: a height further down."""
    return y + more


@register.filter
def calendar_days(time: timedelta | None) -> str:
    """`{{ c.before.median|calendar_days }}`: calendar time in days with one decimal."""
    if time is None:
        return "–"
    return formats.number(Decimal(str(time.total_seconds() / 86_400)), 1)


@register.filter
def working_time(time: timedelta) -> str:
    """`{{ row.before|working_time }}`: working time as people say it; a dash for none."""
    minutes = round(time.total_seconds() / 60)
    return told.time_spent(minutes) if minutes else "–"
