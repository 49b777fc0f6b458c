"""The API of telling the customer an outcome: the letter as it would go, sent as changed, or told otherwise."""

from __future__ import annotations

from dataclasses import asdict

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from disputes import services, shapes
from disputes.doors import Door
from disputes.shapes import outcome
from lib import clock


class TellingActions(Door):
    """What becomes of the outcome of a closed dispute."""

    @extend_schema(responses=outcome.OutcomeLetterOut)
    @action(detail=True, methods=["get"], url_path="outcome-letter", pagination_class=None)
    def outcome_letter(self, request: Request, pk: str) -> Response:
        """The letter about the outcome as it would go, in the customer's language."""
        draft = services.draft_outcome(dispute=self.get_object(), by=self.person)
        return Response(outcome.OutcomeLetterOut(asdict(draft)).data)

    @extend_schema(request=outcome.OutcomeLetterIn, responses=shapes.DisputeOut)
    @outcome_letter.mapping.post
    def send_outcome_letter(self, request: Request, pk: str) -> Response:
        """Send it with these words, once for each closing."""
        dispute, data = self.get_object(), self.shape(outcome.OutcomeLetterIn)
        services.send_outcome(dispute=dispute, by=self.person, at=clock.now(), **data)
        return self.again(dispute)

    @extend_schema(request=outcome.ToldIn, responses=shapes.DisputeOut)
    @action(detail=True, methods=["post"], url_path="outcome-told")
    def outcome_told(self, request: Request, pk: str) -> Response:
        """The customer knows it already, or need not be told: reminders go on."""
        dispute, data = self.get_object(), self.shape(outcome.ToldIn)
        return self.again(services.tell_otherwise(dispute=dispute, by=self.person, at=clock.now(), **data))
