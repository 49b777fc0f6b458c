"""The API of exchange rates: the list, and a list of new ones."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from accounts import policy
from ledger.api_base import ReadOnly
from ledger.fx.services import RateInput, record_rates
from ledger.models import ExchangeRate

MOST = 1000


class ExchangeRateOut(serializers.ModelSerializer[ExchangeRate]):
    """Units of a currency for one euro, as published on a day."""

    class Meta:
        model = ExchangeRate
        fields = ("id", "currency", "on", "per_euro")


class ExchangeRateIn(serializers.Serializer[Any]):
    """A published rate: units of the currency for one euro."""

    currency = serializers.RegexField(r"^(?!EUR$)[A-Z]{3}\Z")
    on = serializers.DateField()
    per_euro = serializers.DecimalField(max_digits=18, decimal_places=6, min_value=Decimal("0.000001"))


class ExchangeRatesIn(serializers.Serializer[Any]):
    """Up to a thousand rates; historical files go through an import."""

    rates = serializers.ListField(child=ExchangeRateIn(), allow_empty=False, max_length=MOST)


class RateDone(serializers.Serializer[Any]):
    """What became of one rate."""

    currency = serializers.CharField()
    on = serializers.DateField()
    outcome = serializers.ChoiceField(choices=["created", "updated", "unchanged"])


class RatesDone(serializers.Serializer[Any]):
    """What became of each rate, in the order they came."""

    rates = RateDone(many=True)


class ExchangeRateViewSet(ReadOnly):
    """Euro reference rates, of no legal entity: who reads any ledger reads them, who imports brings them."""

    serializer_class = ExchangeRateOut
    queryset = ExchangeRate.objects.none()
    filterset_fields = {"currency": ("exact",), "on": ("exact", "gte", "lte")}

    def get_queryset(self) -> QuerySet[ExchangeRate]:
        """All of them for who reads a ledger, none for anybody else."""
        if not policy.scope(self.request.user).entities("ledger.read"):
            return ExchangeRate.objects.none()
        return ExchangeRate.objects.all()

    @extend_schema(request=ExchangeRatesIn, responses=RatesDone)
    def create(self, request: Request) -> Response:
        """Bring rates; the same one twice is harmless, another value of a day replaces the one before."""
        if not policy.scope(request.user).entities("ledger.import"):
            raise PermissionDenied
        rates = [RateInput(**rate) for rate in self.shape(ExchangeRatesIn)["rates"]]
        done = record_rates(rates=rates)
        listed = [
            {"currency": rate.currency, "on": rate.on, "outcome": outcome}
            for rate, outcome in zip(rates, done, strict=True)
        ]
        return Response(RatesDone({"rates": listed}).data)


def register(router: DefaultRouter) -> None:
    """Put the rates on the API."""
    router.register("exchange-rates", ExchangeRateViewSet, basename="exchange-rate")
