"""Filters of the page of points and goals."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django import template

from lib import formats
from reporting import score_words

register = template.Library()


@register.filter
def signed(points: int) -> str:
    """Points with their sign; a minus as wide as the plus."""
    return f"+{points}" if points > 0 else f"−{-points}" if points < 0 else "0"


@register.filter
def part(value: Decimal) -> str:
    """A part of the whole in per cent."""
    return formats.percent(value)


@register.filter
def hours(took: timedelta | None) -> str:
    """Working time in words."""
    return score_words.hours(took)
