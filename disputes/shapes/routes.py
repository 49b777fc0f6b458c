"""Reasons and routes as the API tells them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from disputes.models import (
    Move,
    QuestionTemplate,
    Reason,
    Route,
    RouteVersion,
    Stage,
    StageAlert,
    StageBranch,
    StageSend,
)


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


class BranchOut(serializers.ModelSerializer[StageBranch]):
    """One of the things done at the same time in a stage."""

    class Meta:
        model = StageBranch
        fields = (
            "code",
            "labels",
            "position",
            "holder_kind",
            "holder_role",
            "department",
            "person",
            "deadline_minutes",
        )


class AlertOut(serializers.ModelSerializer[StageAlert]):
    """Who is told how many working minutes after (before, when negative) the deadline."""

    class Meta:
        model = StageAlert
        fields = ("minutes", "to", "hand_over")


class SendOut(serializers.ModelSerializer[StageSend]):
    """A letter that entering the stage queues."""

    class Meta:
        model = StageSend
        fields = ("text", "to")


class StageOut(serializers.ModelSerializer[Stage]):
    """A stage with its moves and questions.

    With branches it waits for `all` or `any` of them; then the system makes the move `joins_by`.
    """

    moves = MoveOut(many=True, read_only=True)
    questions = TemplateOut(many=True, read_only=True)
    branches = BranchOut(many=True, read_only=True)
    alerts = AlertOut(many=True, read_only=True)
    sends = SendOut(many=True, read_only=True)

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
            "wait_for",
            "joins_by",
            "moves",
            "questions",
            "branches",
            "alerts",
            "sends",
        )


class VersionOut(serializers.ModelSerializer[RouteVersion]):
    """One edition of a route; a draft was never activated."""

    stages = StageOut(many=True, read_only=True)

    class Meta:
        model = RouteVersion
        fields = (
            "id",
            "number",
            "labels",
            "current",
            "made_by",
            "made_at",
            "activated_by",
            "activated_at",
            "stages",
        )


class RouteOut(serializers.ModelSerializer[Route]):
    """A route with its editions."""

    versions = VersionOut(many=True, read_only=True)

    class Meta:
        model = Route
        fields = ("id", "entity", "code", "labels", "active", "versions")
