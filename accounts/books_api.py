"""The checks of the books on the API."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import checking, policy, tasks
from accounts.models import BooksCheck, User
from accounts.requests import Door
from lib import books, clock


class FindingOut(serializers.Serializer[Any]):
    """A stored figure that is not what its rows add up to."""

    code = serializers.CharField(help_text="the check that found it")
    message = serializers.SerializerMethodField(help_text="what must hold")
    where = serializers.CharField(help_text="the row")
    stored = serializers.CharField()
    recomputed = serializers.CharField()
    entity = serializers.IntegerField(allow_null=True)
    kind = serializers.CharField()
    id = serializers.IntegerField(allow_null=True)

    def get_message(self, finding: dict[str, Any]) -> str:
        """In the language of the request."""
        known = books.CHECKS.get(finding["code"])
        return str(known.words) if known else ""


class BooksCheckOut(serializers.ModelSerializer[BooksCheck]):
    """A check of the books. `found` and `findings` are of the legal entities you administer."""

    ok = serializers.SerializerMethodField()
    found = serializers.SerializerMethodField()
    findings = serializers.SerializerMethodField()

    class Meta:
        model = BooksCheck
        fields = (
            "id",
            "asked_at",
            "asked_by",
            "started_at",
            "finished_at",
            "seconds",
            "ok",
            "checks",
            "found",
            "findings",
            "error",
        )

    @property
    def _person(self) -> User:
        return cast(User, self.context["request"].user)

    def get_ok(self, check: BooksCheck) -> bool | None:
        """Whether everything adds up; null while it is not known yet."""
        return None if check.ok is None else not checking.found_for(self._person, check)

    def get_found(self, check: BooksCheck) -> int:
        """How many differences."""
        return checking.found_for(self._person, check)

    @extend_schema(responses=FindingOut(many=True))
    def get_findings(self, check: BooksCheck) -> list[dict[str, Any]]:
        """The first of them."""
        rows = checking.shown_to(self._person, check)
        return cast(list[dict[str, Any]], FindingOut(rows, many=True).data)


class BooksViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """Checks of the books, newest first, for administrators. A POST asks for one; a worker makes it."""

    serializer_class = BooksCheckOut
    queryset = BooksCheck.objects.none()

    def get_queryset(self) -> QuerySet[BooksCheck]:
        """All of them for an administrator; for anybody else there are none."""
        ruled = policy.scope(self.request.user).entities("admin")
        return BooksCheck.objects.all() if ruled else BooksCheck.objects.none()

    @extend_schema(request=None, responses={202: BooksCheckOut})
    def create(self, request: Request) -> Response:
        """Ask for a check; one that is under way already is the answer."""
        if not policy.scope(request.user).entities("admin"):
            raise PermissionDenied
        asked = checking.ask_for_check(at=clock.now(), by=cast(User, request.user))
        transaction.on_commit(lambda: tasks.check_books.delay(asked.pk), robust=True)
        return Response(self.get_serializer(asked).data, status=status.HTTP_202_ACCEPTED)
