"""The API of what a person has begun to write and not opened yet: the draft that the form of a new dispute shows."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from accounts import policy
from disputes import services
from disputes.doors import Door
from disputes.draft import AMOUNT, MOST_INVOICES, WHOLE, may_dispute
from disputes.models import NewDraft
from ledger.models import Customer, Invoice
from lib import clock


class DraftInvoiceIn(serializers.Serializer[Any]):
    """An invoice of the draft: all of it, or this much."""

    invoice = serializers.PrimaryKeyRelatedField(queryset=Invoice.objects.none())
    amount = serializers.DecimalField(
        max_digits=14, decimal_places=2, required=False, allow_null=True, default=None
    )


class DraftIn(serializers.Serializer[Any]):
    """What is known so far; nothing of it has to be right yet, but something must be there."""

    customer = serializers.PrimaryKeyRelatedField(
        queryset=Customer.objects.none(), required=False, allow_null=True, default=None
    )
    invoices = DraftInvoiceIn(many=True, required=False, default=list)
    reason = serializers.SlugField(max_length=40, allow_blank=True, required=False, default="")
    statement = serializers.CharField(max_length=4000, allow_blank=True, required=False, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """An empty draft is none: DELETE takes one away."""
        if not (attrs["customer"] or attrs["invoices"] or attrs["statement"].strip()):
            raise serializers.ValidationError("Give a customer, an invoice or a statement.")
        return attrs


class DraftInvoiceOut(serializers.Serializer[Any]):
    """`mode`: whole, amount or lines; `amount` as it was typed."""

    invoice = serializers.IntegerField()
    mode = serializers.CharField()
    amount = serializers.CharField()


class DraftOut(serializers.Serializer[Any]):
    """The draft as it is kept."""

    customer = serializers.IntegerField(allow_null=True)
    invoices = DraftInvoiceOut(many=True)
    reason = serializers.CharField()
    statement = serializers.CharField()
    saved_at = serializers.DateTimeField()


class DraftViewSet(Door):
    """Your draft of a new dispute; each person has one."""

    serializer_class = DraftOut
    queryset = NewDraft.objects.none()

    def get_queryset(self) -> QuerySet[NewDraft]:
        """Yours only."""
        return NewDraft.objects.filter(user=self.person)

    @extend_schema(responses=DraftOut)
    @action(detail=False, methods=["get"])
    def mine(self, request: Request) -> Response:
        """What you have begun; 404 when there is nothing."""
        found = self.get_queryset().first()
        if found is None:
            raise Http404
        return Response(DraftOut(told(found)).data)

    @extend_schema(request=DraftIn, responses=DraftOut)
    @mine.mapping.put
    def keep(self, request: Request) -> Response:
        """Keep a draft in place of the one there is; the form of a new dispute goes on from it."""
        if not policy.scope(self.person).entities("dispute.open"):
            raise PermissionDenied
        allowed = policy.rows(self.person, "dispute.open", salesperson="salesperson")
        shape = DraftIn(data=self.request.data)
        fields: Any = shape.fields
        fields["customer"].queryset = Customer.objects.filter(allowed)
        fields["invoices"].child.fields["invoice"].queryset = may_dispute(self.person)
        shape.is_valid(raise_exception=True)
        kept = services.keep_draft(user=self.person, values=typed(shape.validated_data), at=clock.now())
        return Response(DraftOut(told(kept)).data if kept else None)

    @extend_schema(responses={204: None})
    @mine.mapping.delete
    def drop(self, request: Request) -> Response:
        """Forget it."""
        services.drop_draft_of(user=self.person)
        return Response(status=status.HTTP_204_NO_CONTENT)


def typed(data: dict[str, Any]) -> dict[str, list[str]]:
    """The values as the form would post them."""
    values = {"reason": [data["reason"]], "statement": [data["statement"]], "invoice": []}
    if data["customer"]:
        values["customer"] = [str(data["customer"].pk)]
    for entry in data["invoices"][:MOST_INVOICES]:
        pk, amount = entry["invoice"].pk, entry["amount"]
        values["invoice"].append(str(pk))
        values[f"mode-{pk}"] = [WHOLE if amount is None else AMOUNT]
        values[f"amount-{pk}"] = ["" if amount is None else str(amount)]
    return values


def told(draft: NewDraft) -> dict[str, Any]:
    """The kept values as the API tells them."""

    def first(name: str) -> str:
        return str((draft.data.get(name) or [""])[0])

    invoices = [pk for pk in draft.data.get("invoice", []) if pk.isdigit()]
    return {
        "customer": int(first("customer")) if first("customer").isdigit() else None,
        "invoices": [
            {"invoice": int(pk), "mode": first(f"mode-{pk}") or WHOLE, "amount": first(f"amount-{pk}")}
            for pk in invoices
        ],
        "reason": first("reason"),
        "statement": first("statement"),
        "saved_at": draft.saved_at,
    }


def register(router: DefaultRouter) -> None:
    """Put the draft on the API."""
    router.register("dispute-drafts", DraftViewSet, basename="dispute-draft")
