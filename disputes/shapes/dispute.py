"""Disputes as the API tells and takes them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Department, User
from disputes import selectors
from disputes.choices import DECIDED, Verdict
from disputes.guests import hidden_from
from disputes.models import (
    Dispute,
    DisputeLine,
    Outcome,
)
from ledger.models import Customer


class DisputeLineOut(serializers.ModelSerializer[DisputeLine]):
    """The disputed part of one invoice."""

    number = serializers.CharField(source="invoice.number", read_only=True)

    class Meta:
        model = DisputeLine
        fields = ("id", "invoice", "number", "invoice_line", "amount", "quantity", "opened_on", "closed_on")


class OutcomeOut(serializers.ModelSerializer[Outcome]):
    """How it ended. `telling`: whether the customer is to be told; `untold`: they are, and no letter has gone."""

    untold = serializers.BooleanField(source="is_untold", read_only=True)

    class Meta:
        model = Outcome
        fields = (
            "verdict", "resolution", "amount", "note", "decided_by", "decided_at", "telling", "told_at", "untold",
        )  # fmt: skip


class DisputeOut(serializers.ModelSerializer[Dispute]):
    """A dispute; `moves` and `acts` are what the asking person may do now."""

    reason = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    root_cause = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    stage = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    lines = DisputeLineOut(many=True, read_only=True)
    outcome = serializers.SerializerMethodField()
    moves = serializers.SerializerMethodField()
    acts = serializers.SerializerMethodField()

    class Meta:
        model = Dispute
        fields = (
            "id", "ref", "entity", "customer", "reason", "root_cause", "stage", "status", "coordinator",
            "holder_side", "holder_user", "holder_department", "currency", "amount", "statement", "facts",
            "opened_on", "opened_at", "due_at", "closed_on", "closed_at", "opened_by", "opened_via",
            "lines", "outcome", "moves", "acts", "priority", "priority_parts", "mass", "merged_into", "split_from",
        )  # fmt: skip

    def to_representation(self, instance: Dispute) -> dict[str, Any]:
        """As the asking person may know it: a guest nothing of another company, and no answers of others."""
        shown: dict[str, Any] = super().to_representation(instance)
        return shown | hidden_from(self.context["request"].user, instance)

    @extend_schema_field(OutcomeOut(allow_null=True))
    def get_outcome(self, dispute: Dispute) -> Any:
        """The outcome; nothing while it is open."""
        outcome = getattr(dispute, "outcome", None)
        return OutcomeOut(outcome).data if outcome else None

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_moves(self, dispute: Dispute) -> list[str]:
        """The codes of the moves this person may make."""
        return [move.code for move in selectors.moves_for(dispute, self.context["request"].user)]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_acts(self, dispute: Dispute) -> list[str]:
        """What else this person may do."""
        return [act.value for act in selectors.acts_for(dispute, self.context["request"].user)]


class DisputeLineIn(serializers.Serializer[Any]):
    """A part of one invoice."""

    invoice = serializers.IntegerField(min_value=1)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)
    invoice_line = serializers.IntegerField(min_value=1, required=False, allow_null=True, default=None)
    quantity = serializers.DecimalField(
        max_digits=16, decimal_places=4, required=False, allow_null=True, default=None
    )


class LinesIn(serializers.Serializer[Any]):
    """What is disputed."""

    lines = DisputeLineIn(many=True, allow_empty=False)


class DisputeIn(LinesIn):
    """What opening a dispute needs. `reason` is the code of a reason of the customer's legal entity."""

    customer = serializers.PrimaryKeyRelatedField(queryset=Customer.objects.none())
    reason = serializers.SlugField(max_length=40)
    statement = serializers.CharField(max_length=4000, allow_blank=True, default="")
    coordinator = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.none(), required=False, allow_null=True, default=None
    )


class MoveIn(serializers.Serializer[Any]):
    """A move of the present stage, and the fields it demands. `stage`: the stage as seen, to be told when it moved."""

    move = serializers.SlugField(max_length=40)
    stage = serializers.SlugField(max_length=40, required=False, default="")
    fields_ = serializers.DictField(required=False, default=dict)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`fields` is taken in Python, not in the JSON."""
        shape = super().get_fields()
        shape["fields"] = shape.pop("fields_")
        return shape


class AssignIn(serializers.Serializer[Any]):
    """One person or one department, or another coordinator."""

    user = serializers.PrimaryKeyRelatedField(queryset=User.objects.none(), required=False, default=None)
    department = serializers.PrimaryKeyRelatedField(
        queryset=Department.objects.none(), required=False, default=None
    )
    coordinator = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.none(), required=False, default=None
    )


class ClassifyIn(serializers.Serializer[Any]):
    """Another stated reason."""

    reason = serializers.SlugField(max_length=40)


class ClosePartIn(serializers.Serializer[Any]):
    """What is given up of one invoice."""

    invoice = serializers.IntegerField(min_value=1)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0)


class CloseIn(serializers.Serializer[Any]):
    """The outcome. `parts`: how much of it for which invoice; `waits`: close it once the credit note has come;
    `told`: the customer knows the outcome, no letter goes."""

    verdict = serializers.ChoiceField(choices=Verdict.choices)
    resolution = serializers.ChoiceField(choices=DECIDED)
    amount = serializers.DecimalField(
        max_digits=14, decimal_places=2, required=False, allow_null=True, default=None
    )
    note = serializers.CharField(max_length=4000, allow_blank=True, default="")
    parts = ClosePartIn(many=True, required=False, default=list)
    expected_on = serializers.DateField(required=False, allow_null=True, default=None)
    waits = serializers.BooleanField(default=False)
    told = serializers.BooleanField(default=False)


class NoteIn(serializers.Serializer[Any]):
    """A note."""

    note = serializers.CharField(max_length=4000, allow_blank=True, default="")
