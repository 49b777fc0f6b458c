"""The API of the phone's inbox."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.requests import Door
from chat.phone.cards import inbox
from disputes.choices import QuestionKind
from disputes.models import Question
from lib import clock


class WordsOut(serializers.Serializer[Any]):
    """One of the last messages of the dispute."""

    author = serializers.CharField()
    body = serializers.CharField()
    at = serializers.DateTimeField()


class PhotoOut(serializers.Serializer[Any]):
    """A picture among the evidence: its preview, and its page."""

    name = serializers.CharField()
    url = serializers.CharField()
    page = serializers.CharField()


class OptionOut(serializers.Serializer[Any]):
    """A quick answer."""

    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class CardOut(serializers.Serializer[Any]):
    """A question that waits, with its context: what it is about, the lines in dispute, the last words, photos."""

    id = serializers.IntegerField()
    dispute = serializers.IntegerField()
    ref = serializers.CharField()
    url = serializers.CharField()
    customer = serializers.CharField()
    amount = serializers.CharField()
    currency = serializers.CharField()
    about = serializers.CharField()
    said = serializers.CharField()
    excerpt = serializers.ListField(child=serializers.CharField())
    messages = WordsOut(many=True)
    photos = PhotoOut(many=True)
    kind = serializers.ChoiceField(choices=QuestionKind.choices)
    text = serializers.CharField()
    options = OptionOut(many=True)
    due_at = serializers.DateTimeField(allow_null=True)
    asked_by = serializers.CharField()
    asked_at = serializers.DateTimeField()
    forward_url = serializers.CharField()


class DoneOut(serializers.Serializer[Any]):
    """A question answered today; `change_url` while the answer may still be changed."""

    id = serializers.IntegerField()
    url = serializers.CharField()
    customer = serializers.CharField()
    text = serializers.CharField()
    answer = serializers.CharField()
    answered_at = serializers.DateTimeField()
    change_url = serializers.CharField()


class InboxOut(serializers.Serializer[Any]):
    """Whose inbox it is, as of when; amounts as people read them."""

    user = serializers.IntegerField()
    at = serializers.DateTimeField()
    cards = CardOut(many=True)
    done = DoneOut(many=True)
    freed = serializers.ListField(child=serializers.CharField())


class CardViewSet(Door):
    """Your questions as cards to be kept on a phone: at most 50, the most urgent first."""

    queryset = Question.objects.none()
    serializer_class = InboxOut
    pagination_class = None

    @extend_schema(responses=InboxOut, filters=False)
    def list(self, request: Request) -> Response:
        """The whole inbox."""
        response = Response(InboxOut(inbox(self.person, clock.now())).data)
        response["Cache-Control"] = "no-store"
        return response
