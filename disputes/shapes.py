"""The shapes of the disputes API: what goes out, and what comes in. No rules."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Department, User
from disputes import selectors
from disputes.choices import QuestionKind, Resolution, Verdict
from disputes.models import (
    Answer,
    Dispute,
    DisputeLine,
    Move,
    Outcome,
    Question,
    QuestionTemplate,
    Reason,
    Route,
    RouteVersion,
    Stage,
)
from ledger.models import Customer


class ReasonOut(serializers.ModelSerializer[Reason]):
    """Why a customer does not pay. `external_codes`: codes of other systems that mean it (see external-codes)."""

    external_codes = serializers.SlugRelatedField[Any](slug_field="code", many=True, read_only=True)

    class Meta:
        model = Reason
        fields = (
            "id",
            "entity",
            "code",
            "labels",
            "examples",
            "position",
            "route",
            "external_codes",
            "active",
        )


class MoveOut(serializers.ModelSerializer[Move]):
    """A way out of a stage. `demands` names the fields it needs."""

    class Meta:
        model = Move
        fields = ("code", "labels", "to_stage", "roles", "demands", "ends_as", "verdict", "resolution")


class TemplateOut(serializers.ModelSerializer[QuestionTemplate]):
    """What is asked on entry."""

    class Meta:
        model = QuestionTemplate
        fields = ("code", "labels", "kind", "choices", "move", "target_field", "deadline_minutes", "asks")


class StageOut(serializers.ModelSerializer[Stage]):
    """A stage with its moves and questions."""

    moves = MoveOut(many=True, read_only=True)
    questions = TemplateOut(many=True, read_only=True)

    class Meta:
        model = Stage
        fields = (
            "id",
            "code",
            "labels",
            "position",
            "status",
            "holder_kind",
            "holder_role",
            "department",
            "person",
            "deadline_minutes",
            "clock_stops",
            "initial",
            "moves",
            "questions",
        )


class VersionOut(serializers.ModelSerializer[RouteVersion]):
    """One edition of a route."""

    stages = StageOut(many=True, read_only=True)

    class Meta:
        model = RouteVersion
        fields = ("id", "number", "current", "stages")


class RouteOut(serializers.ModelSerializer[Route]):
    """A route with its editions."""

    versions = VersionOut(many=True, read_only=True)

    class Meta:
        model = Route
        fields = ("id", "entity", "code", "labels", "versions")


class DisputeLineOut(serializers.ModelSerializer[DisputeLine]):
    """The disputed part of one invoice."""

    number = serializers.CharField(source="invoice.number", read_only=True)

    class Meta:
        model = DisputeLine
        fields = ("id", "invoice", "number", "invoice_line", "amount", "quantity", "opened_on", "closed_on")


class OutcomeOut(serializers.ModelSerializer[Outcome]):
    """How it ended."""

    class Meta:
        model = Outcome
        fields = ("verdict", "resolution", "amount", "note", "decided_by", "decided_at")


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
            "lines", "outcome", "moves", "acts",
        )  # fmt: skip

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


class AnswerOut(serializers.ModelSerializer[Answer]):
    """An answer, with who gave it, when and through which door."""

    class Meta:
        model = Answer
        fields = ("id", "question", "value", "note", "answered_by", "answered_at", "via")


class QuestionOut(serializers.ModelSerializer[Question]):
    """A question with its quick answers and, once given, its answer."""

    text = serializers.CharField(source="words", read_only=True)
    options = serializers.ListField(child=serializers.DictField(), read_only=True)
    answer = serializers.SerializerMethodField()

    class Meta:
        model = Question
        fields = (
            "id", "dispute", "kind", "text", "options", "target_field", "asked_of", "fallback", "asked_by",
            "asked_at", "due_at", "status", "ended_at", "answer",
        )  # fmt: skip

    @extend_schema_field(AnswerOut(allow_null=True))
    def get_answer(self, question: Question) -> Any:
        """The answer; nothing while it waits."""
        answer = getattr(question, "answer", None)
        return AnswerOut(answer).data if answer else None


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


class CloseIn(serializers.Serializer[Any]):
    """The outcome."""

    verdict = serializers.ChoiceField(choices=Verdict.choices)
    resolution = serializers.ChoiceField(choices=Resolution.choices)
    amount = serializers.DecimalField(
        max_digits=14, decimal_places=2, required=False, allow_null=True, default=None
    )
    note = serializers.CharField(max_length=4000, allow_blank=True, default="")


class NoteIn(serializers.Serializer[Any]):
    """A note."""

    note = serializers.CharField(max_length=4000, allow_blank=True, default="")


class ChoiceIn(serializers.Serializer[Any]):
    """A quick answer."""

    value = serializers.CharField(max_length=40, allow_blank=True, default="")
    label = serializers.CharField(max_length=80)  # type: ignore[assignment]


class QuestionIn(serializers.Serializer[Any]):
    """A question to one person about a dispute."""

    dispute = serializers.PrimaryKeyRelatedField(queryset=Dispute.objects.none())
    asked_of = serializers.PrimaryKeyRelatedField(queryset=User.objects.none())
    kind = serializers.ChoiceField(choices=QuestionKind.choices)
    text = serializers.CharField(max_length=500)
    choices = ChoiceIn(many=True, required=False, default=list)
    target_field = serializers.SlugField(max_length=40, allow_blank=True, default="")
    due_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    fallback = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.none(), required=False, allow_null=True, default=None
    )


class AnswerIn(serializers.Serializer[Any]):
    """An answer, in the form its question wants."""

    value = serializers.JSONField()
    note = serializers.CharField(max_length=4000, allow_blank=True, default="")
