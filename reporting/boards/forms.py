"""The form of a board: its name, who sees it, and its tiles in their order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import LegalEntity
from reporting.boards.choices import CARDS, Tile
from reporting.boards.models import Board
from reporting.boards.order import ordered, shifted
from reporting.boards.services import Draft


class BoardForm(forms.Form):
    """What a board is called and whether colleagues see it."""

    entity = forms.ModelChoiceField(
        label=_("Legal entity"), queryset=LegalEntity.objects.none(), empty_label=None
    )
    name = forms.CharField(label=_("Name"), max_length=60)
    shared = forms.BooleanField(
        label=_("Colleagues of the company may see it"),
        required=False,
        help_text=_("They see it with the figures they may see themselves, and cannot change it."),
    )

    def draft(self, tiles: Sequence[str]) -> Draft:
        """The board that was described, once the form is valid."""
        return Draft(self.cleaned_data["name"], tuple(tiles), self.cleaned_data["shared"])


@dataclass(frozen=True, slots=True)
class Line:
    """A tile in the list: whether it is chosen, where it can go, and which of its buttons keeps the focus."""

    key: str
    label: str
    card: bool
    chosen: bool
    first: bool
    last: bool
    focus: str = ""


@dataclass(frozen=True, slots=True)
class Arranged:
    """All tiles in an order, and which of them are chosen."""

    order: list[str]
    chosen: Collection[str]
    moved: str = ""
    way: str = ""

    @property
    def tiles(self) -> list[str]:
        """The chosen ones in their order."""
        return [tile for tile in self.order if tile in self.chosen]

    @property
    def lines(self) -> list[Line]:
        """The list as the form shows it. A button that moved its tile to the edge hands the focus to the other."""
        last = len(self.order) - 1
        lines = []
        for place, tile in enumerate(self.order):
            focus = self.way if tile == self.moved else ""
            if focus:
                focus = "down" if place == 0 else "up" if place == last else focus
            at_edge = (place == 0, place == last)
            lines.append(
                Line(tile, str(Tile(tile).label), tile in CARDS, tile in self.chosen, *at_edge, focus)
            )
        return lines


def arranged(board: Board | None, tiles: Sequence[str] = ()) -> Arranged:
    """How the form begins: with the tiles of a board, or with these."""
    begin = board.tiles if board else tiles
    return Arranged(ordered(begin), frozenset(begin))


def rearranged(sent: QueryDict) -> Arranged:
    """What was sent: the order, moved by the button that was pressed."""
    order, chosen = ordered(sent.getlist("order")), frozenset(sent.getlist("tile"))
    for way, by in (("up", -1), ("down", 1)):
        if tile := sent.get(way):
            return Arranged(shifted(order, str(tile), by), chosen, str(tile), way)
    return Arranged(order, chosen)
