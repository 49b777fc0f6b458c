"""The API of evidence: files of a dispute, and the pack of all of them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from disputes import selectors, services, uploads
from disputes.choices import Via
from disputes.doors import Door
from disputes.models import Evidence
from disputes.shapes.evidence import EvidenceIn, EvidenceOut, RedactIn, ResultsOut, ShareIn
from disputes.views.evidence import as_download, as_preview
from disputes.views.pack import as_zip
from lib import clock

BYTES = {(200, "application/octet-stream"): OpenApiTypes.BINARY}
DISPUTE = OpenApiParameter("id", OpenApiTypes.INT, OpenApiParameter.PATH, description="The dispute")


class EvidenceViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """The files of the disputes you may see; a partner's own and what was shared with them."""

    serializer_class = EvidenceOut
    queryset = Evidence.objects.none()
    parser_classes = (MultiPartParser, JSONParser)
    filterset_fields = ("dispute", "side", "party", "sha256")

    def get_queryset(self) -> QuerySet[Evidence]:
        """Yours only: anything else is 404."""
        return selectors.evidence_for(self.person)

    @extend_schema(request={"multipart/form-data": EvidenceIn}, responses={201: ResultsOut, 422: ResultsOut})
    def create(self, request: Request) -> Response:
        """Add files. Each is kept or told why not, whatever becomes of the others; the same file twice is one."""
        data = self.shape(EvidenceIn, dispute=selectors.disputes_for(self.person))
        results = uploads.take(
            data["file"],
            dispute=data["dispute"],
            by=self.person,
            at=clock.now(),
            via=Via.API,
            note=data["note"],
            side=data["side"],
            party=data["party"],
        )
        told = [_told(one) for one in results]
        good = any(one["evidence"] for one in told)
        code = status.HTTP_201_CREATED if good else status.HTTP_422_UNPROCESSABLE_ENTITY
        return Response({"files": told}, status=code)

    @extend_schema(request=ShareIn, responses=EvidenceOut)
    @action(detail=True, methods=["post"])
    def share(self, request: Request, pk: str) -> Response:
        """Decide who sees the file."""
        one, seen = self.get_object(), self.shape(ShareIn)
        services.share_evidence(evidence=one, by=self.person, at=clock.now(), **seen)
        return self.again(one)

    @extend_schema(
        request={"multipart/form-data": RedactIn, "application/json": RedactIn}, responses=EvidenceOut
    )
    @action(detail=True, methods=["post"])
    def redact(self, request: Request, pk: str) -> Response:
        """Destroy the content, or put a redacted version in its place; the row and its hash stay."""
        one, shape = self.get_object(), RedactIn(data=request.data)
        shape.is_valid(raise_exception=True)
        file = shape.validated_data["file"]
        services.redact_evidence(
            evidence=one,
            reason=shape.validated_data["reason"],
            by=self.person,
            at=clock.now(),
            replacement=file,
            name=file.name if file else "",
        )
        return self.again(one)

    @extend_schema(responses=BYTES)
    @action(detail=True, methods=["get"])
    def content(self, request: Request, pk: str) -> FileResponse:
        """The bytes, as a download."""
        return as_download(self.get_object())

    @extend_schema(responses={(200, "image/png"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def preview(self, request: Request, pk: str) -> HttpResponse:
        """A picture drawn anew from an image or the first page of a PDF; 404 without one."""
        return as_preview(request, self.get_object())


class PackViewSet(Door):
    """Evidence packs."""

    queryset = Evidence.objects.none()

    @extend_schema(
        request=None,
        parameters=[DISPUTE],
        responses={
            (200, "application/zip"): OpenApiResponse(
                OpenApiTypes.BINARY, description="`X-Pack-Root` has its root"
            )
        },
    )
    @action(detail=True, methods=["post"])
    def pack(self, request: Request, pk: str) -> FileResponse:
        """Everything about the dispute in one ZIP that proves by itself that nothing was changed since."""
        number = int(pk) if pk.isdigit() else 0
        dispute = get_object_or_404(selectors.disputes_for(self.person), pk=number)
        return as_zip(services.make_pack(dispute=dispute, by=self.person, at=clock.now()))


def _told(one: uploads.Result) -> dict[str, Any]:
    return {
        "name": one.name,
        "evidence": EvidenceOut(one.evidence).data if one.evidence else None,
        "known": bool(one.evidence and one.evidence.was_known),
        "code": one.error.code if one.error else "",
        "detail": str(one.error) if one.error else "",
    }


def register(router: DefaultRouter) -> None:
    """Put evidence and packs under /api/v1/."""
    router.register("evidence", EvidenceViewSet, basename="evidence")
    router.register("disputes", PackViewSet, basename="dispute-pack")
