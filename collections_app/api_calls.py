"""The API of calls."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from accounts.models import User
from accounts.requests import Door
from collections_app import selectors
from collections_app.choices import CallOutcome, CallReason
from collections_app.models import Call, InstalmentPlan
from collections_app.services import calls
from collections_app.services.calls import NewContact, Result
from ledger.models import Contact, Customer, Invoice
from lib import clock


class CallOut(serializers.ModelSerializer[Call]):
    """A call, planned or made."""

    class Meta:
        model = Call
        fields = (
            "id",
            "entity",
            "customer",
            "contact",
            "reason",
            "about",
            "status",
            "key",
            "step",
            "due_on",
            "due_at",
            "assigned_to",
            "planned_by",
            "planned_at",
            "follows",
            "outcome",
            "notes",
            "seconds",
            "ended_by",
            "ended_at",
            "promise_act",
            "instalments",
            "dispute",
        )


class CallIn(serializers.Serializer[Any]):
    """A call to be made. With a `key` it is planned once."""

    customer = serializers.PrimaryKeyRelatedField(queryset=Customer.objects.none())
    reason = serializers.ChoiceField(choices=CallReason.choices)
    due_on = serializers.DateField()
    due_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    contact = serializers.PrimaryKeyRelatedField(queryset=Contact.objects.none(), required=False)
    assigned_to = serializers.PrimaryKeyRelatedField(queryset=User.objects.none(), required=False)
    about = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)
    key = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)


class NewContactIn(serializers.Serializer[Any]):
    """The right person to call."""

    name = serializers.CharField(max_length=150)
    phone = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    email = serializers.EmailField(required=False, default="", allow_blank=True)


class CallResultIn(serializers.Serializer[Any]):
    """What came of a call; which of these an outcome needs is said in the answer when it is missing."""

    outcome = serializers.ChoiceField(choices=CallOutcome.choices)
    contact = serializers.PrimaryKeyRelatedField(queryset=Contact.objects.none(), required=False)
    notes = serializers.CharField(max_length=4000, required=False, default="", allow_blank=True)
    seconds = serializers.IntegerField(min_value=0, required=False, allow_null=True, default=None)
    invoices = serializers.PrimaryKeyRelatedField(queryset=Invoice.objects.none(), many=True, required=False)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, required=False)
    promised_on = serializers.DateField(required=False)
    instalments = serializers.PrimaryKeyRelatedField(queryset=InstalmentPlan.objects.none(), required=False)
    call_back_at = serializers.DateTimeField(required=False)
    right = NewContactIn(required=False)


class MadeCallIn(CallResultIn):
    """A call that was made without a plan."""

    customer = serializers.PrimaryKeyRelatedField(queryset=Customer.objects.none())


class CallDoneOut(serializers.Serializer[Any]):
    """The call, the promises that came of it, and the call that follows."""

    call = CallOut()
    promises = serializers.ListField(child=serializers.IntegerField())
    next_call = CallOut(allow_null=True)


class CallViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """Calls to your customers, newest first."""

    serializer_class = CallOut
    filterset_fields = ("entity", "customer", "status", "outcome", "assigned_to", "due_on")
    queryset = Call.objects.none()

    def get_queryset(self) -> QuerySet[Call]:
        """Of the customers you may see."""
        return Call.objects.visible_to(self.request.user).select_related("customer__entity").order_by("-pk")

    def _visible(self) -> dict[str, QuerySet[Any]]:
        mine = Customer.objects.visible_to(self.person)
        return {"contact": Contact.objects.filter(customer__in=mine)}

    @extend_schema(request=CallIn, responses={201: CallOut})
    def create(self, request: Request) -> Response:
        """Plan a call."""
        mine = Customer.objects.visible_to(self.person)
        people = User.objects.filter(is_active=True, memberships__entity__in=mine.values("entity")).distinct()
        data = self.shape(CallIn, customer=mine, assigned_to=people, **self._visible())
        self.must("call.make", data["customer"])
        call = calls.plan_call(at=clock.now(), by=self.person, **data)
        return self.again(call, status.HTTP_201_CREATED)

    def _result(self, of: type[CallResultIn], **more: QuerySet[Any]) -> tuple[dict[str, Any], Result]:
        invoices = Invoice.objects.visible_to(self.person)
        agreed = selectors.instalment_plans(self.person)
        visible = self._visible() | {"invoices": invoices, "instalments": agreed} | more
        data = self.shape(of, **visible)
        chosen = data.get("invoices") or []
        parts = selectors.parts_of(chosen, data.get("amount")) if chosen else []
        result = Result(
            outcome=data["outcome"],
            notes=data["notes"],
            seconds=data["seconds"],
            parts=tuple(parts),
            promised_on=data.get("promised_on"),
            instalments=data.get("instalments"),
            call_back_at=data.get("call_back_at"),
            right=NewContact(**data["right"]) if "right" in data else NewContact(),
        )
        return data, result

    def _finish(
        self, customer: Customer, data: dict[str, Any], result: Result, call: Call | None
    ) -> Response:
        done = calls.finish_call(
            customer=customer,
            result=result,
            by=self.person,
            on=clock.today(customer.entity.time_zone),
            at=clock.now(),
            call_id=call.pk if call else None,
            contact=data.get("contact"),
            reason=CallReason.OTHER,
        )
        found = {
            "call": done.call,
            "promises": [one.pk for one in done.promises],
            "next_call": done.next_call,
        }
        return Response(CallDoneOut(found).data, status=status.HTTP_200_OK)

    @extend_schema(request=CallResultIn, responses=CallDoneOut)
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, pk: str) -> Response:
        """Write down what came of a planned call; what follows is done in the same act."""
        call = self.get_object()
        self.must("call.make", call)
        data, result = self._result(CallResultIn)
        return self._finish(call.customer, data, result, call)

    @extend_schema(request=MadeCallIn, responses=CallDoneOut)
    @action(detail=False, methods=["post"], pagination_class=None, filterset_fields=None)
    def made(self, request: Request) -> Response:
        """Write down a call that nobody had planned."""
        data, result = self._result(MadeCallIn, customer=Customer.objects.visible_to(self.person))
        self.must("call.make", data["customer"])
        return self._finish(data["customer"], data, result, None)

    @extend_schema(request=None, responses=CallOut)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """A planned call is not needed."""
        call = self.get_object()
        self.must("call.make", call)
        return self.again(calls.cancel_call(call=call, by=self.person, at=clock.now()))


def register(router: DefaultRouter) -> None:
    """Put these resources on the API."""
    router.register("calls", CallViewSet, basename="call")
