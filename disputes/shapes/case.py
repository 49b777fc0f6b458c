"""The shapes of what is done to a dispute beside its route."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from disputes.models import Dispute, PriorityWeights
from disputes.services.prioritizing import FIELDS


class CauseIn(serializers.Serializer[Any]):
    """The code of the root cause; null takes it back."""

    cause = serializers.SlugField(max_length=40, allow_null=True)


class MergeIn(serializers.Serializer[Any]):
    """The dispute that is closed as a duplicate."""

    other = serializers.PrimaryKeyRelatedField(queryset=Dispute.objects.none())


@extend_schema_serializer(component_name="SplitPart")
class PartIn(serializers.Serializer[Any]):
    """A live line of the dispute: all of it, or this much."""

    line = serializers.IntegerField(min_value=1)
    amount = serializers.DecimalField(
        max_digits=14, decimal_places=2, required=False, allow_null=True, default=None
    )


class SplitIn(serializers.Serializer[Any]):
    """What becomes a dispute of its own; `reason` is the code of its reason, the same when left out."""

    lines = PartIn(many=True, allow_empty=False)
    reason = serializers.SlugField(max_length=40, required=False, allow_blank=True, default="")


class KinOut(serializers.Serializer[Any]):
    """A dispute beside the one that was asked for, and what they have in common."""

    id = serializers.IntegerField(source="dispute.pk")
    ref = serializers.CharField(source="dispute.ref")
    customer = serializers.IntegerField(source="dispute.customer_id")
    reason = serializers.CharField(source="dispute.reason.code")
    status = serializers.CharField(source="dispute.status")
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, source="dispute.amount")
    currency = serializers.CharField(source="dispute.currency")
    why = serializers.ListField(child=serializers.CharField())


class KinListOut(serializers.Serializer[Any]):
    """Related disputes and similar ones, the most telling first."""

    related = KinOut(many=True)
    similar = KinOut(many=True)


class WeightsOut(serializers.ModelSerializer[PriorityWeights]):
    """The most points of each part, and where it gives all of them."""

    class Meta:
        model = PriorityWeights
        fields = ("entity", *FIELDS)


class WeightsIn(serializers.Serializer[Any]):
    """Another weight of any part; together at most 100 points."""

    amount = serializers.IntegerField(min_value=0, max_value=100, required=False)
    age = serializers.IntegerField(min_value=0, max_value=100, required=False)
    customer = serializers.IntegerField(min_value=0, max_value=100, required=False)
    deadline = serializers.IntegerField(min_value=0, max_value=100, required=False)
    full_amount = serializers.DecimalField(max_digits=14, decimal_places=2, required=False)
    full_days = serializers.IntegerField(min_value=1, max_value=3650, required=False)
    full_balance = serializers.DecimalField(max_digits=14, decimal_places=2, required=False)
    near_hours = serializers.IntegerField(min_value=1, max_value=2000, required=False)
