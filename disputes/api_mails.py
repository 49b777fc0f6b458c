"""The API of e-mails that wait for a person: what they seem to be about, and what became of them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from accounts.models import LegalEntity
from disputes import selectors, services, shapes
from disputes.doors import Door, lines_of
from disputes.draft import may_dispute
from disputes.mail.proposing import propose
from disputes.models import Dispute, Reason, TakenMail
from ledger.models import Contact, Customer
from ledger.selectors import customers
from lib import clock
from mailroom.inbound.reading import LARGEST, UnreadableMail, read_eml, read_text, too_large


class MailOut(serializers.ModelSerializer[TakenMail]):
    """A mail, and the dispute it went into; settled without a dispute: put aside."""

    was_known = serializers.BooleanField(read_only=True)

    class Meta:
        model = TakenMail
        fields = (
            "id", "entity", "identity", "address", "sender", "subject", "sent_at", "text", "files", "taken_by",
            "inbound", "doubt", "taken_at", "dispute", "settled_by", "settled_at", "was_known",
        )  # fmt: skip


class MarkOut(serializers.Serializer[Any]):
    """How sure a part is (sure, likely, perhaps), why, and the words it rests on."""

    sure = serializers.CharField()
    why = serializers.CharField()
    quote = serializers.CharField()


class ProposalOut(serializers.Serializer[Any]):
    """What the mail seems to be about; nothing is written before a person says so."""

    customer = serializers.IntegerField(source="customer.pk", allow_null=True, default=None)
    invoices = serializers.SerializerMethodField()
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    reason = serializers.CharField()
    marks = serializers.DictField(child=MarkOut())

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_invoices(self, found: Any) -> list[int]:
        """The named invoices, the surest first."""
        return [invoice.pk for invoice in found.invoices]


class MailIn(serializers.Serializer[Any]):
    """An .eml file, or the text of a mail."""

    entity = serializers.PrimaryKeyRelatedField(queryset=LegalEntity.objects.none())
    file = serializers.FileField(required=False, allow_null=True, default=None)
    text = serializers.CharField(required=False, allow_blank=True, max_length=50_000, default="")


class OpenFromMail(shapes.LinesIn):
    """The dispute as a person decides it after reading the mail."""

    customer = serializers.PrimaryKeyRelatedField(queryset=Customer.objects.none())
    reason = serializers.SlugField(max_length=40)
    statement = serializers.CharField(max_length=4000, allow_blank=True, default="")


class AttachIn(serializers.Serializer[Any]):
    """The dispute that the mail belongs to."""

    dispute = serializers.PrimaryKeyRelatedField(queryset=Dispute.objects.none())


class SenderIn(serializers.Serializer[Any]):
    """The customer whose contact the sender is."""

    customer = serializers.PrimaryKeyRelatedField(queryset=Customer.objects.none())


class SenderOut(serializers.ModelSerializer[Contact]):
    """The contact that the sender is now."""

    class Meta:
        model = Contact
        fields = ("id", "customer", "name", "email")


class MailViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """The mails you took in; all of the entity's, also what came by itself, for those who see every dispute of it."""

    serializer_class = MailOut
    queryset = TakenMail.objects.none()
    parser_classes = (JSONParser, MultiPartParser, FormParser)
    filterset_fields = ("entity", "dispute")

    def get_queryset(self) -> QuerySet[TakenMail]:
        """Yours only."""
        rows: QuerySet[TakenMail] = TakenMail.objects.visible_to(self.person).defer("raw")
        return rows

    @extend_schema(request=MailIn, responses={200: MailOut, 201: MailOut})
    def create(self, request: Request) -> Response:
        """Take a mail in; the same one again (by its Message-ID) answers 200 with the one there is."""
        data = self.shape(MailIn, entity=self.entities("dispute.open"))
        raw = b""
        if data["file"] is not None:
            if data["file"].size > LARGEST:
                raise UnreadableMail(too_large(LARGEST), code="mail_too_large")
            raw = data["file"].read()
        letter = read_eml(raw) if raw else read_text(data["text"])
        mail = services.take_mail(
            entity=data["entity"], letter=letter, raw=raw, by=self.person, at=clock.now()
        )
        code = status.HTTP_200_OK if mail.was_known else status.HTTP_201_CREATED
        return Response(MailOut(mail).data, status=code)

    @extend_schema(responses=ProposalOut)
    @action(detail=True, methods=["get"], pagination_class=None)
    def proposal(self, request: Request, pk: str) -> Response:
        """Customer, invoices, amount and reason as the mail tells them, each with how sure and why."""
        return Response(ProposalOut(propose(self.person, self.get_object(), clock.today())).data)

    @extend_schema(request=OpenFromMail, responses={201: MailOut})
    @action(detail=True, methods=["post"])
    def dispute(self, request: Request, pk: str) -> Response:
        """Open the dispute; mail and attachments become its evidence."""
        mail = self.get_object()
        customers = Customer.objects.filter(
            pk__in=may_dispute(self.person).order_by().values("customer"), entity=mail.entity_id
        )
        data = self.shape(OpenFromMail, customer=customers.select_related("entity"))
        reason = get_object_or_404(Reason, entity=mail.entity_id, code=data["reason"], active=True)
        services.open_from_mail(
            mail=mail,
            customer=data["customer"],
            lines=lines_of(data),
            reason=reason,
            statement=data["statement"],
            by=self.person,
            at=clock.now(),
        )
        mail = TakenMail.objects.select_related("dispute").get(pk=mail.pk)
        refused = services.keep_files(mail=mail, by=self.person, at=clock.now())
        return Response({**MailOut(mail).data, "refused_files": refused}, status=status.HTTP_201_CREATED)

    @extend_schema(request=AttachIn, responses=MailOut)
    @action(detail=True, methods=["post"])
    def attach(self, request: Request, pk: str) -> Response:
        """Put the mail into a dispute that is there; mail and attachments become its evidence."""
        mail = self.get_object()
        rows = selectors.disputes_for(self.person).filter(entity=mail.entity_id)
        dispute = self.shape(AttachIn, dispute=rows)["dispute"]
        refused = services.attach_mail(mail=mail, dispute=dispute, by=self.person, at=clock.now())
        mail = TakenMail.objects.get(pk=mail.pk)
        return Response({**MailOut(mail).data, "refused_files": refused})

    @extend_schema(request=SenderIn, responses={201: SenderOut})
    @action(detail=True, methods=["post"])
    def contact(self, request: Request, pk: str) -> Response:
        """The sender becomes a contact of a customer: what they write later is recognised."""
        mail = self.get_object()
        rows = customers(self.person).filter(entity=mail.entity_id)
        customer = self.shape(SenderIn, customer=rows)["customer"]
        contact = services.know_sender(mail=mail, customer=customer, by=self.person, at=clock.now())
        return Response(SenderOut(contact).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=MailOut)
    @action(detail=True, methods=["post"])
    def block(self, request: Request, pk: str) -> Response:
        """Put the mail aside, and refuse what its sender writes from now on."""
        mail = self.get_object()
        services.block_mail(mail=mail, by=self.person, at=clock.now())
        return Response(MailOut(TakenMail.objects.get(pk=mail.pk)).data)

    @extend_schema(request=None, responses=MailOut)
    @action(detail=True, methods=["post"])
    def aside(self, request: Request, pk: str) -> Response:
        """Put the mail aside: no dispute."""
        mail = self.get_object()
        done = services.settle_mail(mail=mail, dispute=None, by=self.person, at=clock.now())
        return Response(MailOut(done).data)


def register(router: DefaultRouter) -> None:
    """Put the mails on the API."""
    router.register("taken-mails", MailViewSet, basename="taken-mail")
