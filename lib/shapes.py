"""Small SVG drawings without scripts or styles. Widths are geometry, since inline styles are refused."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString

HUNDRED = Decimal(100)


def share(value: Decimal, whole: Decimal) -> Decimal:
    """value / whole in percent, kept between 0 and 100, one decimal; 0 when there is no whole."""
    if whole <= 0:
        return Decimal("0.0")
    return min(max(value / whole * HUNDRED, Decimal(0)), HUNDRED).quantize(Decimal("0.1"))


def bar(value: Decimal, whole: Decimal, css: str = "") -> SafeString:
    """A horizontal bar filled to value / whole."""
    return format_html(
        '<svg class="meter {}" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="meter-track" width="100" height="6"/>'
        '<rect class="meter-fill" width="{}" height="6"/></svg>',
        css,
        share(value, whole),
    )


def ring(value: Decimal, whole: Decimal, css: str = "") -> SafeString:
    """A ring of circumference 100 filled clockwise from the top to value / whole."""
    return format_html(
        '<svg class="ring {}" viewBox="0 0 36 36" aria-hidden="true">'
        '<circle class="ring-track" cx="18" cy="18" r="15.915"/>'
        '<circle class="ring-fill" cx="18" cy="18" r="15.915" pathLength="100" stroke-dasharray="{} 100"'
        ' transform="rotate(-90 18 18)"/></svg>',
        css,
        share(value, whole),
    )


def spark(values: Sequence[Decimal], css: str = "") -> SafeString:
    """A line through `values` in a box of 100 by 24, from the lowest figure to the highest."""
    if len(values) < 2:
        return SafeString("")
    low, high = min(values), max(values)
    reach = (high - low) or Decimal(1)
    step = HUNDRED / (len(values) - 1)
    points = " ".join(
        f"{index * step:.1f},{22 - (value - low) / reach * 20:.1f}" for index, value in enumerate(values)
    )
    return format_html(
        '<svg class="spark {}" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">'
        '<polyline points="{}" vector-effect="non-scaling-stroke"/></svg>',
        css,
        points,
    )
