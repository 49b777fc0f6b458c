"""The shapes a chart is made of, its scale, and room for its texts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction

FONT = 12
NARROW = frozenset("iljtfrI1.,:;'|!()[] ")
WIDE = frozenset("mwMW%@—€")


@dataclass(frozen=True, slots=True)
class Text:
    """A text at a point; `anchor` as in SVG. `more` follows it in a quieter voice."""

    x: int
    y: int
    text: str
    anchor: str = "middle"
    css: str = ""
    more: str = ""

    @property
    def width(self) -> int:
        """About how wide it is drawn."""
        return width_of(self.text) + (width_of(self.more) + 8 if self.more else 0)

    @property
    def left(self) -> int:
        return self.x - {"start": 0, "middle": self.width // 2, "end": self.width}[self.anchor]

    @property
    def right(self) -> int:
        return self.left + self.width


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle that leads somewhere; `title` says in words what it shows."""

    x: int
    y: int
    width: int
    height: int
    css: str
    href: str
    title: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of a line that leads somewhere."""

    x: int
    y: int
    css: str
    href: str
    title: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line: grid, axis, limit, connector."""

    x1: int
    y1: int
    x2: int
    y2: int
    css: str = "gridline"


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through points, `x,y x,y ...`."""

    points: str
    css: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything to draw, back to front: rules, bars, strokes, dots, texts."""

    width: int
    height: int
    rules: tuple[Rule, ...] = ()
    bars: tuple[Bar, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    dots: tuple[Dot, ...] = ()
    texts: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """The space of a chart and the margins around its plot."""

    width: int = 640
    height: int = 280
    left: int = 48
    right: int = 12
    top: int = 24
    bottom: int = 38

    def fitted(self, labels: Iterable[str]) -> "Frame":
        """The same frame with just enough room at the left for the labels of its scale."""
        return replace(self, left=max((width_of(label) for label in labels), default=0) + 10)

    @property
    def plot_width(self) -> int:
        return self.width - self.left - self.right

    @property
    def plot_height(self) -> int:
        return self.height - self.top - self.bottom

    @property
    def floor(self) -> int:
        return self.height - self.bottom


WIDE_FRAME = Frame()
PHONE_FRAME = Frame(width=340, right=8)


def width_of(text: str, size: int = FONT) -> int:
    """About how many pixels a text takes; rather too many than too few."""
    em = sum(36 if char in NARROW else 104 if char in WIDE else 69 for char in text)
    return em * size // 100 + 1


def placed(x: int, y: int, text: str, width: int, css: str = "") -> Text:
    """A text centred on `x`, moved inwards as far as needed to stay inside 0..width."""
    half = width_of(text) // 2 + 1
    if x - half < 0:
        return Text(0, y, text, "start", css)
    if x + half > width:
        return Text(width, y, text, "end", css)
    return Text(x, y, text, "middle", css)


def wrapped(text: str, room: int) -> list[str]:
    """The words of a text in lines of at most `room` pixels; a single long word keeps its line."""
    lines: list[str] = []
    for word in text.split():
        if lines and width_of(f"{lines[-1]} {word}") <= room:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return lines or [""]


def ticks(largest: Decimal, most: int = 4) -> list[Decimal]:
    """Round values from 0 to at least `largest`, at most `most` steps of 1, 2, 2.5 or 5 times a power of
    ten.
    """
    if largest <= 0:
        return [Decimal(0), Decimal(1)]
    power = Decimal(1).scaleb((largest / most).adjusted())
    step = next(
        power * factor
        for factor in (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10), Decimal(20))
        if power * factor * most >= largest
    )
    count = int((largest / step).to_integral_value(ROUND_CEILING))
    return [step * i for i in range(count + 1)]


def scaled(value: Decimal, top: Decimal, pixels: int) -> int:
    """`value` of `top` in whole pixels, halves up; what is not nothing is at least one pixel."""
    if value <= 0 or top <= 0:
        return 0
    exact = Fraction(value) * pixels / Fraction(top)
    return min(pixels, max(1, (exact + Fraction(1, 2)).__floor__()))


def cuts(values: Sequence[Decimal], top: Decimal, pixels: int) -> list[int]:
    """Running sums in pixels, so that stacked bars touch and end exactly where their total does."""
    reached, marks = Decimal(0), [0]
    for value in values:
        reached += value
        marks.append(max(scaled(reached, top, pixels), marks[-1] + (1 if value > 0 else 0)))
    return marks
