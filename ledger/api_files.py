"""The API of an invoice's documents: the list, and each file."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.routers import DefaultRouter
from rest_framework.viewsets import GenericViewSet

from ledger import selectors
from ledger.models import InvoiceFile
from ledger.views.files import as_download

INVOICE = OpenApiParameter("invoice", OpenApiTypes.INT, OpenApiParameter.PATH, description="The invoice")
FILE = OpenApiParameter("id", OpenApiTypes.INT, OpenApiParameter.PATH, description="The file")


class InvoiceFileOut(serializers.ModelSerializer[InvoiceFile]):
    """A document of an invoice. `content` is where its bytes are."""

    content = serializers.SerializerMethodField()

    class Meta:
        model = InvoiceFile
        fields = ("id", "invoice", "name", "media_type", "size", "sha256", "recorded_at", "content")

    def get_content(self, file: InvoiceFile) -> str:
        """The address of the bytes."""
        return reverse("invoice-file-content", args=[file.invoice_id, file.pk])


@extend_schema_view(
    list=extend_schema(parameters=[INVOICE]), retrieve=extend_schema(parameters=[INVOICE, FILE])
)
class InvoiceFileViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[Any]):
    """The documents of an invoice: the PDF or XML that it came as, and the files that it carries."""

    serializer_class = InvoiceFileOut
    queryset = InvoiceFile.objects.none()

    def get_queryset(self) -> QuerySet[InvoiceFile]:
        """Those of an invoice that you may see; of another one, 404."""
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        invoice = get_object_or_404(selectors.documents(self.request.user), pk=self.kwargs["invoice"])
        return InvoiceFile.objects.filter(invoice=invoice)

    @extend_schema(
        parameters=[INVOICE, FILE], responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}
    )
    @action(detail=True, methods=["get"])
    def content(self, request: Request, invoice: str, pk: str) -> FileResponse:
        """The bytes, always as a download."""
        return as_download(self.get_object())


def register(router: DefaultRouter) -> None:
    """Put these resources on the API."""
    router.register(r"invoices/(?P<invoice>\d+)/files", InvoiceFileViewSet, basename="invoice-file")
