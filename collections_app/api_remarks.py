"""The API of notes about customers."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from accounts.requests import Door
from collections_app.models import Remark
from collections_app.services import remarks
from ledger.models import Customer
from lib import clock


class RemarkOut(serializers.ModelSerializer[Remark]):
    """A note about a customer, who wrote it and when."""

    class Meta:
        model = Remark
        fields = ("id", "customer", "text", "by", "at")


class RemarkIn(serializers.Serializer[Any]):
    """What to write down."""

    customer = serializers.PrimaryKeyRelatedField(queryset=Customer.objects.none())
    text = serializers.CharField(max_length=4000)


class RemarkViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """What your team has written down about customers, newest first. A note is never changed; write a better one."""

    serializer_class = RemarkOut
    filterset_fields = ("customer", "by")
    queryset = Remark.objects.none()

    def get_queryset(self) -> QuerySet[Remark]:
        """About the customers you may see."""
        mine = Customer.objects.visible_to(self.request.user)
        return Remark.objects.filter(customer__in=mine).order_by("-pk")

    @extend_schema(request=RemarkIn, responses={201: RemarkOut})
    def create(self, request: Request) -> Response:
        """Write a note about a customer."""
        data = self.shape(RemarkIn, customer=Customer.objects.visible_to(self.person))
        self.must("call.make", data["customer"])
        remark = remarks.write_remark(at=clock.now(), by=self.person, **data)
        return self.again(remark, status.HTTP_201_CREATED)


def register(router: DefaultRouter) -> None:
    """Put these resources on the API."""
    router.register("notes", RemarkViewSet, basename="remark")
