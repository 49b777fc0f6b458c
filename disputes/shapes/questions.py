"""Questions and answers as the API tells and takes them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from disputes.choices import Later, QuestionKind, Via
from disputes.models import Answer, AnswerLink, Dispute, PutOff, Question, QuestionPass


class AnswerOut(serializers.ModelSerializer[Answer]):
    """An answer, with who gave it, when and through which door."""

    class Meta:
        model = Answer
        fields = ("id", "question", "value", "note", "answered_by", "answered_at", "via", "changed_at")


class PassOut(serializers.ModelSerializer[QuestionPass]):
    """A question given to a colleague."""

    class Meta:
        model = QuestionPass
        fields = ("from_user", "to_user", "by", "reason", "at")


class QuestionOut(serializers.ModelSerializer[Question]):
    """A question with its quick answers and, once given, its answer."""

    text = serializers.CharField(source="words", read_only=True)
    options = serializers.ListField(child=serializers.DictField(), read_only=True)
    passes = PassOut(many=True, read_only=True)
    answer = serializers.SerializerMethodField()

    class Meta:
        model = Question
        fields = (
            "id", "dispute", "kind", "text", "options", "target_field", "asked_of", "fallback", "asked_by",
            "asked_at", "due_at", "remind_at", "urgent", "seen_at", "status", "ended_at", "passes", "answer",
        )  # fmt: skip

    @extend_schema_field(AnswerOut(allow_null=True))
    def get_answer(self, question: Question) -> Any:
        """The answer; nothing while it waits."""
        answer = getattr(question, "answer", None)
        return AnswerOut(answer).data if answer else None


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
    # Why it cannot wait: it goes through quiet hours then.
    urgent = serializers.CharField(max_length=200, allow_blank=True, default="")


class AnswerIn(serializers.Serializer[Any]):
    """An answer, in the form its question wants."""

    value = serializers.JSONField(required=False, allow_null=True, default=None)
    note = serializers.CharField(max_length=4000, allow_blank=True, default="")
    # Sent as multipart/form-data, for a question that wants a document.
    file = serializers.FileField(required=False, allow_null=True, default=None)
    # Which door of the app sends it: a notification, the phone, or a program.
    via = serializers.ChoiceField(choices=[Via.API.value, Via.PUSH.value, Via.PHONE.value], default=Via.API)


class ChangeIn(serializers.Serializer[Any]):
    """Another answer in place of one's own."""

    value = serializers.JSONField()
    note = serializers.CharField(
        max_length=4000, allow_blank=True, required=False, allow_null=True, default=None
    )


class ForwardIn(serializers.Serializer[Any]):
    """Who is asked instead, and why."""

    to = serializers.PrimaryKeyRelatedField(queryset=User.objects.none())
    reason = serializers.CharField(max_length=500)


class LaterIn(serializers.Serializer[Any]):
    """How much later, in working time; past the deadline only on purpose."""

    later = serializers.ChoiceField(choices=Later.choices)
    past_deadline = serializers.BooleanField(default=False)


class PutOffOut(serializers.ModelSerializer[PutOff]):
    """Until when the question is out of sight."""

    class Meta:
        model = PutOff
        fields = ("question", "user", "until")


class LinkOut(serializers.ModelSerializer[AnswerLink]):
    """A personal link that was sent. What it opens is kept nowhere."""

    class Meta:
        model = AnswerLink
        fields = ("id", "question", "person", "created_at", "expires_at", "used_at", "used_from", "used_with")
