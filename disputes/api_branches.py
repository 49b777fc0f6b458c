"""The API of the branches that run at the same time."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.viewsets import GenericViewSet

from accounts.models import Department, User
from disputes import selectors, services
from disputes.errors import IllegalAct
from disputes.forms import people_of
from disputes.models import BranchRun
from disputes.shapes.branches import BranchRunOut, FinishIn, GiveIn
from lib import clock


class BranchViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[Any]):
    """The branches of the disputes you may see."""

    serializer_class = BranchRunOut
    queryset = BranchRun.objects.none()
    filterset_fields = ("dispute", "state", "holder_user", "holder_department")

    def get_queryset(self) -> QuerySet[BranchRun]:
        """Yours only: anything else is 404."""
        seen = selectors.disputes_for(self.request.user).values("pk")
        rows = BranchRun.objects.filter(dispute__in=seen)
        return rows.select_related("branch__stage", "dispute__entity", "holder_user", "holder_department")

    @extend_schema(request=FinishIn, responses=BranchRunOut)
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, pk: str) -> Response:
        """Say what came out; when enough branches are done the dispute goes on."""
        run, shape = self._open(), FinishIn(data=request.data)
        return self._do(services.finish_branch, run, shape)

    @extend_schema(request=GiveIn, responses=BranchRunOut)
    @action(detail=True, methods=["post"])
    def give(self, request: Request, pk: str) -> Response:
        """Give a running branch to another person or department."""
        run, shape = self._open(), GiveIn(data=request.data)
        entity = run.dispute.entity_id
        fields: Any = shape.fields
        fields["user"].queryset = people_of(entity, "dispute.move")
        fields["department"].queryset = Department.objects.filter(entity=entity)
        return self._do(services.give_branch, run, shape)

    def _open(self) -> BranchRun:
        run: BranchRun = self.get_object()
        if not run.is_open:
            raise IllegalAct(_("This branch does not run any more."), code="branch_is_over")
        return run

    def _do(self, service: Any, run: BranchRun, shape: serializers.Serializer[Any]) -> Response:
        shape.is_valid(raise_exception=True)
        by, given = cast(User, self.request.user), dict(shape.validated_data)
        service(dispute=run.dispute, branch=run.branch.code, by=by, at=clock.now(), **given)
        return Response(BranchRunOut(self.get_queryset().get(pk=run.pk)).data)


def register(router: DefaultRouter) -> None:
    """Put the branches on the API."""
    router.register("branches", BranchViewSet, basename="branch")
