"""The API of what customers' systems say about invoices: the list, each answer, and its message as it came."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.routers import DefaultRouter

from ledger import answer_words
from ledger.api_base import ReadOnly
from ledger.models import InvoiceAnswer
from ledger.views.answers import as_download


class InvoiceAnswerOut(serializers.ModelSerializer[InvoiceAnswer]):
    """An answer. `invoice` is empty until the invoice it names is recorded; `status` is its code in words."""

    status = serializers.SerializerMethodField()

    class Meta:
        model = InvoiceAnswer
        fields = (
            "id", "entity", "invoice", "document_number", "document_issued_on", "standard", "sender", "message_id",
            "position", "status_code", "status", "reasons", "text", "amount", "currency", "effective_on", "sha256",
            "recorded_at",
        )  # fmt: skip

    @extend_schema_field(serializers.CharField())
    def get_status(self, answer: InvoiceAnswer) -> str:
        """The status in the reader's language."""
        return answer_words.status_words(answer.standard, answer.status_code)


class InvoiceAnswerViewSet(ReadOnly):
    """What customers' systems say about invoices. They come in as files, by imports; none is ever changed."""

    serializer_class = InvoiceAnswerOut
    queryset = InvoiceAnswer.objects.none()
    filterset_fields = ("entity", "invoice", "document_number", "standard", "status_code", "sender")

    def get_queryset(self) -> QuerySet[InvoiceAnswer]:
        """Those you may see."""
        return InvoiceAnswer.objects.visible_to(self.request.user)

    @extend_schema(responses={(200, "application/xml"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def original(self, request: Request, pk: str) -> FileResponse:
        """The message as it came."""
        return as_download(self.get_object())


def register(router: DefaultRouter) -> None:
    """Put the answers on the API."""
    router.register("invoice-answers", InvoiceAnswerViewSet, basename="invoice-answer")
