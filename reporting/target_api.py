"""The API of targets and of what time and money cost: what the page shows and changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import LegalEntity
from accounts.requests import Door
from lib import clock
from reporting import services
from reporting.choices import Measure
from reporting.models import CostRates, Target
from reporting.selectors.targets import SET, cost_rates_for, entities_set_by, targets_for


class ReportTargetOut(serializers.ModelSerializer[Target]):
    """A target."""

    class Meta:
        model = Target
        fields = ("id", "entity", "measure", "from_on", "value", "set_by", "set_at")


class ReportTargetIn(serializers.Serializer[Any]):
    """A target to set; the same figure and day again replaces it."""

    entity = serializers.PrimaryKeyRelatedField(queryset=LegalEntity.objects.none())
    measure = serializers.ChoiceField(choices=Measure.choices)
    from_on = serializers.DateField()
    value = serializers.DecimalField(max_digits=14, decimal_places=2)


class CostRatesOut(serializers.ModelSerializer[CostRates]):
    """What time and money cost from a day on."""

    class Meta:
        model = CostRates
        fields = ("id", "entity", "from_on", "financing", "hour", "minutes", "set_by", "set_at")


class CostRatesIn(serializers.Serializer[Any]):
    """Rates to set; the same day again replaces them."""

    entity = serializers.PrimaryKeyRelatedField(queryset=LegalEntity.objects.none())
    from_on = serializers.DateField()
    financing = serializers.DecimalField(max_digits=6, decimal_places=3, help_text="Per cent a year.")
    hour = serializers.DecimalField(max_digits=9, decimal_places=2, help_text="Price of an hour of work.")
    minutes = serializers.IntegerField(min_value=0, max_value=480, help_text="Minutes one act takes.")


class Standards(ListModelMixin, RetrieveModelMixin, Door):
    """Dated rows of a legal entity: listed, set, dropped."""

    def _set(self, shape: type[serializers.Serializer[Any]], save: Callable[..., Any]) -> Response:
        wanted = self.shape(shape, entity=entities_set_by(self.person))
        try:
            row = save(by=self.person, at=clock.now(), **wanted)
        except DjangoValidationError as wrong:
            raise serializers.ValidationError(wrong.message_dict) from None
        return self.again(row, status.HTTP_201_CREATED)


class ReportTargetViewSet(Standards):
    """The targets of figures."""

    serializer_class = ReportTargetOut
    queryset = Target.objects.none()
    filterset_fields = ("entity", "measure")

    def get_queryset(self) -> QuerySet[Target]:
        """Those of the entities whose figures the person reads."""
        return targets_for(self.request.user)

    @extend_schema(request=ReportTargetIn, responses={201: ReportTargetOut})
    def create(self, request: Request) -> Response:
        """Set a target."""
        return self._set(ReportTargetIn, services.set_target)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take a target away."""
        target = self.get_object()
        self.must(SET, target)
        services.drop_target(target=target, by=self.person, at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class CostRatesViewSet(Standards):
    """What time and money cost."""

    serializer_class = CostRatesOut
    queryset = CostRates.objects.none()
    filterset_fields = ("entity",)

    def get_queryset(self) -> QuerySet[CostRates]:
        """Those of the entities where the person may set them."""
        return cost_rates_for(self.request.user)

    @extend_schema(request=CostRatesIn, responses={201: CostRatesOut})
    def create(self, request: Request) -> Response:
        """Set rates."""
        return self._set(CostRatesIn, services.set_cost_rates)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take rates away."""
        rates = self.get_object()
        services.drop_cost_rates(rates=rates, by=self.person, at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)
