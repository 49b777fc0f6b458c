"""Template tags and filters of every page (builtin: no `{% load %}`). Empty in, empty out."""

import hashlib
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

from lib import formats, shapes
from lib.request_id import current

register = template.Library()
BLANK = (None, "")


def _decimal(value: Any) -> Decimal:
    """`value` as a Decimal; raises ValueError for what is no number."""
    try:
        return value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError(f"not a number: {value!r}") from error


@lru_cache(maxsize=512)
def _icon(name: str, size: int, css: str) -> SafeString:
    """The inline drawing, hidden from screen readers: the words beside it say the same."""
    svg = lucide(name, size=size, aria_hidden="true", focusable="false", **{"class": css})
    return mark_safe(svg)


@register.simple_tag
def icon(name: str, size: int = 18, css: str = "icon") -> SafeString:
    """`{% icon "inbox" %}`: a lucide icon. Raises lucide.IconDoesNotExist for an unknown name."""
    return _icon(str(name), int(size), str(css))


@register.filter
def money(value: Any, currency: str = formats.HOME_CURRENCY) -> str:
    """`{{ amount|money:currency }}`."""
    return "" if value in BLANK else formats.money(_decimal(value), currency or formats.HOME_CURRENCY)


@register.filter
def money_short(value: Any, currency: str = formats.HOME_CURRENCY) -> str:
    """`{{ amount|money_short:currency }}`: `412 k €`, for headline figures."""
    return "" if value in BLANK else formats.money_short(_decimal(value), currency or formats.HOME_CURRENCY)


@register.filter
def amount(value: Any, decimals: int = 2) -> str:
    """`{{ value|amount }}`: a figure with two decimals, or as many as asked (0 to 3)."""
    return "" if value in BLANK else formats.number(_decimal(value), int(decimals))


@register.filter
def rate(value: Any) -> str:
    """`{{ conversion.rate|rate }}`: an exchange rate with four to six decimals."""
    return "" if value in BLANK else formats.rate(_decimal(value))


@register.filter
def percent(value: Any) -> str:
    """`{{ ratio|percent }}`: 0.125 is `12,5 %`."""
    return "" if value in BLANK else formats.percent(_decimal(value))


@register.filter
def day(value: date | None, width: str = "medium") -> str:
    """`{{ invoice.due_on|day }}`, `|day:"long"`, `|day:"d MMM"`."""
    return "" if value in BLANK else formats.day(value, width)  # type: ignore[arg-type]


@register.filter
def moment(value: datetime | None) -> str:
    """`{{ event.at|moment }}`: date and time in the reader's time zone."""
    return "" if value in BLANK else formats.moment(value)  # type: ignore[arg-type]


@register.filter
def clock(value: datetime | None) -> str:
    """`{{ message.created_at|clock }}`: the time of day in the reader's time zone."""
    return "" if value in BLANK else formats.clock(value)  # type: ignore[arg-type]


@register.filter
def ago(value: datetime | None) -> str:
    """`{{ dispute.due_at|ago }}`: `hace 5 h`, `dentro de 2 h`."""
    return "" if value in BLANK else formats.ago(value, timezone.now())  # type: ignore[arg-type]


@register.filter
def is_past(value: datetime | None) -> bool:
    """`{% if dispute.due_at|is_past %}`: whether the moment has gone by."""
    return value is not None and value < timezone.now()


@register.filter
def span(value: timedelta | None) -> str:
    """`{{ stay.length|span }}`: a length of time, `3 días`."""
    return "" if value in BLANK else formats.span(value)  # type: ignore[arg-type]


@register.filter
def days(value: Any, decimals: int = 1) -> str:
    """`{{ dso|days }}`: a number of days, one decimal."""
    return amount(value, decimals)


@register.filter
def initials(name: str | None) -> str:
    """`{{ user.name|initials }}`: first letters of the first and last word."""
    words = [word for word in str(name or "").split() if word[0].isalnum()]
    chosen = words[:1] + (words[-1:] if len(words) > 1 else [])
    return "".join(word[0] for word in chosen).upper() or "?"


@register.filter
def tone(name: Any) -> str:
    """`{{ user.name|tone }}`: `tone-1` to `tone-6`, always the same for the same name."""
    return f"tone-{hashlib.sha256(str(name).encode()).digest()[0] % 6 + 1}"


@register.simple_tag
def bar(value: Any, whole: Any, css: str = "") -> SafeString:
    """`{% bar paid total %}`: a horizontal bar filled to value / whole; write the figure beside it."""
    return shapes.bar(_decimal(value or 0), _decimal(whole or 0), css)


@register.simple_tag
def ring(value: Any, whole: Any, css: str = "") -> SafeString:
    """`{% ring used allowed %}`: a small ring filled to value / whole (decorative)."""
    return shapes.ring(_decimal(value or 0), _decimal(whole or 0), css)


@register.simple_tag
def spark(values: list[Any], css: str = "") -> SafeString:
    """`{% spark figures %}`: a small line through the figures (decorative)."""
    return shapes.spark([_decimal(value) for value in values], css)


@register.simple_tag
def request_id() -> str:
    """`{% request_id as number %}`: the number under which the log knows this request, "" when there is none."""
    return current()
