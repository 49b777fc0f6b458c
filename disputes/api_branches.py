"""The API of the branches that run at the same time."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from accounts.models import Department
from disputes import selectors, services
from disputes.doors import Door
from disputes.errors import IllegalAct
from disputes.forms import people_of
from disputes.guests import branches_q
from disputes.models import BranchRun
from disputes.shapes.branches import BranchRunOut, FinishIn, GiveIn
from lib import clock


class BranchViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """The branches of the disputes you may see."""

    serializer_class = BranchRunOut
    queryset = BranchRun.objects.none()
    filterset_fields = ("dispute", "state", "holder_user", "holder_department")

    def get_queryset(self) -> QuerySet[BranchRun]:
        """Those of your disputes, to a guest those of their own company: anything else is 404."""
        seen = selectors.disputes_for(self.request.user).values("pk")
        rows = BranchRun.objects.filter(branches_q(self.request.user), dispute__in=seen)
        return rows.select_related("branch__stage", "dispute__entity", "holder_user", "holder_department")

    @extend_schema(request=FinishIn, responses=BranchRunOut)
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, pk: str) -> Response:
        """Say what came out; when enough branches are done the dispute goes on."""
        return self._do(services.finish_branch, self._open(), self.shape(FinishIn))

    @extend_schema(request=GiveIn, responses=BranchRunOut)
    @action(detail=True, methods=["post"])
    def give(self, request: Request, pk: str) -> Response:
        """Give a running branch to another person or department."""
        run = self._open()
        entity = run.dispute.entity_id
        people, teams = people_of(entity, "dispute.move"), Department.objects.filter(entity=entity)
        return self._do(services.give_branch, run, self.shape(GiveIn, user=people, department=teams))

    def _open(self) -> BranchRun:
        run: BranchRun = self.get_object()
        if not run.is_open:
            raise IllegalAct(_("This branch does not run any more."), code="branch_is_over")
        return run

    def _do(self, service: Any, run: BranchRun, given: dict[str, Any]) -> Response:
        service(dispute=run.dispute, branch=run.branch.code, by=self.person, at=clock.now(), **given)
        return Response(BranchRunOut(self.get_queryset().get(pk=run.pk)).data)


def register(router: DefaultRouter) -> None:
    """Put the branches on the API."""
    router.register("branches", BranchViewSet, basename="branch")
