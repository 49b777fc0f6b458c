"""The API of debit notes and waivers."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from accounts import policy
from accounts.requests import Door
from collections_app.choices_interest import NoteKind, WaiverState
from collections_app.interest.paper import as_pdf
from collections_app.models import DebitNote, DebitNoteLine, Waiver, WaiverLine
from collections_app.services import debit_notes, waivers
from collections_app.services.waivers import Wish
from ledger.models import Customer
from lib import clock

MOST = 1000


class DebitNoteLineOut(serializers.ModelSerializer[DebitNoteLine]):
    """What is claimed for one invoice; `explanation` as in the resource interest."""

    class Meta:
        model = DebitNoteLine
        fields = ("invoice", "last_day", "explanation", "waived", "interest", "fee", "facts", "standing")


class DebitNoteOut(serializers.ModelSerializer[DebitNote]):
    """A debit note as it was issued, or the document that cancels one."""

    ref = serializers.CharField()
    kind = serializers.ChoiceField(NoteKind.choices)
    cancelled_by: Any = serializers.PrimaryKeyRelatedField(read_only=True)
    lines = DebitNoteLineOut(many=True)

    class Meta:
        model = DebitNote
        fields = (
            "id",
            "ref",
            "kind",
            "entity",
            "customer",
            "issued_on",
            "until",
            "due_on",
            "currency",
            "interest",
            "fees",
            "total",
            "cancels",
            "cancelled_by",
            "reason",
            "issued_by",
            "issued_at",
            "lines",
        )


class ClaimIn(serializers.Serializer[Any]):
    """What to claim: interest to the end of `until` and flat sums, of these invoices or of all late ones."""

    customer: Any = serializers.PrimaryKeyRelatedField(queryset=Customer.objects.none())
    currency = serializers.RegexField(r"^[A-Z]{3}\Z")
    until = serializers.DateField()
    invoices = serializers.ListField(child=serializers.IntegerField(), required=False, max_length=MOST)
    expected = serializers.DecimalField(
        max_digits=14, decimal_places=2, required=False, help_text="Refused when it is another total."
    )


class CancelIn(serializers.Serializer[Any]):
    """Why a debit note is cancelled."""

    reason = serializers.CharField(max_length=300)


class DebitNoteViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """Debit notes, newest first: what an ERP books. They are no invoices of the ledger and no revenue."""

    serializer_class = DebitNoteOut
    filterset_fields = {
        "entity": ("exact",),
        "customer": ("exact",),
        "kind": ("exact",),
        "currency": ("exact",),
        "issued_on": ("exact", "gte", "lte"),
    }
    queryset = DebitNote.objects.none()

    def get_queryset(self) -> QuerySet[DebitNote]:
        """Where you may read plans."""
        rows = DebitNote.objects.visible_to(self.person).select_related("cancelled_by")
        return rows.prefetch_related("lines").order_by("-pk")

    @extend_schema(request=ClaimIn, responses={201: DebitNoteOut})
    def create(self, request: Request) -> Response:
        """Claim it with a debit note; 409 when there is nothing, or a rate is not known yet."""
        mine = Customer.objects.filter(policy.rows(self.person, "plan.read")).select_related("entity")
        facts = self.shape(ClaimIn, customer=mine)
        self.must("interest.claim", facts["customer"])
        on = clock.today(facts["customer"].entity.time_zone)
        note = debit_notes.issue_note(**facts, by=self.person, on=on, at=clock.now())
        return self.again(note, status.HTTP_201_CREATED)

    @extend_schema(request=CancelIn, responses={201: DebitNoteOut})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Cancel it with a document of its own."""
        note = self.get_object()
        self.must("interest.claim", note)
        on = clock.today(note.entity.time_zone)
        counter = debit_notes.cancel_note(
            note_id=note.pk, **self.shape(CancelIn), by=self.person, on=on, at=clock.now()
        )
        return self.again(counter, status.HTTP_201_CREATED)

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def pdf(self, request: Request, pk: str) -> HttpResponse:
        """The document; `language` es, fr or en, by default the customer's."""
        found = as_pdf(self.get_object(), request.query_params.get("language", ""))
        return HttpResponse(found, content_type="application/pdf")


