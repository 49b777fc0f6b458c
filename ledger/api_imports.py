"""The API of imports: send, look, confirm, follow, stop, correct, take back. Everything that the pages do."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from accounts.selectors import entities_for
from ledger import shapes, tasks
from ledger.api_base import ReadOnly
from ledger.choices import BatchStatus
from ledger.intake import uploads
from ledger.intake.fixing import fix_rows
from ledger.intake.undo import undo_import
from ledger.intake.upload_archive import receive_all
from ledger.models import ImportBatch, RejectedRow
from lib import clock


class ImportWhole(shapes.ImportOut):
    """An import with its preview: samples, changes, how the table was read, and the mapping."""

    class Meta(shapes.ImportOut.Meta):
        fields = (*shapes.ImportOut.Meta.fields, "mapping", "preview", "fixes", "undone_by", "undone_at")


class LookIn(serializers.Serializer[Any]):
    """How a table is to be read: `columns` (field -> [place, header]), `constants`, `chosen` (field -> style), and
    `sheet`, `encoding`, `delimiter`."""

    mapping = serializers.DictField()


class FixIn(serializers.Serializer[Any]):
    """New cells of a rejected row, by the words of its header."""

    cells = serializers.DictField(child=serializers.CharField(max_length=2000, allow_blank=True))


class FixOut(serializers.Serializer[Any]):
    """Whether the row is in; if not, the reject with what is wrong now."""

    fixed = serializers.BooleanField()
    reject = shapes.RejectOut(allow_null=True)


class ImportViewSet(ReadOnly):
    """Files read into the ledger. A POST sends one (multipart); small ones are done in the answer."""

    serializer_class = shapes.ImportOut
    queryset = ImportBatch.objects.none()
    filterset_fields = ("entity", "status", "format")
    parser_classes = (MultiPartParser, FormParser, JSONParser)

    def get_queryset(self) -> QuerySet[ImportBatch]:
        """Yours only."""
        return ImportBatch.objects.visible_to(self.request.user)

    @extend_schema(request=shapes.ImportIn, responses={201: shapes.ImportOut, 202: shapes.ImportOut})
    def create(self, request: Request) -> Response:
        """Import a file: 201 when it is done, 202 when a worker does it; ask for the import to follow it.

        A ZIP of several files is one import for each of them: the answer has them under `results`.
        """
        data = self.shape(shapes.ImportIn, entity=entities_for(request.user, "ledger.read"))
        self.must("ledger.import", data["entity"])
        made = receive_all(entity=data["entity"], upload=data["file"], by=self.person, at=clock.now())
        done = [self._start(batch, data["dry_run"]) for batch in made]
        rows = ImportBatch.objects.filter(pk__in=[batch.pk for batch in made]).order_by("pk")
        shown = shapes.ImportOut(rows, many=True).data
        status = 201 if all(done) else 202
        return Response(shown[0] if len(shown) == 1 else {"results": shown}, status=status)

    def _start(self, batch: ImportBatch, dry_run: bool) -> bool:
        """Import at once when it is quick, else in a worker; whether it is done."""
        if batch.status != BatchStatus.RECEIVED:
            return True
        if uploads.is_small(batch):
            uploads.import_now(batch_id=batch.pk, at=clock.now(), dry_run=dry_run)
            return True
        transaction.on_commit(lambda: tasks.import_upload.delay(batch.pk, dry_run), robust=True)
        return False

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One import, with what its rehearsal found and how its table was read."""
        return Response(ImportWhole(self.get_object()).data)

    @extend_schema(request=LookIn, responses={200: ImportWhole, 202: ImportWhole})
    @action(detail=True, methods=["post"])
    def preview(self, request: Request, pk: str) -> Response:
        """Look again, with other columns, styles, sheet or encoding; 202 when a worker does it. Nothing is written."""
        batch = self.get_object()
        mapping = self.shape(LookIn)["mapping"]
        uploads.look_again(batch=batch, mapping=mapping)
        small = uploads.is_small(batch)
        if small:
            uploads.preview(batch_id=batch.pk, at=clock.now())
        else:
            transaction.on_commit(lambda: tasks.preview_import.delay(batch.pk), robust=True)
        return Response(ImportWhole(self.get_object()).data, status=200 if small else 202)

    @extend_schema(request=None, responses={200: shapes.ImportOut})
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: str) -> Response:
        """Write what a dry run showed."""
        batch = self.get_object()
        uploads.confirm(batch=batch)
        if uploads.is_small(batch):
            uploads.run(batch_id=batch.pk, at=clock.now())
        else:
            transaction.on_commit(lambda: tasks.run_import.delay(batch.pk), robust=True)
        return Response(shapes.ImportOut(self.get_object()).data)

    @extend_schema(request=None, responses={200: shapes.ImportOut, 202: shapes.ImportOut})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Put an upload away, or stop it while it runs (202): nothing of it is written."""
        ended = uploads.cancel(batch=self.get_object(), by=self.person, at=clock.now())
        return Response(shapes.ImportOut(self.get_object()).data, status=200 if ended else 202)

    @extend_schema(request=None, responses={200: shapes.ImportOut})
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Take the import back, within 24 hours and while nothing depends on it; 409 says what does."""
        undo_import(batch=self.get_object(), by=self.person, at=clock.now())
        return Response(shapes.ImportOut(self.get_object()).data)

    @extend_schema(responses=shapes.RejectOut(many=True))
    @action(detail=True, methods=["get"])
    def rejects(self, request: Request, pk: str) -> Response:
        """The rows that did not go in."""
        page = self.paginate_queryset(self.get_object().rejects.all())
        return self.get_paginated_response(shapes.RejectOut(page, many=True).data)

    @extend_schema(request=FixIn, responses={200: FixOut})
    @action(detail=True, methods=["patch"], url_path=r"rejects/(?P<reject>[0-9]{1,18})", url_name="fix")
    def fix(self, request: Request, pk: str, reject: str) -> Response:
        """Correct cells of a rejected row and bring it again. A good row leaves the list; else its new reason."""
        batch = self.get_object()
        row = get_object_or_404(batch.rejects, pk=int(reject))
        cells = with_cells(row, self.shape(FixIn)["cells"])
        done = fix_rows(batch=batch, cells={row.pk: cells}, by=self.person, at=clock.now())
        left = shapes.RejectOut(done.left[0]).data if done.left else None
        return Response({"fixed": bool(done.fixed), "reject": left})


def with_cells(row: RejectedRow, cells: dict[str, str]) -> list[str]:
    """The cells of the row with those of the request in their places, by the words of the header."""
    names = [str(name) for name, _cell in row.raw]
    unknown = sorted(set(cells) - set(names))
    if unknown:
        raise serializers.ValidationError({"cells": f"The row has no column {', '.join(unknown)}."})
    return [cells.get(str(name), str(cell)) for name, cell in row.raw]


def register(router: DefaultRouter) -> None:
    """Put imports on the API."""
    router.register("imports", ImportViewSet, basename="import")
