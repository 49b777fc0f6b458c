"""The queue as the API tells and takes it: rows, views, macros, naps, acts on many."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import LegalEntity
from disputes.choices import Nap, Then
from disputes.models import Dispute, Macro, SavedView


class QueueRowOut(serializers.ModelSerializer[Dispute]):
    """A row of the queue."""

    customer_name = serializers.CharField(source="customer.name", read_only=True)
    reason = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    stage = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)

    class Meta:
        model = Dispute
        fields = (
            "id", "ref", "entity", "customer", "customer_name", "reason", "stage", "status", "coordinator",
            "holder_side", "holder_user", "holder_department", "currency", "amount", "opened_on", "due_at",
            "snoozed_until", "closed_at", "priority",
        )  # fmt: skip


class AmountOut(serializers.Serializer[Any]):
    """A sum of one currency."""

    currency = serializers.CharField()
    amount = serializers.DecimalField(max_digits=16, decimal_places=2)


class TotalsOut(serializers.Serializer[Any]):
    """What the filter leaves, over all pages."""

    disputes = serializers.IntegerField()
    customers = serializers.IntegerField()
    amounts = AmountOut(many=True)


class QueueOut(serializers.Serializer[Any]):
    """A page of the queue. `after` leads to the next one; it is empty on the last."""

    results = QueueRowOut(many=True)
    after = serializers.CharField(allow_blank=True)
    totals = TotalsOut()
    counts = serializers.DictField(child=serializers.IntegerField())


class SavedViewOut(serializers.ModelSerializer[SavedView]):
    """A saved view; `entity` is the legal entity it is shared in."""

    class Meta:
        model = SavedView
        fields = ("id", "owner", "entity", "name", "filters", "position")


class SavedViewIn(serializers.Serializer[Any]):
    """A filter of the queue under a name: the parameters of `/disputes/` with their values."""

    name = serializers.CharField(max_length=60)
    filters = serializers.DictField(
        child=serializers.CharField(max_length=100, allow_blank=True), default=dict
    )
    entity = serializers.PrimaryKeyRelatedField(
        queryset=LegalEntity.objects.none(), required=False, allow_null=True, default=None
    )


class OrderIn(serializers.Serializer[Any]):
    """Your own views in the order you want."""

    views = serializers.ListField(child=serializers.IntegerField(), max_length=100)


class StepShape(serializers.Serializer[Any]):
    """One change: `classify` (reason), `move` (move, fields), `assign` (user or "me", or department), `ask` (to,
    text, kind, minutes), `snooze` (for).
    """

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """As it came: the service checks it."""
        if not isinstance(data, dict):
            raise serializers.ValidationError("An object.")
        return dict(data)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """As it is stored."""
        return dict(instance)


@extend_schema_field({"type": "array", "items": {"type": "object", "additionalProperties": True}})
class StepsField(serializers.ListField):
    """The changes in their order."""

    child = StepShape()


class MacroOut(serializers.ModelSerializer[Macro]):
    """A macro: several changes in one click."""

    steps = StepsField(read_only=True)

    class Meta:
        model = Macro
        fields = ("id", "entity", "owner", "shared", "name", "steps", "then", "position")


class MacroIn(serializers.Serializer[Any]):
    """A macro."""

    entity = serializers.PrimaryKeyRelatedField(queryset=LegalEntity.objects.none())
    name = serializers.CharField(max_length=60)
    steps = StepsField()
    then = serializers.ChoiceField(choices=Then.choices, default=Then.NEXT)
    shared = serializers.BooleanField(default=False)


class SeenIn(serializers.Serializer[Any]):
    """`seen`: the number of the newest event you know of. When others did something behind it, 409."""

    seen = serializers.IntegerField(min_value=0, required=False, allow_null=True, default=None)


class SnoozeIn(SeenIn):
    """Until a moment, or for a while."""

    until = serializers.DateTimeField(required=False, allow_null=True, default=None)
    nap = serializers.ChoiceField(choices=Nap.choices, required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one of both."""
        if (attrs["until"] is None) == (attrs["nap"] is None):
            raise serializers.ValidationError({"until": "Give either until or nap."})
        return attrs


class RunIn(SeenIn):
    """The macro to run."""

    macro = serializers.PrimaryKeyRelatedField(queryset=Macro.objects.none())


class BulkIn(serializers.Serializer[Any]):
    """Changes to many disputes: a macro, or steps."""

    disputes = serializers.ListField(
        child=serializers.IntegerField(min_value=1), min_length=1, max_length=500
    )
    macro = serializers.PrimaryKeyRelatedField(
        queryset=Macro.objects.none(), required=False, allow_null=True, default=None
    )
    steps = StepsField(required=False, default=list)


class RefusalOut(serializers.Serializer[Any]):
    """A dispute that was left as it is, and why."""

    id = serializers.IntegerField(source="dispute.pk")
    ref = serializers.CharField(source="dispute.ref")
    code = serializers.CharField()
    detail = serializers.CharField(source="sentence")


class BulkOut(serializers.Serializer[Any]):
    """What became of them. Those you may not see are in neither list."""

    done = serializers.ListField(child=serializers.IntegerField())
    failed = RefusalOut(many=True)


class UndoIn(serializers.Serializer[Any]):
    """`since`: take back everything you did behind this event; without it, the newest act alone."""

    since = serializers.IntegerField(min_value=0, required=False, allow_null=True, default=None)
