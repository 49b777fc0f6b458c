"""Mass disputes as the API tells and takes them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import LegalEntity
from disputes.choices import DECIDED, Verdict
from disputes.masses import progress
from disputes.models import Dispute, Mass


class MassOut(serializers.ModelSerializer[Mass]):
    """A mass dispute with its children and sums."""

    cause = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    children = serializers.PrimaryKeyRelatedField[Any](many=True, read_only=True)
    progress = serializers.SerializerMethodField()

    class Meta:
        model = Mass
        fields = (
            "id", "ref", "entity", "title", "cause", "opened_by", "opened_at", "closed_at", "children", "progress",
        )  # fmt: skip

    @extend_schema_field(serializers.DictField())
    def get_progress(self, mass: Mass) -> dict[str, Any]:
        """How many children are open and closed, of how many customers, and the disputed sums."""
        found = progress(mass.children.all())
        return {
            "open": found.open,
            "closed": found.closed,
            "customers": found.customers,
            "amounts": {currency: str(amount) for currency, amount in found.amounts},
            "given_up": {currency: str(amount) for currency, amount in found.given_up},
        }


class MassIn(serializers.Serializer[Any]):
    """A new mass dispute over open disputes of one legal entity."""

    entity = serializers.PrimaryKeyRelatedField(queryset=LegalEntity.objects.none())
    title = serializers.CharField(max_length=200)
    cause = serializers.SlugField(max_length=40, required=False, allow_blank=True, default="")
    disputes = serializers.PrimaryKeyRelatedField(queryset=Dispute.objects.none(), many=True)


class ChildrenIn(serializers.Serializer[Any]):
    """Disputes that join."""

    disputes = serializers.PrimaryKeyRelatedField(queryset=Dispute.objects.none(), many=True)


class ChildIn(serializers.Serializer[Any]):
    """The dispute that goes its own way."""

    dispute = serializers.PrimaryKeyRelatedField(queryset=Dispute.objects.none())


class DecisionIn(serializers.Serializer[Any]):
    """One decision for every open child."""

    verdict = serializers.ChoiceField(choices=Verdict.choices)
    resolution = serializers.ChoiceField(choices=DECIDED)
    percent = serializers.DecimalField(max_digits=5, decimal_places=2, default=Decimal(100))
    note = serializers.CharField(max_length=4000, allow_blank=True, default="")


class RefusedOut(serializers.Serializer[Any]):
    """A child that was not closed, and why."""

    ref = serializers.CharField()
    sentence = serializers.CharField()


class DecidedOut(serializers.Serializer[Any]):
    """What became of each child."""

    closed = serializers.ListField(child=serializers.CharField())
    waiting = serializers.ListField(child=serializers.CharField())
    refused = RefusedOut(many=True)


class ClusterOut(serializers.Serializer[Any]):
    """Open disputes that look as if one cause stood behind them."""

    kind = serializers.CharField()
    entity = serializers.IntegerField()
    reason = serializers.CharField()
    words = serializers.CharField()
    disputes = serializers.ListField(child=serializers.IntegerField())
    customers = serializers.IntegerField()
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)
    currency = serializers.CharField()
