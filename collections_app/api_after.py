"""The API of what comes after a dispute: the same foresight as on the form that closes it."""

from __future__ import annotations

from typing import Any, cast

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from accounts import policy
from accounts.models import User
from collections_app.after_dispute import Ending, foresee
from disputes.choices import DECIDED
from disputes.selectors import disputes_for
from lib import clock


class EndingIn(serializers.Serializer[Any]):
    """How it would end; see `disputes/{id}/close`."""

    resolution = serializers.ChoiceField(choices=DECIDED)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, required=False, default=None)
    waits = serializers.BooleanField(default=False)
    told = serializers.BooleanField(default=False)


class AfterInvoiceOut(serializers.Serializer[Any]):
    """What comes next for one invoice; null: no reminder within three months."""

    number = serializers.CharField()
    quiet_until = serializers.DateField(allow_null=True)
    on = serializers.DateField(allow_null=True)
    step = serializers.CharField(source="step.kind", default=None, allow_null=True)
    channel = serializers.CharField(source="step.channel", default=None, allow_null=True)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)
    given = serializers.DecimalField(max_digits=14, decimal_places=2)


class AfterDisputeOut(serializers.Serializer[Any]):
    """`letter` about the outcome: today, person (somebody sends it), known or none."""

    letter = serializers.CharField()
    waits = serializers.BooleanField()
    currency = serializers.CharField()
    invoices = AfterInvoiceOut(many=True)


class AfterDisputeViewSet(ViewSet):
    """What happens to the invoices of a dispute once it ends, by its id. Writes nothing."""

    @extend_schema(
        parameters=[OpenApiParameter("id", int, OpenApiParameter.PATH), EndingIn], responses=AfterDisputeOut
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        """As if it ended so today."""
        rows = disputes_for(cast(User, request.user)).select_related(
            "entity", "customer", "route_version__route"
        )
        dispute = get_object_or_404(rows, pk=pk if pk.isdecimal() else 0, closed_at=None)
        if not policy.may(request.user, "plan.read", dispute.entity_id):
            raise PermissionDenied
        shape = EndingIn(data=request.query_params)
        shape.is_valid(raise_exception=True)
        found = foresee(dispute, Ending(**shape.validated_data), clock.today(dispute.entity.time_zone))
        return Response(AfterDisputeOut(found).data)
