"""The API of the ledger: customers, contacts, invoices, payments, allocations, imports."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from ledger import api_answers, api_bank, api_files, api_imports, api_rates, selectors, services, shapes
from ledger.api_base import ReadOnly
from ledger.api_bulk import BulkInvoices, BulkPayments, WriteContacts, WriteCustomers
from ledger.models import Allocation, Contact, Customer, Invoice, Payment
from lib import clock


class CustomerViewSet(WriteCustomers):
    """The customers you may see. A POST makes one or brings it up to date by its code."""

    serializer_class = shapes.CustomerOut
    queryset = Customer.objects.none()
    filterset_fields = ("entity", "code", "tax_id", "salesperson", "segment", "country")

    def get_queryset(self) -> QuerySet[Customer]:
        """Yours only."""
        return selectors.customers(self.request.user)


class ContactViewSet(WriteContacts):
    """The contacts of the customers you may see. A POST makes one or brings it up to date by its e-mail address."""

    serializer_class = shapes.ContactOut
    queryset = Contact.objects.none()
    # `undeliverable_since__isnull=false`: the addresses to correct.
    filterset_fields: ClassVar = {
        "customer": ["exact"],
        "is_billing": ["exact"],
        "email": ["exact"],
        "undeliverable_since": ["isnull"],
    }

    def get_queryset(self) -> QuerySet[Contact]:
        """Yours only."""
        return Contact.objects.filter(customer__in=selectors.customers(self.request.user))


class InvoiceViewSet(BulkInvoices):
    """Invoices and credit notes. A POST records one; what is recorded never changes, but who deals with it."""

    serializer_class = shapes.InvoiceOut
    queryset = Invoice.objects.none()
    filterset_fields = {
        "entity": ["exact"],
        "customer": ["exact"],
        "kind": ["exact"],
        "number": ["exact"],
        "currency": ["exact"],
        "contact": ["exact", "isnull"],
        "issued_on": ["exact", "gte", "lte"],
        "due_on": ["exact", "gte", "lte"],
    }

    def get_queryset(self) -> QuerySet[Invoice]:
        """Yours only."""
        return selectors.documents(self.request.user).prefetch_related("lines")

    @extend_schema(request=shapes.InvoiceIn, responses={201: shapes.InvoiceOut})
    def create(self, request: Request) -> Response:
        """Record a document. The same one again is answered with the recorded row; other facts are a 409."""
        data = self.shape(
            shapes.InvoiceIn,
            customer=selectors.customers(request.user),
            corrects=selectors.documents(request.user),
            contact=self._contacts(),
        )
        customer, others = data.pop("customer"), {name: data.pop(name) for name in ("corrects", "contact")}
        self.must("ledger.write", customer)
        lines = [services.LineFacts(**line) for line in data.pop("lines")]
        facts = services.DocumentFacts(**data, lines=lines)
        document = services.record_document(
            customer=customer, facts=facts, at=clock.now(), by=self.person, **others
        )
        return _created(shapes.InvoiceOut, document)

    @extend_schema(request=shapes.InvoiceChange, responses=shapes.InvoiceOut)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Say who at the customer deals with a document. Nothing else of it changes."""
        document = self.get_object()
        self.must("ledger.write", document)
        contact = self.shape(shapes.InvoiceChange, contact=self._contacts())["contact"]
        services.choose_contact(document=document, contact=contact, at=clock.now(), by=self.person)
        return self.again(document)

    def _contacts(self) -> QuerySet[Contact]:
        return Contact.objects.filter(customer__in=selectors.customers(self.request.user))


class PaymentViewSet(BulkPayments):
    """Money received. A POST records it; its identity makes a retry harmless."""

    serializer_class = shapes.PaymentOut
    queryset = Payment.objects.none()
    filterset_fields = {"entity": ["exact"], "customer": ["exact"], "received_on": ["exact", "gte", "lte"]}

    def get_queryset(self) -> QuerySet[Payment]:
        """Yours only."""
        return selectors.payments(self.request.user)

    @extend_schema(request=shapes.PaymentIn, responses={201: shapes.PaymentOut})
    def create(self, request: Request) -> Response:
        """Record money received."""
        data = self.shape(shapes.PaymentIn, customer=selectors.customers(request.user))
        self.must("ledger.write", data["customer"])
        return _created(shapes.PaymentOut, services.record_payment(**data, at=clock.now(), by=self.person))


class AllocationViewSet(ReadOnly):
    """What was placed on invoices. Rows are only added; `reverse` takes one back with a row of its own."""

    serializer_class = shapes.AllocationOut
    queryset = Allocation.objects.none()
    filterset_fields = ("invoice", "payment", "credit_note", "kind")

    def get_queryset(self) -> QuerySet[Allocation]:
        """Yours only."""
        return Allocation.objects.filter(invoice__in=selectors.documents(self.request.user))

    @extend_schema(request=shapes.AllocationIn, responses={201: shapes.AllocationOut})
    def create(self, request: Request) -> Response:
        """Place a part of a payment or credit note, a write-off or an adjustment on an invoice."""
        documents = selectors.documents(request.user)
        data = self.shape(
            shapes.AllocationIn,
            invoice=documents,
            credit_note=documents,
            payment=selectors.payments(request.user),
        )
        self.must("ledger.write", data["invoice"])
        return _created(shapes.AllocationOut, services.allocate(**data, at=clock.now(), by=self.person))

    @extend_schema(request=None, responses={201: shapes.AllocationOut})
    @action(detail=True, methods=["post"])
    def reverse(self, request: Request, pk: str) -> Response:
        """Take an allocation back as of today."""
        found = self.get_object()
        self.must("ledger.write", found.invoice)
        today = clock.today(found.invoice.entity.time_zone)
        reversal = services.reverse_allocation(allocation=found, on=today, at=clock.now(), by=self.person)
        return _created(shapes.AllocationOut, reversal)


def _created(shape: type[serializers.ModelSerializer[Any]], row: Model) -> Response:
    return Response(shape(row).data, status=status.HTTP_201_CREATED)


def register(router: DefaultRouter) -> None:
    """Put these resources on the API."""
    router.register("customers", CustomerViewSet, basename="customer")
    router.register("contacts", ContactViewSet, basename="contact")
    router.register("invoices", InvoiceViewSet, basename="invoice")
    router.register("payments", PaymentViewSet, basename="payment")
    router.register("allocations", AllocationViewSet, basename="allocation")
    api_imports.register(router)
    api_files.register(router)
    api_answers.register(router)
    api_bank.register(router)
    api_rates.register(router)
