"""The API of calendars, closures and absences."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from accounts import selectors, services
from accounts.choices import CalendarSide
from accounts.models import Absence, Calendar, Closure, Department, LegalEntity, User
from accounts.requests import Door
from lib import clock
from lib.errors import FieldErrors

PREVIEW_DAYS = 31


class ClosureOut(serializers.ModelSerializer[Closure]):
    """Days on which a calendar's people do not work."""

    class Meta:
        model = Closure
        fields = ("id", "name", "starts_on", "ends_on", "from_time")


class ClosureIn(serializers.Serializer[Any]):
    """A closure to add."""

    name = serializers.CharField(max_length=100)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    from_time = serializers.TimeField(required=False, allow_null=True, default=None)


class CalendarOut(serializers.ModelSerializer[Calendar]):
    """Working hours: `week` is seven texts from Monday on, like `09:00-14:00, 15:00-18:00`, empty when closed."""

    week = serializers.SerializerMethodField()
    closures = ClosureOut(many=True)

    class Meta:
        model = Calendar
        fields = (
            "id",
            "entity",
            "name",
            "side",
            "department",
            "user",
            "country",
            "subdivision",
            "time_zone",
            "week",
            "keeps_holidays",
            "closures",
        )

    def get_week(self, row: Calendar) -> list[str]:
        """The hours of each day."""
        return [services.write_hours(day) for day in row.week]


class CalendarChange(serializers.Serializer[Any]):
    """What a calendar says."""

    name = serializers.CharField(max_length=100)
    country = serializers.CharField(min_length=2, max_length=2)
    subdivision = serializers.CharField(max_length=6, required=False, allow_blank=True, default="")
    time_zone = serializers.CharField(max_length=50)
    week = serializers.ListField(
        child=serializers.CharField(max_length=100, allow_blank=True), min_length=7, max_length=7
    )
    keeps_holidays = serializers.BooleanField(default=True)  # type: ignore[assignment]

    def wanted(self, **whose: Any) -> services.CalendarInput:
        """What `save_calendar` takes; raises FieldErrors for hours that cannot be read."""
        data = dict(self.validated_data) | whose
        try:
            week = [services.read_hours(day) for day in data.pop("week")]
        except ValueError as wrong:
            raise FieldErrors({"week": str(wrong)}) from None
        return services.CalendarInput(**data, week=week)


class CalendarIn(CalendarChange):
    """A new calendar: of a department, of a person, or of the customers of a country."""

    entity = serializers.PrimaryKeyRelatedField(queryset=LegalEntity.objects.none())
    side = serializers.ChoiceField(choices=CalendarSide.choices, default=CalendarSide.OURS)
    department = serializers.PrimaryKeyRelatedField(
        queryset=Department.objects.none(), required=False, allow_null=True, default=None
    )
    user = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.none(), required=False, allow_null=True, default=None
    )


class WorkingDayOut(serializers.Serializer[Any]):
    """A day to come: its hours, or why it is closed."""

    day = serializers.DateField()
    hours = serializers.CharField()
    closed = serializers.CharField()


class AwayDoor(ListModelMixin, RetrieveModelMixin, Door):
    """What these doors share."""