class WaiverLineOut(serializers.ModelSerializer[WaiverLine]):
    """What is given up of one invoice."""

    class Meta:
        model = WaiverLine
        fields = ("invoice", "whole", "interest", "fee", "standing")


class WaiverOut(serializers.ModelSerializer[Waiver]):
    """A waiver and what became of it."""

    state = serializers.ChoiceField(WaiverState.choices)
    lines = WaiverLineOut(many=True)

    class Meta:
        model = Waiver
        fields = (
            "id",
            "entity",
            "customer",
            "currency",
            "until",
            "interest",
            "fees",
            "total",
            "reason",
            "state",
            "alone",
            "asked_by",
            "asked_at",
            "decided_by",
            "decided_at",
            "decided_note",
            "lines",
        )


class WishIn(serializers.Serializer[Any]):
    """What of an invoice: all interest (null), or a sum of it; its flat sum."""

    invoice = serializers.IntegerField()
    interest = serializers.DecimalField(
        max_digits=14, decimal_places=2, min_value=0, required=False, allow_null=True, default=None
    )
    fee = serializers.BooleanField(required=False, default=True)


class WaiverIn(serializers.Serializer[Any]):
    """What to give up, or to ask to give up above one's own limit."""

    customer: Any = serializers.PrimaryKeyRelatedField(queryset=Customer.objects.none())
    currency = serializers.RegexField(r"^[A-Z]{3}\Z")
    until = serializers.DateField()
    wishes = serializers.ListField(child=WishIn(), allow_empty=False, max_length=MOST)
    reason = serializers.CharField(max_length=300)


class WaiverAnswerIn(serializers.Serializer[Any]):
    """Yes or no, and a word about it."""

    yes = serializers.BooleanField()
    note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class WaiverViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """Waivers of interest and recovery costs, newest first."""

    serializer_class = WaiverOut
    filterset_fields = ("entity", "customer", "state")
    queryset = Waiver.objects.none()

    def get_queryset(self) -> QuerySet[Waiver]:
        """Where you may read plans."""
        rows = Waiver.objects.visible_to(self.person).select_related("entity")
        return rows.prefetch_related("lines").order_by("-pk")

    @extend_schema(request=WaiverIn, responses={201: WaiverOut})
    def create(self, request: Request) -> Response:
        """Waive within one's limit, ask above it."""
        mine = Customer.objects.filter(policy.rows(self.person, "plan.read")).select_related("entity")
        facts = self.shape(WaiverIn, customer=mine)
        self.must("interest.ask", facts["customer"])
        wishes = [Wish(**wish) for wish in facts.pop("wishes")]
        on = clock.today(facts["customer"].entity.time_zone)
        row = waivers.ask_waiver(**facts, wishes=wishes, by=self.person, on=on, at=clock.now())
        return self.again(row, status.HTTP_201_CREATED)

    @extend_schema(request=WaiverAnswerIn, responses=WaiverOut)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """A second person says yes or no."""
        row = self.get_object()
        on = clock.today(row.entity.time_zone)
        facts = self.shape(WaiverAnswerIn)
        return self.again(
            waivers.decide_waiver(waiver_id=row.pk, **facts, by=self.person, on=on, at=clock.now())
        )

    @extend_schema(request=None, responses=WaiverOut)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take one's own back before it is decided."""
        row = self.get_object()
        on = clock.today(row.entity.time_zone)
        return self.again(waivers.withdraw_waiver(waiver_id=row.pk, by=self.person, on=on, at=clock.now()))


def register(router: DefaultRouter) -> None:
    """Put these resources on the API."""
    router.register("debit-notes", DebitNoteViewSet, basename="debit-note")
    router.register("waivers", WaiverViewSet, basename="waiver")
