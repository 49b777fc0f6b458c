"""The API of reports by mail: what the pages show and change."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import LegalEntity
from accounts.requests import Door
from lib import clock
from reporting import tasks
from reporting.models import ReportCopy, ReportSending, Subscription
from reporting.reports import NAMES
from reporting.selectors.frame import entities_for
from reporting.subscriptions import services
from reporting.subscriptions.asked import filters_in
from reporting.subscriptions.choices import DayOf, Every, FileKind
from reporting.subscriptions.contents import GROUP, Wanted
from reporting.subscriptions.selectors import subscriptions_for
from reporting.subscriptions.services import Shape

NUMBER = "Weekday of a week (Monday is 0), or day of a month; else 0."


class ReportCopyOut(serializers.ModelSerializer[ReportCopy]):
    """What one reader got: a letter, or why there was none."""

    class Meta:
        model = ReportCopy
        fields = ("user", "letter", "trouble", "detail")


class ReportSendingOut(serializers.ModelSerializer[ReportSending]):
    """How the last time went."""

    copies = ReportCopyOut(many=True, read_only=True)

    class Meta:
        model = ReportSending
        fields = ("due_at", "day", "asked_by", "done_at", "error", "copies")


class ReportSubscriptionOut(serializers.ModelSerializer[Subscription]):
    """A report that is sent by mail."""

    readers = serializers.SerializerMethodField(
        help_text="Who gets it, the owner too; without those who left."
    )
    last = ReportSendingOut(read_only=True, allow_null=True)

    class Meta:
        model = Subscription
        fields = (
            "id", "entity", "owner", "report", "filters", "every", "number", "hour", "day_of", "form", "readers",
            "created_at", "next_due_at", "paused_at", "last",
        )  # fmt: skip

    def get_readers(self, row: Subscription) -> list[int]:
        """Their ids."""
        return [reader.user_id for reader in row.readers.all() if reader.left_at is None]


class ReportShapeIn(serializers.Serializer[Any]):
    """How a report is sent."""

    every = serializers.ChoiceField(choices=Every.choices)
    number = serializers.IntegerField(required=False, default=0, min_value=0, max_value=31, help_text=NUMBER)
    hour = serializers.IntegerField(min_value=0, max_value=23, help_text="By the clock of the legal entity.")
    day_of = serializers.ChoiceField(choices=DayOf.choices, required=False, default=DayOf.SENT)
    form = serializers.ChoiceField(choices=FileKind.choices, required=False, default=FileKind.XLSX)
    readers = serializers.ListField(
        child=serializers.IntegerField(), required=False, default=list, help_text="Colleagues who get it too."
    )


class ReportSubscriptionIn(ReportShapeIn):
    """A report to send."""

    entity = serializers.PrimaryKeyRelatedField(queryset=LegalEntity.objects.none())
    report = serializers.ChoiceField(choices=(*NAMES, GROUP))
    filters = serializers.DictField(child=serializers.CharField(max_length=60), required=False, default=dict)


class ReportSubscriptionChange(serializers.Serializer[Any]):
    """What changes; the rest stays. A paused one goes on from the next time."""

    every = serializers.ChoiceField(choices=Every.choices, required=False)
    number = serializers.IntegerField(required=False, min_value=0, max_value=31, help_text=NUMBER)
    hour = serializers.IntegerField(required=False, min_value=0, max_value=23)
    day_of = serializers.ChoiceField(choices=DayOf.choices, required=False)
    form = serializers.ChoiceField(choices=FileKind.choices, required=False)
    readers = serializers.ListField(child=serializers.IntegerField(), required=False)
    paused = serializers.BooleanField(required=False)


class ReportSubscriptionViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """Reports by mail: one's own, and those sent to one."""

    serializer_class = ReportSubscriptionOut
    queryset = Subscription.objects.none()
    filterset_fields = ("entity", "report", "owner")

    def get_queryset(self) -> QuerySet[Subscription]:
        """Those the person made or gets."""
        return subscriptions_for(self.request.user)

    def _mine(self) -> Subscription:
        """One of the person's own; a stranger finds nothing, a reader may only leave."""
        row: Subscription = self.get_object()
        if row.owner_id != self.person.pk:
            self.permission_denied(self.request)
        return row

    @extend_schema(request=ReportSubscriptionIn, responses={201: ReportSubscriptionOut})
    def create(self, request: Request) -> Response:
        """Have a report sent by mail."""
        said = self.shape(ReportSubscriptionIn, entity=entities_for(self.person))
        filters = {} if said["report"] == GROUP else filters_in(said["filters"])
        wanted = Wanted(said["report"], said["entity"], filters)
        row = services.subscribe(wanted=wanted, shape=_shape(said), by=self.person, at=clock.now())
        return self.again(row, status.HTTP_201_CREATED)

    @extend_schema(request=ReportSubscriptionChange, responses=ReportSubscriptionOut)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change it, pause it, let it go on."""
        row = self._mine()
        said = self.shape(ReportSubscriptionChange)
        paused = said.pop("paused", None)
        with transaction.atomic():
            if said:
                services.change(
                    subscription=row, shape=_shape(_begin(row) | said), by=self.person, at=clock.now()
                )
            if paused is not None:
                step = services.pause if paused else services.go_on
                step(subscription=row, by=self.person, at=clock.now())
        return self.again(row)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """End it for everybody."""
        services.end(subscription=self._mine(), by=self.person, at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={202: ReportSubscriptionOut})
    @action(detail=True, methods=["post"])
    def send(self, request: Request, pk: str) -> Response:
        """Send it once more, now."""
        row = self._mine()
        sending = services.send_now(subscription=row, by=self.person, at=clock.now())
        transaction.on_commit(lambda: tasks.send_one.delay(sending.pk), robust=True)
        return self.again(row, status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses=ReportSubscriptionOut)
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, pk: str) -> Response:
        """Get it no more, whoever sends it."""
        row = self.get_object()
        services.leave(reader=self._reader(row), at=clock.now())
        return self.again(row)

    @extend_schema(request=None, responses=ReportSubscriptionOut)
    @action(detail=True, methods=["post"], url_path="come-back")
    def come_back(self, request: Request, pk: str) -> Response:
        """Get it again."""
        row = self.get_object()
        services.come_back(reader=self._reader(row))
        return self.again(row)

    def _reader(self, row: Subscription) -> Any:
        reader = next((one for one in row.readers.all() if one.user_id == self.person.pk), None)
        if reader is None:
            raise Http404
        return reader


def _shape(said: dict[str, Any]) -> Shape:
    readers = tuple(said["readers"])
    return Shape(said["every"], said["hour"], said["day_of"], said["form"], said["number"], readers)


def _begin(row: Subscription) -> dict[str, Any]:
    """The shape as it is."""
    kept = {name: getattr(row, name) for name in ("every", "number", "hour", "day_of", "form")}
    return kept | {"readers": [reader.user_id for reader in row.readers.all()]}
