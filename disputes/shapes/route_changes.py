"""What changing routes needs and answers, over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from accounts.models import LegalEntity
from disputes.choices import Via
from disputes.models import Reason, Route, RouteRule, RouteVersion
from ledger.choices import Segment
from ledger.models import Customer


class RouteDataIn(serializers.Serializer[Any]):
    """A route as data: `{code, labels, stages: [...]}`, as exports have it. See docs/routes.md."""

    definition = serializers.JSONField()
    activate = serializers.BooleanField(default=False)


class RouteIn(RouteDataIn):
    """A route of an entity: kept as a draft, in force at once with `activate`."""

    entity = serializers.PrimaryKeyRelatedField(queryset=LegalEntity.objects.none())


class RouteFileIn(serializers.Serializer[Any]):
    """A route as a YAML file."""

    entity = serializers.PrimaryKeyRelatedField(queryset=LegalEntity.objects.none())
    yaml = serializers.CharField(max_length=300_000, trim_whitespace=False)
    activate = serializers.BooleanField(default=False)


class SwitchIn(serializers.Serializer[Any]):
    """Whether new disputes may take the route."""

    active = serializers.BooleanField()


class LettersIn(serializers.Serializer[Any]):
    """Whether customers get the letters of the route."""

    on = serializers.BooleanField()


class ProblemOut(serializers.Serializer[Any]):
    """Something wrong with a route: where, a code for programs, a sentence for people."""

    place = serializers.CharField()
    code = serializers.CharField()
    words = serializers.CharField()
    broken = serializers.BooleanField(help_text="cannot even be kept as a draft")


class CheckOut(serializers.Serializer[Any]):
    """What is wrong; nothing when the route can be used."""

    problems = ProblemOut(many=True)


class TakeOverRowOut(serializers.Serializer[Any]):
    """A stage of the old edition, the one its disputes would go to, and how many are there."""

    stage = serializers.CharField(source="stage.code")
    to = serializers.CharField(source="to.code", allow_null=True, default=None)
    disputes = serializers.IntegerField()


class TakeOverOut(serializers.Serializer[Any]):
    """What taking the open disputes over would mean, stage by stage."""

    rows = TakeOverRowOut(many=True)


class MigrateIn(serializers.Serializer[Any]):
    """The edition to go to; `mapping` sends stages (by code) elsewhere than to the stage of the same code."""

    to = serializers.PrimaryKeyRelatedField(queryset=RouteVersion.objects.none())
    mapping = serializers.DictField(child=serializers.SlugField(max_length=40), default=dict)


@extend_schema_serializer(component_name="RouteRefusalOut")
class RefusalOut(serializers.Serializer[Any]):
    """A dispute that stays where it is, and why."""

    dispute = serializers.IntegerField()
    ref = serializers.CharField()
    words = serializers.CharField()


class MigratedOut(serializers.Serializer[Any]):
    """Who went over, who stayed."""

    moved = serializers.ListField(child=serializers.IntegerField())
    refused = RefusalOut(many=True)


class RuleOut(serializers.ModelSerializer[RouteRule]):
    """A rule that chooses a route: all of its conditions must hold, an empty one always does."""

    reason = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    route = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)

    class Meta:
        model = RouteRule
        fields = (
            "id", "entity", "position", "reason", "amount_from", "amount_to", "currency", "segment",
            "country", "via", "route", "active",
        )  # fmt: skip


class RuleChange(serializers.Serializer[Any]):
    """What a rule says; `reason` and `route` by their codes. Amounts: from (included) and to (not included)."""

    route = serializers.SlugField(max_length=40)
    reason = serializers.SlugField(max_length=40, allow_null=True, default=None)
    amount_from = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True, default=None)
    amount_to = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True, default=None)
    currency = serializers.RegexField("^[A-Z]{3}$", allow_blank=True, default="")
    segment = serializers.ChoiceField(choices=Segment.choices, allow_blank=True, default="")
    country = serializers.RegexField("^[A-Z]{2}$", allow_blank=True, default="")
    via = serializers.ChoiceField(choices=Via.choices, allow_blank=True, default="")
    active = serializers.BooleanField(default=True)


@extend_schema_serializer(component_name="RouteRuleIn")
class RuleIn(RuleChange):
    """A rule of an entity; a new one comes last."""

    entity = serializers.PrimaryKeyRelatedField(queryset=LegalEntity.objects.none())


@extend_schema_serializer(component_name="RouteRuleOrder")
class OrderIn(serializers.Serializer[Any]):
    """The rules of an entity in their order, each once."""

    entity = serializers.PrimaryKeyRelatedField(queryset=LegalEntity.objects.none())
    rules = serializers.ListField(child=serializers.IntegerField(min_value=1), max_length=1000)


class ChooseIn(serializers.Serializer[Any]):
    """A dispute as it would be opened."""

    customer = serializers.PrimaryKeyRelatedField(queryset=Customer.objects.none())
    reason = serializers.SlugField(max_length=40)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)
    currency = serializers.RegexField("^[A-Z]{3}$")
    via = serializers.ChoiceField(choices=Via.choices, default=Via.PAGE)


class ChosenOut(serializers.Serializer[Any]):
    """The route it would follow, and why."""

    route = serializers.CharField(source="version.route.code")
    version = serializers.IntegerField(source="version.pk")
    rule = serializers.IntegerField(source="rule.pk", allow_null=True, default=None)
    why = serializers.CharField()


def by_code(model: type[Reason] | type[Route], entity: LegalEntity, code: str | None, name: str) -> Any:
    """The entity's reason or route of this code; a field error without one."""
    if not code:
        return None
    found = model._default_manager.filter(entity=entity, code=code).first()
    if found is None:
        raise serializers.ValidationError({name: f"unknown: {code}"})
    return found
