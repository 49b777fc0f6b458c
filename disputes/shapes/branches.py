"""The branches of a dispute as the API tells them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import Department, User
from disputes.models import BranchRun


class BranchRunOut(serializers.ModelSerializer[BranchRun]):
    """A branch of the stage: who has it, until when, what came out."""

    dispute = serializers.PrimaryKeyRelatedField[Any](read_only=True)
    branch = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    labels = serializers.JSONField(source="branch.labels", read_only=True)
    stage = serializers.SlugRelatedField[Any](source="branch.stage", slug_field="code", read_only=True)

    class Meta:
        model = BranchRun
        fields = (
            "id", "dispute", "branch", "labels", "stage", "state", "holder_side", "holder_user", "holder_department",
            "started_at", "due_at", "ended_at", "done_by", "result", "note",
        )  # fmt: skip


class FinishIn(serializers.Serializer[Any]):
    """What came out of a branch."""

    result = serializers.CharField(max_length=200)
    note = serializers.CharField(max_length=4000, allow_blank=True, default="")


class GiveIn(serializers.Serializer[Any]):
    """Who gets a branch: one person, or one department."""

    user = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.none(), required=False, allow_null=True, default=None
    )
    department = serializers.PrimaryKeyRelatedField(
        queryset=Department.objects.none(), required=False, allow_null=True, default=None
    )
