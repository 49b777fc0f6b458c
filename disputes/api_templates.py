"""The API of the questions kept at hand for a reason."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from accounts import policy
from disputes import services
from disputes.choices import Asks, QuestionKind
from disputes.doors import Door
from disputes.models import AskTemplate, Reason
from disputes.services import TemplateInput
from lib import clock


class AskTemplateOut(serializers.ModelSerializer[AskTemplate]):
    """A question kept at hand, in every language it exists in."""

    class Meta:
        model = AskTemplate
        fields = (
            "id", "entity", "reason", "code", "labels", "kind", "choices", "target_field", "deadline_minutes",
            "asks", "active",
        )  # fmt: skip


class Words(serializers.Serializer[Any]):
    """The same words in each language."""

    es = serializers.CharField(max_length=500, allow_blank=True, default="")
    fr = serializers.CharField(max_length=500, allow_blank=True, default="")
    en = serializers.CharField(max_length=500, allow_blank=True, default="")


class AskTemplateChange(serializers.Serializer[Any]):
    """A question kept at hand, as it is to be."""

    labels = Words()
    kind = serializers.ChoiceField(choices=QuestionKind.choices)
    choices = Words(many=True, required=False, default=list)
    code = serializers.SlugField(max_length=40, allow_blank=True, default="")
    target_field = serializers.SlugField(max_length=40, allow_blank=True, default="")
    deadline_minutes = serializers.IntegerField(min_value=1, required=False, allow_null=True, default=None)
    asks = serializers.ChoiceField(choices=Asks.choices, default=Asks.SALESPERSON)
    active = serializers.BooleanField(default=True)


class AskTemplateIn(AskTemplateChange):
    """A question kept at hand for a reason."""

    reason = serializers.PrimaryKeyRelatedField(queryset=Reason.objects.none())


class AskTemplateViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """The questions kept at hand in the legal entities you may ask in."""

    serializer_class = AskTemplateOut
    queryset = AskTemplate.objects.none()
    filterset_fields = ("entity", "reason", "kind", "active")

    def get_queryset(self) -> QuerySet[AskTemplate]:
        """Yours only."""
        return AskTemplate.objects.visible_to(self.request.user).select_related("reason")

    @extend_schema(request=AskTemplateIn, responses={201: AskTemplateOut})
    def create(self, request: Request) -> Response:
        """Keep a question at hand."""
        mine = policy.scope(self.person).entities("question.ask")
        data = self.shape(AskTemplateIn, reason=Reason.objects.filter(entity__in=mine))
        wanted, reason = TemplateInput(**{k: v for k, v in data.items() if k != "reason"}), data["reason"]
        row = services.set_template(reason=reason, wanted=wanted, by=self.person, at=clock.now())
        return Response(AskTemplateOut(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=AskTemplateChange, responses=AskTemplateOut)
    def update(self, request: Request, pk: str) -> Response:
        """Change one."""
        row = self.get_object()
        wanted = TemplateInput(**self.shape(AskTemplateChange))
        done = services.set_template(
            reason=row.reason, wanted=wanted, by=self.person, at=clock.now(), row=row
        )
        return Response(AskTemplateOut(done).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take one away; what was asked with it stays."""
        services.drop_template(row=self.get_object(), by=self.person, at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


def register(router: DefaultRouter) -> None:
    """Put them on the API."""
    router.register("ask-templates", AskTemplateViewSet, basename="ask-template")
