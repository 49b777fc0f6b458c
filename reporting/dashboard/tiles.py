"""The tiles of a board: headline figures and pictures, each made when the board shows it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import groupby

from reporting.dashboard.cards import CARDS, Card
from reporting.dashboard.figures import Figures
from reporting.dashboard.filters import Chosen
from reporting.dashboard.moving import flow_picture, hours_picture, stages_picture
from reporting.dashboard.picture import Picture
from reporting.dashboard.pictures import aging_picture, pareto_picture, series_picture
from reporting.dashboard.waterfall import waterfall_picture

PICTURES: dict[str, Callable[[Figures, Chosen], Picture]] = {
    "aging": aging_picture,
    "pareto": pareto_picture,
    "waterfall": waterfall_picture,
    "series": series_picture,
    "flow": flow_picture,
    "stages": stages_picture,
    "hours": hours_picture,
}


@dataclass(frozen=True, slots=True)
class Band:
    """Tiles of one kind that follow each other."""

    cards: list[Card] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)


def bands(tiles: Iterable[str], found: Figures, made: Chosen) -> list[Band]:
    """The tiles in their order, those of one kind that follow each other together."""
    return [
        Band(cards=[CARDS[tile](found, made) for tile in some])
        if are_cards
        else Band(pictures=[PICTURES[tile](found, made) for tile in some])
        for are_cards, some in groupby(tiles, CARDS.__contains__)
    ]
