"""The API of print batches."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from accounts import policy
from accounts.models import LegalEntity
from accounts.requests import Door
from lib import clock
from mailroom import selectors, services
from mailroom.models import PrintBatch


class BatchOut(serializers.ModelSerializer[PrintBatch]):
    """A batch of letters to print. `sums`: what they ask for per currency; `sha256`, `pages`, `size` of the file."""

    class Meta:
        model = PrintBatch
        fields = (
            "id",
            "entity",
            "number",
            "count",
            "sums",
            "checksum",
            "sha256",
            "pages",
            "size",
            "made_by",
            "made_at",
            "posted_by",
            "posted_at",
        )


class BatchIn(serializers.Serializer[Any]):
    """Whose tray."""

    entity = serializers.SlugField()


class PrintBatchViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """Print batches, newest first."""

    serializer_class = BatchOut
    queryset = PrintBatch.objects.none()
    filterset_fields = ("entity",)

    def get_queryset(self) -> QuerySet[PrintBatch]:
        """Where you may read letters."""
        return selectors.batches(self.request.user).order_by("-pk")

    @extend_schema(request=BatchIn, responses={201: BatchOut})
    def create(self, request: Request) -> Response:
        """Put what waits in the entity's tray into a new batch; each letter is decided again first."""
        code = self.shape(BatchIn)["entity"]
        mine = policy.scope(self.person).entities("letter.read")
        entity = LegalEntity.objects.filter(code=code, pk__in=mine).first()
        if entity is None:
            raise Http404
        self.must("letter.print", entity)
        made = services.make_batch(entity=entity, by=self.person, at=clock.now())
        services.pdf_of_batch(batch=made)
        return self.again(made, status.HTTP_201_CREATED)

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str | None = None) -> HttpResponse:
        """The PDF with its cover sheet; the same bytes every time."""
        batch = self.get_object()
        self.must("letter.print", batch)
        return HttpResponse(services.pdf_of_batch(batch=batch), content_type="application/pdf")

    @extend_schema(request=None, responses=BatchOut)
    @action(detail=True, methods=["post"])
    def posted(self, request: Request, pk: str | None = None) -> Response:
        """The batch was handed to the post; saying it twice changes nothing."""
        batch = self.get_object()
        self.must("letter.print", batch)
        services.mark_posted(batch=batch, by=self.person, at=clock.now())
        return self.again(batch)


def register(router: DefaultRouter) -> None:
    """Put these resources on the API."""
    router.register("print-batches", PrintBatchViewSet, basename="print-batch")
