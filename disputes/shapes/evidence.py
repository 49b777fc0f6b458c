"""Evidence as the API tells and takes it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from disputes.choices import EvidenceSide
from disputes.models import Dispute, Evidence

PARTY = "With side `partner`: the one partner company that sees it (a department); none: all partners of the dispute."


class EvidenceOut(serializers.ModelSerializer[Evidence]):
    """A file of a dispute. `sha256` and `size` are of what was added, `now_*` of what a redaction put in its place.

    `content` is where the bytes are; empty when they were erased.
    """

    content = serializers.SerializerMethodField()

    class Meta:
        model = Evidence
        fields = (
            "id", "dispute", "name", "media_type", "size", "sha256", "side", "party", "note", "added_by", "added_at",
            "via", "redacted_by", "redacted_at", "redaction_reason", "now_type", "now_size", "now_sha256", "content",
        )  # fmt: skip

    def get_content(self, one: Evidence) -> str:
        """The address of the bytes."""
        return "" if one.is_erased else reverse("evidence-content", args=[one.pk])


class EvidenceIn(serializers.Serializer[Any]):
    """One file or several (`file` may be repeated), as multipart/form-data."""

    dispute = serializers.PrimaryKeyRelatedField(queryset=Dispute.objects.none())
    file = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True), min_length=1, max_length=50
    )
    note = serializers.CharField(max_length=500, allow_blank=True, default="")
    side = serializers.ChoiceField(choices=EvidenceSide.choices, default=EvidenceSide.INTERNAL)
    party = serializers.IntegerField(required=False, allow_null=True, default=None, help_text=PARTY)


class ResultOut(serializers.Serializer[Any]):
    """What became of one file: kept (`evidence`), known already (`known`), or refused (`code` and `detail` say why)."""

    name = serializers.CharField()
    evidence = EvidenceOut(allow_null=True)
    known = serializers.BooleanField()
    code = serializers.CharField()
    detail = serializers.CharField()


class ResultsOut(serializers.Serializer[Any]):
    """File by file, in the order they were sent."""

    files = ResultOut(many=True)


class ShareIn(serializers.Serializer[Any]):
    """Who sees the file."""

    side = serializers.ChoiceField(choices=EvidenceSide.choices)
    party = serializers.IntegerField(required=False, allow_null=True, default=None, help_text=PARTY)


class RedactIn(serializers.Serializer[Any]):
    """Why the content goes, and the redacted version that takes its place (multipart); without it nothing is kept."""

    reason = serializers.CharField(max_length=500)
    file = serializers.FileField(required=False, default=None)
