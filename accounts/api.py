"""The API of people, entities, tokens and the audit trail."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.viewsets import GenericViewSet

from accounts import api_away, selectors, services
from accounts.books_api import BooksViewSet
from accounts.models import ApiToken, Department, Event, LegalEntity, User
from lib import clock


class EntityOut(serializers.ModelSerializer[LegalEntity]):
    """A legal entity."""

    class Meta:
        model = LegalEntity
        fields = ("id", "code", "name", "country", "currency", "language", "time_zone", "tax_id", "iban")


class PersonOut(serializers.ModelSerializer[User]):
    """A colleague."""

    class Meta:
        model = User
        fields = ("id", "name", "email", "language", "time_zone")


class DepartmentOut(serializers.ModelSerializer[Department]):
    """A team."""

    class Meta:
        model = Department
        fields = ("id", "entity", "code", "name", "lead")


class TokenOut(serializers.ModelSerializer[ApiToken]):
    """A token without its key."""

    class Meta:
        model = ApiToken
        fields = ("id", "name", "hint", "read_only", "created_at", "expires_at", "last_used_at", "revoked_at")


class TokenIn(serializers.Serializer[Any]):
    """What a new token needs."""

    name = serializers.CharField(max_length=100)
    read_only = serializers.BooleanField(default=False)  # type: ignore[assignment]
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class EventOut(serializers.ModelSerializer[Event]):
    """One thing that happened."""

    class Meta:
        model = Event
        fields = (
            "id",
            "stream",
            "object_id",
            "seq",
            "entity",
            "kind",
            "actor",
            "at",
            "data",
            "previous_hash",
            "hash",
        )


class ReadOnly(ListModelMixin, RetrieveModelMixin, GenericViewSet[Any]):
    """A list and its rows."""


class EntityViewSet(ReadOnly):
    """The legal entities you belong to."""

    serializer_class = EntityOut
    queryset = LegalEntity.objects.none()

    def get_queryset(self) -> QuerySet[LegalEntity]:
        """Yours only."""
        return selectors.entities(self.request.user)


class UserViewSet(ReadOnly):
    """You and your colleagues."""

    serializer_class = PersonOut
    queryset = User.objects.none()

    def get_queryset(self) -> QuerySet[User]:
        """Who shares a legal entity with you."""
        return selectors.colleagues(self.request.user)


class DepartmentViewSet(ReadOnly):
    """The teams of your legal entities."""

    serializer_class = DepartmentOut
    queryset = Department.objects.none()

    def get_queryset(self) -> QuerySet[Department]:
        """Yours only."""
        return selectors.departments(self.request.user)


class TokenViewSet(ReadOnly):
    """Your API tokens. A new token's key is in the answer to its POST, and never again."""

    serializer_class = TokenOut
    queryset = ApiToken.objects.none()

    def get_queryset(self) -> QuerySet[ApiToken]:
        """Yours only."""
        return selectors.tokens(self.request.user)  # type: ignore[arg-type]

    def create(self, request: Request) -> Response:
        """Make a token."""
        shape = TokenIn(data=request.data)
        shape.is_valid(raise_exception=True)
        token, key = services.make_token(
            user=cast(User, request.user), at=clock.now(), **shape.validated_data
        )
        return Response({**TokenOut(token).data, "key": key}, status=status.HTTP_201_CREATED)

    def destroy(self, request: Request, pk: str) -> Response:
        """Revoke a token; it stays in the list."""
        services.revoke_token(token=self.get_object(), at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class EventViewSet(ReadOnly):
    """The audit trail."""

    serializer_class = EventOut
    filterset_fields = ("stream", "object_id", "kind", "actor")
    queryset = Event.objects.none()

    def get_queryset(self) -> QuerySet[Event]:
        """What you may audit."""
        return selectors.events(self.request.user)


def register(router: DefaultRouter) -> None:
    """Put these resources on the API."""
    router.register("entities", EntityViewSet, basename="entity")
    router.register("users", UserViewSet, basename="user")
    router.register("departments", DepartmentViewSet, basename="department")
    api_away.register(router)
    router.register("tokens", TokenViewSet, basename="token")
    router.register("events", EventViewSet, basename="event")
    router.register("books", BooksViewSet, basename="books")
