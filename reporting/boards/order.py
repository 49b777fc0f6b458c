"""The order of tiles while somebody arranges them: every tile has a place, chosen or not."""

from collections.abc import Iterable, Sequence

from reporting.boards.choices import Tile


def ordered(given: Iterable[str]) -> list[str]:
    """The known ones in the order given, each once; those that were not given follow in their usual order."""
    known = dict.fromkeys(tile for tile in given if tile in Tile.values)
    return [*known, *(str(tile) for tile in Tile if tile not in known)]


def shifted(order: Sequence[str], tile: str, by: int) -> list[str]:
    """The order with a tile moved by one place up (-1) or down (1); at the edge it stays."""
    moved = list(order)
    if tile not in moved:
        return moved
    place = moved.index(tile)
    other = place + by
    if 0 <= other < len(moved):
        moved[place], moved[other] = moved[other], moved[place]
    return moved
