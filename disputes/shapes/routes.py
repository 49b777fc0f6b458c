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
