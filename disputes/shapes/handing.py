"""Shapes of hand-overs and of the wait-time ledger."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from accounts.models import User
from disputes.models import Dispute, HandOver

MICROSECOND = timedelta(microseconds=1)


class HandOverOut(serializers.ModelSerializer[HandOver]):
    """Who passed a dispute on to whom, why, and whether it came back."""

    class Meta:
        model = HandOver
        fields = (
            "id",
            "dispute",
            "kind",
            "from_user",
            "from_department",
            "to_user",
            "by",
            "at",
            "note",
            "until",
            "ended_at",
        )


class HandOverIn(serializers.Serializer[Any]):
    """Which dispute goes to whom."""

    dispute = serializers.PrimaryKeyRelatedField(queryset=Dispute.objects.none())
    to = serializers.PrimaryKeyRelatedField(queryset=User.objects.none())
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")
    until = serializers.DateTimeField(required=False, allow_null=True, default=None)


class Minutes(serializers.DecimalField):
    """A length of time in minutes, with three decimals, as text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=14, decimal_places=3, **kwargs)

    def to_representation(self, value: Any) -> str:
        """The minutes of a length of time."""
        return str(super().to_representation(Decimal(value // MICROSECOND) / 60_000_000))


class WaitedOut(serializers.Serializer[Any]):
    """One stay."""

    stage = serializers.CharField()
    stage_label = serializers.CharField()
    side = serializers.CharField()
    holder = serializers.CharField()
    holder_name = serializers.CharField()
    department = serializers.CharField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    goes_on = serializers.BooleanField()
    calendar_minutes = Minutes(source="calendar")
    working_minutes = Minutes(source="working")


class ShareOut(serializers.Serializer[Any]):
    """What stays add up to."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    calendar_minutes = Minutes(source="calendar")
    working_minutes = Minutes(source="working")


class SumsOut(serializers.Serializer[Any]):
    """The sums, by whatever is asked."""

    stage = ShareOut(many=True)
    holder = ShareOut(many=True)
    side = ShareOut(many=True)
    department = ShareOut(many=True)


class WaitsOut(serializers.Serializer[Any]):
    """The wait-time ledger of one dispute."""

    dispute = serializers.IntegerField()
    stays = WaitedOut(many=True)
    sums = SumsOut()
