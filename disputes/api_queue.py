"""The API of the queue: pages with totals, views, macros, naps, acts on many, undo."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from accounts.selectors import entities_for
from disputes import queue, queue_sums, selectors, services, triage
from disputes.doors import Door
from disputes.errors import FieldErrors
from disputes.forms_queue import FilterForm
from disputes.models import Dispute, Macro, SavedView
from disputes.services.changes import clean_steps
from disputes.shapes import queue as shapes
from lib import clock

FILTERS = [
    OpenApiParameter("view", str, enum=queue.View.values),
    OpenApiParameter("q", str, description="Words of customers, invoices, statements, messages, evidence."),
    *(OpenApiParameter(name, str) for name in ("reason", "status", "customer_name", "minimum", "maximum")),
    *(
        OpenApiParameter(name, int)
        for name in ("customer", "holder", "coordinator", "older_than", "priority")
    ),
    OpenApiParameter("sort", str, enum=["priority"], description="By deadline when left out."),
    OpenApiParameter("after", str, description="Where the page begins: `after` of the page before."),
]


class QueueViewSet(Door):
    """The triage queue."""

    queryset = Dispute.objects.none()
    pagination_class = None
    filter_backends = ()

    @extend_schema(parameters=FILTERS, responses=shapes.QueueOut)
    def list(self, request: Request) -> Response:
        """A page of a view, filtered, by deadline or priority, with totals and the counts of the views."""
        at = clock.now()
        filters = FilterForm(request.query_params, user=self.person).filters()
        page = queue.page(self.person, filters, at)
        rows = selectors.with_people(selectors.disputes_for(self.person))
        found = {row.pk: row for row in rows.filter(pk__in=[row.pk for row in page.rows])}
        totals = queue_sums.totals(self.person, filters, at)
        answer = {
            "results": [found[row.pk] for row in page.rows if row.pk in found],
            "after": page.after,
            "totals": {
                "disputes": totals.disputes,
                "customers": totals.customers,
                "amounts": [{"currency": currency, "amount": amount} for currency, amount in totals.amounts],
            },
            "counts": queue_sums.counts(self.person, at),
        }
        return Response(shapes.QueueOut(answer).data)

    @extend_schema(request=shapes.BulkIn, responses=shapes.BulkOut)
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        """Make the same changes to many. One that refuses does not stop the others, and is named."""
        data = self.shape(shapes.BulkIn, macro=triage.macros_for(self.person))
        chosen = list(selectors.disputes_for(self.person).filter(pk__in=data["disputes"]))
        steps = data["macro"].steps if data["macro"] else data["steps"]
        if not steps:
            raise FieldErrors({"steps": "Give a macro or steps."})
        for entity in {one.entity_id: one.entity for one in chosen}.values():
            if data["macro"] is None:
                clean_steps(entity, steps)
        outcomes = services.change_many(disputes=chosen, steps=steps, by=self.person, at=clock.now())
        done = {"done": [one.pk for one in outcomes.done], "failed": outcomes.failed}
        return Response(shapes.BulkOut(done).data)


class ActViewSet(Door):
    """Acts of the triage on one dispute."""

    serializer_class = shapes.QueueRowOut
    queryset = Dispute.objects.none()

    def get_queryset(self) -> QuerySet[Dispute]:
        """Yours only."""
        return selectors.with_people(selectors.disputes_for(self.person))

    @extend_schema(request=shapes.SnoozeIn, responses=shapes.QueueRowOut)
    @action(detail=True, methods=["post"])
    def snooze(self, request: Request, pk: str) -> Response:
        """Put the dispute aside; it comes back by itself, and at once when something happens to it."""
        dispute, data, at = self.get_object(), self.shape(shapes.SnoozeIn), clock.now()
        until = data["until"] or services.end_of(data["nap"], at, dispute.entity)
        done = services.snooze(dispute=dispute, until=until, by=self.person, at=at, seen=data["seen"])
        return self.again(done)

    @extend_schema(request=None, responses=shapes.QueueRowOut)
    @action(detail=True, methods=["post"])
    def wake(self, request: Request, pk: str) -> Response:
        """Take a snoozed dispute up again."""
        dispute = self.get_object()
        services.wake(dispute_id=dispute.pk, by=self.person, at=clock.now())
        return self.again(dispute)

    @extend_schema(request=shapes.RunIn, responses=shapes.QueueRowOut)
    @action(detail=True, methods=["post"])
    def macro(self, request: Request, pk: str) -> Response:
        """Make the changes of a macro: all of them, or none."""
        dispute, data = self.get_object(), self.shape(shapes.RunIn, macro=triage.macros_for(self.person))
        services.run_macro(dispute=dispute, by=self.person, at=clock.now(), **data)
        return self.again(dispute)

    @extend_schema(request=shapes.UndoIn, responses=shapes.QueueRowOut)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Take back what you did in the last ten minutes, when nobody did anything since."""
        dispute, data = self.get_object(), self.shape(shapes.UndoIn)
        return self.again(services.undo(dispute=dispute, by=self.person, at=clock.now(), **data))


class SavedViewViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """Your views of the queue, and those shared with you."""

    serializer_class = shapes.SavedViewOut
    queryset = SavedView.objects.none()

    def get_queryset(self) -> QuerySet[SavedView]:
        """Yours and the shared ones."""
        return triage.views_for(self.person)

    @extend_schema(request=shapes.SavedViewIn, responses={201: shapes.SavedViewOut})
    def create(self, request: Request) -> Response:
        """Keep a filter under a name."""
        return Response(shapes.SavedViewOut(self._save(None)).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.SavedViewIn, responses=shapes.SavedViewOut)
    def update(self, request: Request, pk: str) -> Response:
        """Change a view."""
        return Response(shapes.SavedViewOut(self._save(self.get_object())).data)

    def _save(self, view: SavedView | None) -> SavedView:
        data = self.shape(shapes.SavedViewIn, entity=entities_for(self.person, "dispute.read"))
        form = FilterForm(data.pop("filters"), user=self.person)
        view_name = form.filters().view
        filters = {**triage.shown_filters(form.kept()), "view": view_name}
        return services.save_view(by=self.person, view=view, filters=filters, **data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Forget a view."""
        services.drop_view(view=self.get_object(), by=self.person)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=shapes.OrderIn, responses=shapes.SavedViewOut(many=True))
    @action(detail=False, methods=["post"], pagination_class=None)
    def order(self, request: Request) -> Response:
        """Put your own views in order."""
        services.order_views(by=self.person, ids=self.shape(shapes.OrderIn)["views"])
        return Response(shapes.SavedViewOut(self.get_queryset(), many=True).data)

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    @action(detail=False, methods=["get"], pagination_class=None)
    def counts(self, request: Request) -> Response:
        """How many disputes each of your views shows, by its id."""
        found = list(self.get_queryset())
        own = [(str(view.pk), queue.kept_filters(view.filters)) for view in found]
        counts = queue_sums.counts(self.person, clock.now(), [(f"v{pk}", filters) for pk, filters in own])
        return Response({pk: counts.get(f"v{pk}") for pk, _filters in own})


class MacroViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """Your macros, and those shared with you."""

    serializer_class = shapes.MacroOut
    queryset = Macro.objects.none()
    filterset_fields = ("entity", "shared")

    def get_queryset(self) -> QuerySet[Macro]:
        """Yours and the shared ones."""
        return triage.macros_for(self.person)

    @extend_schema(request=shapes.MacroIn, responses={201: shapes.MacroOut})
    def create(self, request: Request) -> Response:
        """Make a macro."""
        return Response(shapes.MacroOut(self._save(None)).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.MacroIn, responses=shapes.MacroOut)
    def update(self, request: Request, pk: str) -> Response:
        """Change a macro."""
        return Response(shapes.MacroOut(self._save(self.get_object())).data)

    def _save(self, macro: Macro | None) -> Macro:
        data = self.shape(shapes.MacroIn, entity=entities_for(self.person, "dispute.move"))
        return services.save_macro(by=self.person, macro=macro, **data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Forget a macro."""
        services.drop_macro(macro=get_object_or_404(self.get_queryset(), pk=pk), by=self.person)
        return Response(status=status.HTTP_204_NO_CONTENT)


def register(router: DefaultRouter) -> None:
    """Put the queue on the API."""
    router.register("dispute-queue", QueueViewSet, basename="dispute-queue")
    router.register("dispute-views", SavedViewViewSet, basename="dispute-view")
    router.register("dispute-macros", MacroViewSet, basename="dispute-macro")
    router.register("disputes", ActViewSet, basename="dispute-triage")
