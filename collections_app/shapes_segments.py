"""The shapes of segments and payment behaviour in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from collections_app.choices_segments import RuleOp, SegmentFact, SegmentSource
from collections_app.errors import SegmentError
from collections_app.models import Behaviour
from collections_app.segmenting.conditions import Condition
from collections_app.services.pins import LONGEST
from collections_app.services.segments import RuleInput
from ledger.choices import Segment


class SegmentOut(serializers.Serializer[Any]):
    """A segment with its customers. Amounts are in the entity's currency, as of the last learning."""

    segment = serializers.ChoiceField(choices=Segment.choices)
    customers = serializers.IntegerField()
    by_rule = serializers.IntegerField()
    by_pin = serializers.IntegerField()
    open_amount = serializers.DecimalField(max_digits=20, decimal_places=2)
    overdue_amount = serializers.DecimalField(max_digits=20, decimal_places=2)


class SegmentConditionShape(serializers.Serializer[Any]):
    """A comparison: `value` for a number, `values` for segments or codes."""

    fact = serializers.ChoiceField(choices=SegmentFact.choices)
    op = serializers.ChoiceField(choices=RuleOp.choices)
    value = serializers.DecimalField(max_digits=14, decimal_places=2, required=False)
    values = serializers.ListField(child=serializers.CharField(max_length=20), required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The comparison fits the fact."""
        try:
            Condition.read(attrs)
        except SegmentError as error:
            raise serializers.ValidationError(str(error)) from error
        return attrs


class SegmentRuleShape(serializers.Serializer[Any]):
    """If all conditions hold: this segment; empty, the declared one counts."""

    segment = serializers.ChoiceField(choices=Segment.choices, allow_blank=True)
    conditions = SegmentConditionShape(many=True, allow_empty=False)


class SegmentRulesOut(serializers.Serializer[Any]):
    """A version of the rules, in order; the first that fits decides."""

    number = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    created_by = serializers.IntegerField(source="created_by_id", allow_null=True)
    rules = SegmentRuleShape(source="rules.all", many=True)


class SegmentRulesBothOut(serializers.Serializer[Any]):
    """The rules in force and their draft; null where there is none."""

    current = SegmentRulesOut(allow_null=True)
    draft = SegmentRulesOut(allow_null=True)


class SegmentDraftIn(serializers.Serializer[Any]):
    """All rules of the draft, in order."""

    entity = serializers.CharField()
    rules = SegmentRuleShape(many=True)

    @property
    def inputs(self) -> list[RuleInput]:
        """What the service takes, once valid."""
        return [
            RuleInput(rule["segment"], [Condition.read(one) for one in rule["conditions"]])
            for rule in self.validated_data["rules"]
        ]


class SegmentEntityIn(serializers.Serializer[Any]):
    """Of which legal entity, by its code."""

    entity = serializers.CharField()


class SegmentMoveOut(serializers.Serializer[Any]):
    """A customer whom the draft would move, and why."""

    customer = serializers.IntegerField(source="customer.pk")
    name = serializers.CharField(source="customer.name")
    was = serializers.CharField()
    segment = serializers.CharField()
    why = serializers.ListField(child=serializers.CharField())


class SegmentTriedOut(serializers.Serializer[Any]):
    """What the draft would change: how many customers move, and the first of them."""

    count = serializers.IntegerField()
    moved = SegmentMoveOut(many=True)


class SegmentStandingOut(serializers.Serializer[Any]):
    """Why a customer is in their segment: the rule and the figures that matched, or what a person said."""

    segment = serializers.CharField()
    declared = serializers.CharField()
    source = serializers.ChoiceField(choices=SegmentSource.choices)  # type: ignore[assignment]
    rule = serializers.CharField(allow_blank=True)
    why = serializers.ListField(child=serializers.CharField())
    since = serializers.DateField(allow_null=True)


class BehaviourOut(serializers.ModelSerializer[Behaviour]):
    """How a customer pays; null: too little to say. Days are past due (negative: early), shares in percent."""

    class Meta:
        model = Behaviour
        exclude = ("customer",)


class PayerOut(serializers.Serializer[Any]):
    """How a customer pays and in which segment they are. `behaviour` is null before it was learned."""

    customer = serializers.IntegerField()
    standing = SegmentStandingOut()
    behaviour = BehaviourOut(allow_null=True)
    sentences = serializers.ListField(child=serializers.CharField())


class SegmentPinIn(serializers.Serializer[Any]):
    """The segment a person sets, and why."""

    segment = serializers.ChoiceField(choices=Segment.choices)
    reason = serializers.CharField(max_length=LONGEST)
