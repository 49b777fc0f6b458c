"""The API of promises, their rules and limits."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from accounts.models import LegalEntity
from accounts.requests import Door
from accounts.selectors import entities_for
from collections_app import selectors
from collections_app.choices import PromiseSource
from collections_app.models import Promise
from collections_app.services import promises
from collections_app.services.limits import ROLES, Limit, limits_of, rules_of, set_rules
from collections_app.services.promises import Said
from ledger.models import Contact, Invoice
from lib import clock


class PromiseOut(serializers.ModelSerializer[Promise]):
    """A promise of payment. Those given in one breath share their `act`."""

    class Meta:
        model = Promise
        fields = (
            "id",
            "act",
            "entity",
            "customer",
            "invoice",
            "amount",
            "promised_on",
            "made_on",
            "made_by",
            "source",
            "contact",
            "said_by",
            "note",
            "status",
            "decided_by",
            "reason",
        )


class PromisePartIn(serializers.Serializer[Any]):
    """An invoice and what is promised of it; all that is open and undisputed without an amount."""

    invoice = serializers.PrimaryKeyRelatedField(queryset=Invoice.objects.none())
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, required=False)


class PromisePartsIn(serializers.Serializer[Any]):
    """What is agreed on: one `invoice` with its `amount`, or several as `parts`; and how it came."""

    invoice = serializers.PrimaryKeyRelatedField(queryset=Invoice.objects.none(), required=False)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, required=False)
    parts = PromisePartIn(many=True, required=False)
    source: Any = serializers.ChoiceField(choices=PromiseSource.choices, default=PromiseSource.PHONE)
    contact = serializers.PrimaryKeyRelatedField(queryset=Contact.objects.none(), required=False)
    said_by = serializers.CharField(max_length=150, required=False, default="", allow_blank=True)
    note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        request = self.context.get("request")
        if request is not None:
            visible = Invoice.objects.visible_to(request.user).select_related("entity")
            fields: Any = self.fields
            fields["invoice"].queryset = visible
            fields["parts"].child.fields["invoice"].queryset = visible
            fields["contact"].queryset = Contact.objects.filter(customer__in=visible.values("customer"))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of both ways to say what is promised."""
        if ("invoice" in attrs) == bool(attrs.get("parts")):
            raise serializers.ValidationError({"invoice": ["Give `invoice` or `parts`."]})
        return attrs

    def chosen(self) -> list[tuple[Invoice, Decimal]]:
        """The invoices with what is promised of each."""
        data = self.validated_data
        if "invoice" in data:
            return selectors.parts_of([data["invoice"]], data.get("amount"))
        pairs = [selectors.parts_of([part["invoice"]], part.get("amount")) for part in data["parts"]]
        return [pair for found in pairs for pair in found]


class PromiseIn(PromisePartsIn):
    """A new promise: what is promised, and by which day."""

    promised_on = serializers.DateField()


class PromiseAnswerIn(serializers.Serializer[Any]):
    """Yes or no to promises that wait; a no says why."""

    agree = serializers.BooleanField()
    reason = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class PromiseReasonIn(serializers.Serializer[Any]):
    """Why a promise no longer holds."""

    reason = serializers.CharField(max_length=300)


class PromiseViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """Promises of payment of your customers, newest first."""

    serializer_class = PromiseOut
    filterset_fields = ("entity", "customer", "invoice", "status", "act")
    queryset = Promise.objects.none()

    def get_queryset(self) -> QuerySet[Promise]:
        """Of the customers you may see."""
        return selectors.promises(self.request.user).order_by("-pk")

    @extend_schema(request=PromiseIn, responses={201: PromiseOut(many=True)})
    def create(self, request: Request) -> Response:
        """Note a promise; running ones for the same invoices are replaced. One row for one invoice, else a list.

        Beyond your limits it waits for an approval (`status` is `waiting`) and holds no reminder back.
        """
        shape = PromiseIn(data=request.data, context={"request": request})
        shape.is_valid(raise_exception=True)
        parts = shape.chosen()
        for invoice, _amount in parts:
            self.must("promise.make", invoice)
        entity, data = parts[0][0].entity, shape.validated_data
        said = Said(data["source"], data.get("contact"), data["said_by"], data["note"])
        on, at = clock.today(entity.time_zone), clock.now()
        made = promises.make_promises(
            parts=parts, promised_on=data["promised_on"], by=self.person, on=on, at=at, said=said
        )
        rows = PromiseOut(made, many=True).data
        return Response(rows[0] if "invoice" in data else rows, status=status.HTTP_201_CREATED)

    @extend_schema(request=PromiseAnswerIn, responses=PromiseOut(many=True))
    @action(detail=True, methods=["post"], pagination_class=None, filterset_fields=None)
    def decide(self, request: Request, pk: str) -> Response:
        """Approve this promise and those of the same act, or not. Who asked cannot."""
        promise, data = self.get_object(), self.shape(PromiseAnswerIn)
        self.must("promise.approve", promise)
        on, at = clock.today(promise.entity.time_zone), clock.now()
        rows = promises.decide_promises(act=promise.act, by=self.person, on=on, at=at, **data)
        return Response(PromiseOut(rows, many=True).data)

    @extend_schema(request=PromiseReasonIn, responses=PromiseOut(many=True))
    @action(detail=True, methods=["post"], pagination_class=None, filterset_fields=None)
    def cancel(self, request: Request, pk: str) -> Response:
        """This promise and those of the same act no longer hold."""
        promise, data = self.get_object(), self.shape(PromiseReasonIn)
        self.must("promise.make", promise)
        rows = promises.cancel_promises(act=promise.act, by=self.person, at=clock.now(), **data)
        return Response(PromiseOut(rows, many=True).data)


class PromiseLimitShape(serializers.Serializer[Any]):
    """What one role may accept alone; null: no limit."""

    role = serializers.ChoiceField(choices=[(role.value, role.label) for role in ROLES])
    days = serializers.IntegerField(min_value=0, max_value=365, allow_null=True, default=None)
    amount = serializers.DecimalField(
        max_digits=14, decimal_places=2, min_value=Decimal(0), allow_null=True, default=None
    )


class PromiseRulesShape(serializers.Serializer[Any]):
    """The rules of promises of a legal entity. Putting them replaces all limits."""

    grace_days = serializers.IntegerField(min_value=0, max_value=30)
    whole_comes_back = serializers.BooleanField()
    limits = PromiseLimitShape(many=True)


class PromiseRulesViewSet(Door):
    """What people may agree to with customers, by legal entity."""

    serializer_class = PromiseRulesShape
    queryset = LegalEntity.objects.none()
    lookup_value_regex = r"\d+"

    def _entity(self, pk: str) -> LegalEntity:
        entity = get_object_or_404(entities_for(self.person, "ledger.read"), pk=pk)
        self.must("promise.rules", entity)
        return entity

    @extend_schema(responses=PromiseRulesShape)
    def retrieve(self, request: Request, pk: str) -> Response:
        """The rules that hold now."""
        return Response(_rules(self._entity(pk)))

    @extend_schema(request=PromiseRulesShape, responses=PromiseRulesShape)
    def update(self, request: Request, pk: str) -> Response:
        """Replace them."""
        entity, data = self._entity(pk), self.shape(PromiseRulesShape)
        limits = {row["role"]: Limit(row["days"], row["amount"]) for row in data.pop("limits")}
        set_rules(entity=entity, limits=limits, by=self.person, at=clock.now(), **data)
        return Response(_rules(entity))


def _rules(entity: LegalEntity) -> dict[str, Any]:
    rules = rules_of(entity)
    limits = [
        {"role": role, "days": limit.days, "amount": None if limit.amount is None else str(limit.amount)}
        for role, limit in limits_of(entity).items()
    ]
    return {"grace_days": rules.grace_days, "whole_comes_back": rules.whole_comes_back, "limits": limits}


def register(router: DefaultRouter) -> None:
    """Put these resources on the API."""
    router.register("promises", PromiseViewSet, basename="promise")
    router.register("promise-rules", PromiseRulesViewSet, basename="promise-rules")
