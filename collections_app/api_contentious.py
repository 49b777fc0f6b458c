"""The API of legal files: everything the pages do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from accounts import policy
from accounts.models import LegalEntity
from accounts.requests import Door
from accounts.selectors import entities_for
from collections_app.contentious import lifecycle, lists
from collections_app.contentious.claim import claim_of
from collections_app.contentious.court import court_file
from collections_app.contentious.parties import missing
from collections_app.contentious.reports import BadRow, Rejected, Report, act_of
from collections_app.contentious.sheets import interest_sheet
from collections_app.models import LegalFile
from collections_app.services import contentious
from collections_app.services.contentious_notice import send_formal_notice
from collections_app.services.contentious_pack import hand_over_zip, make_pack
from collections_app.services.contentious_reports import take_reports
from collections_app.services.contentious_steps import Said
from collections_app.shapes_contentious import (
    LegalActIn,
    LegalClaimOut,
    LegalFactsIn,
    LegalFileIn,
    LegalFileOut,
    LegalNoticeIn,
    LegalReportsIn,
    LegalReportsOut,
)
from collections_app.views.contentious_papers import as_paper, as_zip, step_document
from ledger.models import Customer
from lib import clock

PDF = {(200, "application/pdf"): OpenApiTypes.BINARY}
ZIP = {(200, "application/zip"): OpenApiTypes.BINARY}
BYTES = {(200, "application/octet-stream"): OpenApiTypes.BINARY}


class LegalFileViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """Legal files, newest first."""

    serializer_class = LegalFileOut
    parser_classes = (JSONParser, MultiPartParser)
    filterset_fields = ("entity", "customer", "status", "law")
    queryset = LegalFile.objects.none()

    def get_queryset(self) -> QuerySet[LegalFile]:
        """Where you may read plans."""
        return lists.files_for(self.person).prefetch_related("lines", "steps")

    def _today(self, file: LegalFile) -> date:
        return clock.today(file.entity.time_zone)

    @extend_schema(request=LegalFileIn, responses={201: LegalFileOut})
    def create(self, request: Request) -> Response:
        """Open a file; 409 for an invoice that is not overdue, disputed, promised or in another file."""
        mine = Customer.objects.filter(policy.rows(self.person, "plan.read")).select_related("entity")
        facts = self.shape(LegalFileIn, customer=mine)
        customer = facts["customer"]
        self.must(lifecycle.ACT, customer)
        facts.setdefault("law", contentious.law_of(customer))
        on = clock.today(customer.entity.time_zone)
        made = contentious.open_file(**facts, by=self.person, on=on, at=clock.now())
        return self.again(made, status.HTTP_201_CREATED)

    @extend_schema(responses=LegalClaimOut)
    @action(detail=True, methods=["get"])
    def claim(self, request: Request, pk: str) -> Response:
        """What it claims today, what the court file lacks, and what you may do now."""
        file = self.get_object()
        scope = policy.scope(self.person)
        allowed = {one for one in (lifecycle.ACT, lifecycle.FOLLOW) if file.entity_id in scope.entities(one)}
        context = {
            "missing": [one.name for one in missing(file)] if file.law != "other" else [],
            "acts": [str(one) for one in lifecycle.available(file.status, allowed)],
        }
        return Response(LegalClaimOut(claim_of(file, self._today(file)), context=context).data)

    @extend_schema(request=LegalNoticeIn, responses=LegalFileOut)
    @action(detail=True, methods=["post"])
    def notify(self, request: Request, pk: str) -> Response:
        """Send the formal notice."""
        file = self.get_object()
        self.must(lifecycle.ACT, file)
        facts = self.shape(LegalNoticeIn)
        on = self._today(file)
        return self.again(send_formal_notice(file_id=file.pk, **facts, by=self.person, on=on, at=clock.now()))

    @extend_schema(request=LegalActIn, responses=LegalFileOut)
    @action(detail=True, methods=["post"])
    def act(self, request: Request, pk: str) -> Response:
        """Take a step."""
        file, facts = self.get_object(), self.shape(LegalActIn)
        name, upload = facts.pop("act"), facts.pop("document", None)
        done = contentious.take_step(
            file_id=file.pk,
            act_name=name,
            said=Said(**facts),
            upload=upload,
            by=self.person,
            on=self._today(file),
            at=clock.now(),
        )
        return self.again(done)

    @extend_schema(request=LegalFactsIn, responses=LegalFileOut)
    @action(detail=True, methods=["post"])
    def facts(self, request: Request, pk: str) -> Response:
        """Keep what papers need: court, place, who signs, tax ids, addresses..."""
        file = self.get_object()
        given = self.shape(LegalFactsIn)["facts"]
        return self.again(contentious.set_facts(file_id=file.pk, facts=given, by=self.person, at=clock.now()))

    @extend_schema(responses=PDF)
    @action(detail=True, methods=["get"], url_path="court-file")
    def court_file(self, request: Request, pk: str) -> HttpResponse:
        """The court file as of today; 409 with the list of what is missing."""
        file = self.get_object()
        return as_paper(court_file(file, claim_of(file, self._today(file))), f"{file.ref}-court.pdf")

    @extend_schema(responses=PDF)
    @action(detail=True, methods=["get"], url_path="interest-sheet")
    def interest_sheet(self, request: Request, pk: str) -> HttpResponse:
        """How interest and costs are reckoned, as of today."""
        file = self.get_object()
        return as_paper(interest_sheet(file, claim_of(file, self._today(file))), f"{file.ref}-interest.pdf")

    @extend_schema(request=None, responses=ZIP)
    @action(detail=True, methods=["post"])
    def pack(self, request: Request, pk: str) -> FileResponse:
        """The evidence pack; `X-Pack-Root` has its root."""
        file = self.get_object()
        made = make_pack(file_id=file.pk, by=self.person, on=self._today(file), at=clock.now())
        return as_zip(made.file, made.name, made.root, made.size)

    @extend_schema(request=None, responses=ZIP)
    @action(detail=True, methods=["post"], url_path="hand-over")
    def hand_over(self, request: Request, pk: str) -> FileResponse:
        """For the agency: CSV, workbook and pack in one ZIP."""
        file = self.get_object()
        made = hand_over_zip(file_id=file.pk, by=self.person, on=self._today(file), at=clock.now())
        return as_zip(made.file, made.name, made.root, made.size)

    @extend_schema(responses=BYTES)
    @action(detail=True, methods=["get"], url_path=r"steps/(?P<seq>\d{1,9})/document")
    def document(self, request: Request, pk: str, seq: str) -> FileResponse:
        """The document of a step."""
        return step_document(self.get_object(), int(seq))

    @extend_schema(request=LegalReportsIn, responses=LegalReportsOut)
    @action(detail=False, methods=["post"])
    def reports(self, request: Request) -> Response:
        """What an agency says; good rows are taken, bad ones listed, a retry changes nothing."""
        given = self.shape(LegalReportsIn)
        entity: LegalEntity = get_object_or_404(
            entities_for(self.person, lifecycle.FOLLOW), code=given["entity"]
        )
        good, bad = _read(given["reports"])
        on, at = clock.today(entity.time_zone), clock.now()
        done = take_reports(entity=entity, reports=good, by=self.person, on=on, at=at)
        done.rejects = sorted([*bad, *done.rejects], key=lambda one: one.line)
        return Response(LegalReportsOut(done).data)


def _read(rows: list[dict[str, Any]]) -> tuple[list[Report], list[Rejected]]:
    good, bad = [], []
    for line, row in enumerate(rows, 1):
        try:
            act = act_of(row["status"])
        except BadRow as error:
            bad.append(Rejected(line, error.code, str(error), row["reference"]))
            continue
        note = row["note"] or row["status"]
        one = Report(row["reference"], act, row["date"], row.get("amount") or None, note)
        good.append(replace(one, line=line))
    return good, bad


def register(router: DefaultRouter) -> None:
    """Put these resources on the API."""
    router.register("legal-files", LegalFileViewSet, basename="legal-file")
