"""The API of mail that came in."""

from __future__ import annotations

from typing import IO, Any, cast

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.mixins import DestroyModelMixin, ListModelMixin, RetrieveModelMixin
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.viewsets import GenericViewSet

from accounts import policy
from accounts.models import User
from lib import clock
from mailroom import services
from mailroom.choices import InboundSource
from mailroom.models import BlockedSender, InboundMail


class RawMail(BaseParser):
    """A body that is one e-mail as it travels (RFC 822)."""

    media_type = "message/rfc822"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None
    ) -> dict[str, bytes]:
        """The bytes, and one more than allowed of a mail that is too large."""
        return {"raw": stream.read(settings.INBOUND_MAX_BYTES + 1)}


class InboundOut(serializers.ModelSerializer[InboundMail]):
    """A mail that came in, and what became of it. `said` is what is new in it, `rest` what it quotes."""

    was_known = serializers.BooleanField(read_only=True)

    class Meta:
        model = InboundMail
        fields = (
            "id", "identity", "source", "entity", "from_address", "from_name", "recipients", "subject", "sent_at",
            "received_at", "said", "rest", "files", "status", "reason", "letter", "about_stream", "about_id",
            "was_known",
        )  # fmt: skip


class InboundViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[InboundMail]):
    """The mail that came in, newest first."""

    serializer_class = InboundOut
    queryset = InboundMail.objects.none()
    filterset_fields = ("entity", "status", "from_address", "about_stream", "about_id")

    def get_queryset(self) -> QuerySet[InboundMail]:
        """Where you may read letters."""
        return InboundMail.objects.visible_to(self.request.user).order_by("-pk")

    @extend_schema(
        request={"message/rfc822": OpenApiTypes.BINARY}, responses={200: InboundOut, 201: InboundOut}
    )
    def create(self, request: Request) -> Response:
        """Hand over a mail as it travels; the same one again answers 200 with the one there is. For administrators."""
        if not policy.scope(request.user).entities("mail.deliver"):
            raise PermissionDenied
        mail = services.receive(
            raw=cast(dict[str, bytes], request.data)["raw"], source=InboundSource.API, at=clock.now()
        )
        code = status.HTTP_200_OK if mail.was_known else status.HTTP_201_CREATED
        return Response(InboundOut(mail).data, status=code)

    def get_parsers(self) -> list[BaseParser]:
        """Only mails are posted here."""
        return [RawMail()]

    @extend_schema(responses={(200, "message/rfc822"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def raw(self, request: Request, pk: str) -> HttpResponse:
        """The whole mail as it came; 404 once it is no longer kept."""
        return raw_answer(self.get_object())


def raw_answer(mail: InboundMail) -> HttpResponse:
    """The whole mail as a file."""
    raw = services.raw_of(mail)
    if not raw:
        raise Http404
    headers = {
        "Content-Disposition": f'attachment; filename="mail-{mail.pk}.eml"',
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(raw, content_type="message/rfc822", headers=headers)


class BlockedOut(serializers.ModelSerializer[BlockedSender]):
    """An address whose mail is refused."""

    class Meta:
        model = BlockedSender
        fields = ("id", "entity", "address", "blocked_by", "blocked_at")


class BlockedViewSet(ListModelMixin, RetrieveModelMixin, DestroyModelMixin, GenericViewSet[BlockedSender]):
    """Senders whose mail is refused; deleting one takes their mail in again."""

    serializer_class = BlockedOut
    queryset = BlockedSender.objects.none()
    filterset_fields = ("entity", "address")

    def get_queryset(self) -> QuerySet[BlockedSender]:
        """Of your legal entities."""
        user = cast(User, self.request.user)
        return BlockedSender.objects.filter(policy.rows(user, "ledger.write")).order_by("-pk")

    def perform_destroy(self, instance: BlockedSender) -> None:
        """Take mail of this sender in again."""
        services.unblock_sender(blocked=instance)


def register(router: DefaultRouter) -> None:
    """Put these resources on the API."""
    router.register("inbound", InboundViewSet, basename="inbound")
    router.register("blocked-senders", BlockedViewSet, basename="blocked-sender")
