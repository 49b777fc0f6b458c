"""The API of boards: what the pages show and change."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import LegalEntity
from accounts.requests import Door
from lib import clock
from reporting.boards import services
from reporting.boards.choices import Tile
from reporting.boards.models import Board
from reporting.boards.selectors import boards_for
from reporting.boards.services import Draft
from reporting.selectors.frame import entities_for


class DashboardBoardOut(serializers.ModelSerializer[Board]):
    """A board of the dashboard: one's own, or one that a colleague shares."""

    first = serializers.BooleanField(read_only=True, help_text="Whether the dashboard opens with it.")

    class Meta:
        model = Board
        fields = (
            "id", "entity", "owner", "name", "shared", "tiles", "first", "created_at", "changed_at",
        )  # fmt: skip


class DashboardBoardIn(serializers.Serializer[Any]):
    """A board to make."""

    entity = serializers.PrimaryKeyRelatedField(queryset=LegalEntity.objects.none())
    name = serializers.CharField(max_length=60)
    tiles = serializers.ListField(
        child=serializers.ChoiceField(choices=Tile.choices), help_text="In their order, each once."
    )
    shared = serializers.BooleanField(required=False, default=False)


class DashboardBoardChange(serializers.Serializer[Any]):
    """What changes; the rest stays."""

    name = serializers.CharField(required=False, max_length=60)
    tiles = serializers.ListField(child=serializers.ChoiceField(choices=Tile.choices), required=False)
    shared = serializers.BooleanField(required=False)


class BoardViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """Boards of the dashboard: one's own, and those colleagues share."""

    serializer_class = DashboardBoardOut
    queryset = Board.objects.none()
    filterset_fields = ("entity", "owner", "shared")

    def get_queryset(self) -> QuerySet[Board]:
        """Those the person may see."""
        return boards_for(self.request.user)

    def _mine(self) -> Board:
        """One of the person's own; a stranger finds nothing, a colleague may only look."""
        row: Board = self.get_object()
        if row.owner_id != self.person.pk:
            self.permission_denied(self.request)
        return row

    @extend_schema(request=DashboardBoardIn, responses={201: DashboardBoardOut})
    def create(self, request: Request) -> Response:
        """Make a board."""
        said = self.shape(DashboardBoardIn, entity=entities_for(self.person))
        draft = Draft(said["name"], tuple(said["tiles"]), said["shared"])
        row = services.make_board(entity=said["entity"], draft=draft, by=self.person, at=clock.now())
        return self.again(row, status.HTTP_201_CREATED)

    @extend_schema(request=DashboardBoardChange, responses=DashboardBoardOut)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change its name, its tiles, who sees it."""
        row = self._mine()
        said = self.shape(DashboardBoardChange)
        draft = Draft(
            said.get("name", row.name), tuple(said.get("tiles", row.tiles)), said.get("shared", row.shared)
        )
        return self.again(services.change_board(board=row, draft=draft, by=self.person, at=clock.now()))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete it, for colleagues too."""
        services.delete_board(board=self._mine(), by=self.person, at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=DashboardBoardOut)
    @action(detail=True, methods=["post"])
    def first(self, request: Request, pk: str) -> Response:
        """Open the dashboard with it from now on."""
        row = self.get_object()
        services.open_first(key=str(row.pk), by=self.person)
        return self.again(row)
