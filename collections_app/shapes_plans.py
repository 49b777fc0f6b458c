"""The shapes of plans in the API: versions, drafts, and what a draft would change."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from collections_app.choices import Attachment, Climb, Grouping, Release, Resume, StepChannel, VersionState
from collections_app.models import Plan, PlanVersion, Step
from collections_app.services.comparing import Comparison
from collections_app.services.plans import Rules
from ledger.choices import Segment as SegmentCode

FIGURES = tuple(Rules.__dataclass_fields__)


class StepOut(serializers.ModelSerializer[Step]):
    """A step of a plan, with the conditions under which it is taken."""

    class Meta:
        model = Step
        fields = (
            "days",
            "channel",
            "kind",
            "labels",
            "attach",
            "from_amount",
            "from_count",
            "countries",
            "segments",
        )


class PlanVersionOut(serializers.ModelSerializer[PlanVersion]):
    """A version of a plan: figures and steps."""

    state = serializers.ChoiceField(choices=VersionState.choices)
    steps = StepOut(many=True)

    class Meta:
        model = PlanVersion
        fields = ("number", "state", *FIGURES, "steps", "created_by", "created_at")


class PlanOut(serializers.ModelSerializer[Plan]):
    """A plan with the version in force."""

    version = serializers.IntegerField(source="version.number")
    minimum_amount = serializers.DecimalField(
        source="version.minimum_amount", max_digits=14, decimal_places=2
    )
    gap_days = serializers.IntegerField(source="version.gap_days")
    answer_days = serializers.IntegerField(source="version.answer_days")
    steps = StepOut(source="version.steps", many=True)
    segments: Any = serializers.SlugRelatedField(slug_field="code", many=True, read_only=True)

    class Meta:
        model = Plan
        fields = (
            "id",
            "entity",
            "code",
            "labels",
            "version",
            "minimum_amount",
            "gap_days",
            "answer_days",
            "steps",
            "segments",
        )


class StepIn(serializers.Serializer[Any]):
    """A step of a draft. Without conditions it is always taken."""

    days = serializers.IntegerField(min_value=-60, max_value=365)
    channel = serializers.ChoiceField(choices=StepChannel.choices, default=StepChannel.EMAIL)
    kind = serializers.CharField(max_length=50)
    labels = serializers.DictField(child=serializers.CharField(max_length=80), required=False, default=dict)
    attach = serializers.ListField(
        child=serializers.ChoiceField(choices=Attachment.choices), required=False, default=list
    )
    from_amount = serializers.DecimalField(
        max_digits=14, decimal_places=2, required=False, allow_null=True, default=None
    )
    from_count = serializers.IntegerField(min_value=0, required=False, allow_null=True, default=None)
    countries = serializers.ListField(
        child=serializers.RegexField(r"^[A-Z]{2}$"), required=False, default=list
    )
    segments = serializers.ListField(
        child=serializers.ChoiceField(choices=SegmentCode.choices), required=False, default=list
    )


class PlanDraftIn(serializers.Serializer[Any]):
    """A whole draft; figures that are left out have their usual value."""

    steps = StepIn(many=True)
    minimum_amount = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0, required=False)
    gap_days = serializers.IntegerField(min_value=0, max_value=120, required=False)
    answer_days = serializers.IntegerField(min_value=1, max_value=120, required=False)
    climb = serializers.ChoiceField(choices=Climb.choices, required=False)
    grouping = serializers.ChoiceField(choices=Grouping.choices, required=False)
    cool_days = serializers.IntegerField(min_value=0, max_value=90, required=False)
    resume = serializers.ChoiceField(choices=Resume.choices, required=False)
    cap_messages = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    cap_days = serializers.IntegerField(min_value=1, max_value=365, required=False)
    working_days = serializers.BooleanField(required=False)
    hour_from = serializers.IntegerField(min_value=0, max_value=23, required=False)
    hour_until = serializers.IntegerField(min_value=1, max_value=24, required=False)
    bank_days = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    release = serializers.ChoiceField(choices=Release.choices, required=False)
    release_above = serializers.DecimalField(max_digits=14, decimal_places=2, required=False, allow_null=True)
    release_percent = serializers.IntegerField(min_value=1, max_value=100, required=False, allow_null=True)


class PlanIn(serializers.Serializer[Any]):
    """A new plan: its names per language, and the code of the plan it begins as a copy of."""

    entity = serializers.SlugField()
    labels = serializers.DictField(child=serializers.CharField(max_length=80))
    like = serializers.SlugField(required=False, default="")


class FollowIn(serializers.Serializer[Any]):
    """Which plan a segment follows; null: a person decides."""

    entity = serializers.SlugField()
    segment = serializers.ChoiceField(choices=SegmentCode.choices)
    plan = serializers.IntegerField(allow_null=True)


class TallyOut(serializers.Serializer[Any]):
    """Messages of one step in a period, and what they ask for in the entity's currency."""

    step = serializers.CharField()
    days = serializers.IntegerField()
    messages = serializers.IntegerField()
    amount = serializers.DecimalField(max_digits=18, decimal_places=2)


class PlanPeriodOut(serializers.Serializer[Any]):
    """A period by step, as it is and as it would be."""

    first = serializers.DateField()
    last = serializers.DateField()
    before = TallyOut(many=True)
    after = TallyOut(many=True)
    customers_before = serializers.IntegerField()
    customers_after = serializers.IntegerField()


class ChangeOut(serializers.Serializer[Any]):
    """A customer whom the draft treats otherwise today; null: nothing goes."""

    customer = serializers.CharField(source="customer.code")
    currency = serializers.CharField()
    before = serializers.SerializerMethodField()
    after = serializers.SerializerMethodField()

    def get_before(self, change: Any) -> dict[str, str] | None:
        """As it is."""
        return _said(change.before)

    def get_after(self, change: Any) -> dict[str, str] | None:
        """As it would be."""
        return _said(change.after)


class ComparisonOut(serializers.Serializer[Comparison]):
    """What a draft would change: today, in the next 30 and in the last 90 days."""

    today = ChangeOut(many=True)
    same_today = serializers.IntegerField()
    ahead = PlanPeriodOut()
    past = PlanPeriodOut()


class AheadOut(serializers.Serializer[Any]):
    """One day of the month ahead: how many messages, and what they ask for in the entity's currency."""

    on = serializers.DateField()
    messages = serializers.IntegerField()
    amount = serializers.DecimalField(max_digits=18, decimal_places=2)


def _said(message: Any) -> dict[str, str] | None:
    return {"step": message.step, "amount": str(message.amount)} if message else None