class CalendarViewSet(AwayDoor):
    """The calendars of your legal entities. Administrators and credit managers change them."""

    serializer_class = CalendarOut
    queryset = Calendar.objects.none()
    filterset_fields = ("entity", "side", "department", "user")

    def get_queryset(self) -> QuerySet[Calendar]:
        """Yours only."""
        return selectors.calendars(self.person)

    @extend_schema(request=CalendarIn, responses={201: CalendarOut})
    def create(self, request: Request) -> Response:
        """Make a calendar."""
        shape = CalendarIn(data=request.data)
        fields: Any = shape.fields
        fields["entity"].queryset = selectors.entities_for(self.person, "calendar.read")
        fields["department"].queryset = selectors.departments(self.person)
        fields["user"].queryset = selectors.colleagues(self.person)
        shape.is_valid(raise_exception=True)
        entity = shape.validated_data.pop("entity")
        row = services.save_calendar(entity=entity, wanted=shape.wanted(), by=self.person, at=clock.now())
        return self.again(row, status.HTTP_201_CREATED)

    @extend_schema(request=CalendarChange, responses=CalendarOut)
    def update(self, request: Request, pk: str) -> Response:
        """Change a calendar; whose it is stays."""
        row, shape = self.get_object(), CalendarChange(data=request.data)
        shape.is_valid(raise_exception=True)
        wanted = shape.wanted(side=row.side, department=row.department, user=row.user)
        return self.again(
            services.save_calendar(entity=row.entity, wanted=wanted, by=self.person, at=clock.now(), row=row)
        )

    def destroy(self, request: Request, pk: str) -> Response:
        """Take a calendar away; the entity's own stays."""
        services.drop_calendar(row=self.get_object(), by=self.person, at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=ClosureIn, responses={201: CalendarOut})
    @action(detail=True, methods=["post"])
    def closures(self, request: Request, pk: str) -> Response:
        """Close on some days."""
        row, shape = self.get_object(), ClosureIn(data=request.data)
        shape.is_valid(raise_exception=True)
        services.add_closure(calendar=row, by=self.person, at=clock.now(), **shape.validated_data)
        return self.again(row, status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=CalendarOut)
    @action(detail=True, methods=["delete"], url_path=r"closures/(?P<closure>\d+)")
    def closure(self, request: Request, pk: str, closure: str) -> Response:
        """Open on these days again."""
        row = self.get_object()
        found = get_object_or_404(row.closures, pk=closure)
        services.drop_closure(closure=found, by=self.person, at=clock.now())
        return self.again(row)

    @extend_schema(responses=WorkingDayOut(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def preview(self, request: Request, pk: str) -> Response:
        """The hours of the next 31 days."""
        office, today = selectors.office_of_calendar(self.get_object()), clock.now().date()
        days = [today + timedelta(days=n) for n in range(PREVIEW_DAYS)]
        rows = [
            {"day": day, "hours": services.write_hours(office.spans(day)), "closed": office.why_closed(day)}
            for day in days
        ]
        return Response(WorkingDayOut(cast(Any, rows), many=True).data)


class AbsenceOut(serializers.ModelSerializer[Absence]):
    """Days on which a deputy answers."""

    class Meta:
        model = Absence
        fields = ("id", "user", "starts_on", "ends_on", "deputy")


class AbsenceIn(serializers.Serializer[Any]):
    """An absence to report; of yourself when nobody is named."""

    user = serializers.PrimaryKeyRelatedField(queryset=User.objects.none(), required=False)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    deputy = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.none(), required=False, allow_null=True, default=None
    )


class DeputyIn(serializers.Serializer[Any]):
    """Another deputy, or nobody."""

    deputy = serializers.PrimaryKeyRelatedField(queryset=User.objects.none(), allow_null=True)


class AbsenceViewSet(AwayDoor):
    """Your absences; all of the entity for its credit team, which may report them too."""

    serializer_class = AbsenceOut
    queryset = Absence.objects.none()

    def get_queryset(self) -> QuerySet[Absence]:
        """Yours, or your entity's."""
        return selectors.absences(self.person)

    @extend_schema(request=AbsenceIn, responses={201: AbsenceOut})
    def create(self, request: Request) -> Response:
        """Say who will be away, from when until when, and who answers meanwhile."""
        shape = AbsenceIn(data=request.data)
        fields: Any = shape.fields
        fields["user"].queryset = fields["deputy"].queryset = selectors.colleagues(self.person)
        shape.is_valid(raise_exception=True)
        given = {"user": self.person, **shape.validated_data}
        absence = services.report_absence(by=self.person, at=clock.now(), **given)
        return Response(AbsenceOut(absence).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=DeputyIn, responses=AbsenceOut)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Name another deputy."""
        absence, shape = self.get_object(), DeputyIn(data=request.data)
        cast(Any, shape.fields["deputy"]).queryset = selectors.colleagues(self.person)
        shape.is_valid(raise_exception=True)
        done = services.change_deputy(absence=absence, by=self.person, at=clock.now(), **shape.validated_data)
        return Response(AbsenceOut(done).data)

    def destroy(self, request: Request, pk: str) -> Response:
        """The person is back today, or does not go."""
        at = clock.now()
        services.end_absence(absence=self.get_object(), on=at.date(), by=self.person, at=at)
        return Response(status=status.HTTP_204_NO_CONTENT)


def register(router: DefaultRouter) -> None:
    """Put these resources on the API."""
    router.register("calendars", CalendarViewSet, basename="calendar")
    router.register("absences", AbsenceViewSet, basename="absence")
