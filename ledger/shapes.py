"""Shapes of the API of this room: what goes out, and what a POST needs. No rules."""

from typing import Any

from rest_framework import serializers

from accounts.models import LegalEntity
from ledger.choices import AllocationKind, InvoiceKind
from ledger.intake.sentences import sentence
from ledger.intake.shown import notices, reason
from ledger.models import (
    Allocation,
    Contact,
    Customer,
    ImportBatch,
    Invoice,
    InvoiceLine,
    Payment,
    RejectedRow,
)


class CustomerOut(serializers.ModelSerializer[Customer]):
    """A customer."""

    class Meta:
        model = Customer
        fields = (
            "id",
            "entity",
            "code",
            "name",
            "tax_id",
            "endpoint",
            "country",
            "language",
            "segment",
            "salesperson",
            "terms_days",
            "credit_limit",
            "email",
            "address",
        )


class ContactOut(serializers.ModelSerializer[Contact]):
    """A person at a customer."""

    class Meta:
        model = Contact
        fields = (
            "id",
            "customer",
            "name",
            "email",
            "phone",
            "role",
            "language",
            "is_billing",
            "undeliverable_since",
            "undeliverable_why",
        )


class LineOut(serializers.ModelSerializer[InvoiceLine]):
    """A line of a document."""

    class Meta:
        model = InvoiceLine
        fields = ("position", "description", "quantity", "unit", "unit_price", "net", "tax_rate")


class InvoiceOut(serializers.ModelSerializer[Invoice]):
    """An invoice or credit note; `allocated` is what is placed on it (or used of a credit note)."""

    lines = LineOut(many=True, read_only=True)

    class Meta:
        model = Invoice
        fields = (
            "id",
            "entity",
            "customer",
            "kind",
            "number",
            "issued_on",
            "due_on",
            "amount",
            "net",
            "tax",
            "currency",
            "allocated",
            "order_reference",
            "contact",
            "note",
            "corrects",
            "recorded_at",
            "lines",
        )


class PaymentOut(serializers.ModelSerializer[Payment]):
    """Money received."""

    class Meta:
        model = Payment
        fields = (
            "id",
            "entity",
            "customer",
            "received_on",
            "amount",
            "currency",
            "reference",
            "method",
            "identity",
            "allocated",
            "recorded_at",
        )


class AllocationOut(serializers.ModelSerializer[Allocation]):
    """What was placed on an invoice."""

    class Meta:
        model = Allocation
        fields = (
            "id",
            "invoice",
            "kind",
            "payment",
            "credit_note",
            "amount",
            "allocated_on",
            "reverses",
            "note",
            "by",
            "recorded_at",
        )


class ImportOut(serializers.ModelSerializer[ImportBatch]):
    """An import, with what is worth a word."""

    notices = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()

    class Meta:
        model = ImportBatch
        fields: tuple[str, ...] = (
            "id",
            "entity",
            "file_name",
            "sha256",
            "format",
            "status",
            "documents",
            "created",
            "updated",
            "unchanged",
            "rejected",
            "totals",
            "notices",
            "reason",
            "by",
            "started_at",
            "finished_at",
        )

    def get_notices(self, batch: ImportBatch) -> list[str]:
        """In the language of the request."""
        return notices(batch)

    def get_reason(self, batch: ImportBatch) -> str:
        """Why it could not be read."""
        return reason(batch)


class RejectOut(serializers.ModelSerializer[RejectedRow]):
    """A row that did not go in."""

    message = serializers.SerializerMethodField()

    class Meta:
        model = RejectedRow
        fields = ("id", "line", "column", "code", "message", "raw")

    def get_message(self, row: RejectedRow) -> str:
        """In the language of the request."""
        return sentence(row.code, row.facts)


class LineIn(serializers.Serializer[Any]):
    """A line of a new document."""

    net = serializers.DecimalField(14, 2)
    description = serializers.CharField(max_length=4000, default="", allow_blank=True)
    quantity = serializers.DecimalField(18, 6, default=None, allow_null=True)
    unit = serializers.CharField(max_length=20, default="", allow_blank=True)
    unit_price = serializers.DecimalField(18, 6, default=None, allow_null=True)
    tax_rate = serializers.DecimalField(6, 3, default=None, allow_null=True)


class InvoiceIn(serializers.Serializer[Any]):
    """A new document. Facts stay as they are sent; the same document twice is the same row."""

    customer = serializers.PrimaryKeyRelatedField(queryset=Customer.objects.none())
    corrects = serializers.PrimaryKeyRelatedField(
        queryset=Invoice.objects.none(), default=None, allow_null=True
    )
    contact = serializers.PrimaryKeyRelatedField(
        queryset=Contact.objects.none(), default=None, allow_null=True, help_text="who deals with it"
    )
    kind = serializers.ChoiceField(InvoiceKind.choices, default=InvoiceKind.INVOICE)
    number = serializers.CharField(max_length=80)
    issued_on = serializers.DateField()
    due_on = serializers.DateField()
    amount = serializers.DecimalField(14, 2)
    net = serializers.DecimalField(14, 2, default=None, allow_null=True)
    tax = serializers.DecimalField(14, 2, default=None, allow_null=True)
    currency = serializers.RegexField("^[A-Z]{3}$")
    order_reference = serializers.CharField(max_length=120, default="", allow_blank=True)
    note = serializers.CharField(max_length=4000, default="", allow_blank=True)
    lines = LineIn(many=True, default=list)


class InvoiceChange(serializers.Serializer[Any]):
    """What may change of a document: who at the customer deals with it, or nobody."""

    contact = serializers.PrimaryKeyRelatedField(queryset=Contact.objects.none(), allow_null=True)


class PaymentIn(serializers.Serializer[Any]):
    """Money received. The same identity twice is the same payment."""

    customer = serializers.PrimaryKeyRelatedField(queryset=Customer.objects.none())
    received_on = serializers.DateField()
    amount = serializers.DecimalField(14, 2)
    currency = serializers.RegexField("^[A-Z]{3}$")
    identity = serializers.CharField(max_length=200)
    reference = serializers.CharField(max_length=250, default="", allow_blank=True)
    method = serializers.CharField(max_length=30, default="", allow_blank=True)


class AllocationIn(serializers.Serializer[Any]):
    """A part of a payment or credit note, a write-off or an adjustment, to place on an invoice."""

    invoice = serializers.PrimaryKeyRelatedField(queryset=Invoice.objects.none())
    payment = serializers.PrimaryKeyRelatedField(
        queryset=Payment.objects.none(), default=None, allow_null=True
    )
    credit_note = serializers.PrimaryKeyRelatedField(
        queryset=Invoice.objects.none(), default=None, allow_null=True
    )
    kind = serializers.ChoiceField(AllocationKind.choices, default="", allow_blank=True)
    amount = serializers.DecimalField(14, 2)
    on = serializers.DateField()
    note = serializers.CharField(max_length=250, default="", allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one source."""
        sources = [
            attrs["payment"],
            attrs["credit_note"],
            attrs["kind"] in {"write_off", "adjustment"} or None,
        ]
        if sum(source is not None for source in sources) != 1:
            raise serializers.ValidationError(
                "Give one of payment, credit_note, or kind write_off or adjustment."
            )
        return attrs


class ImportIn(serializers.Serializer[Any]):
    """A file to import. `dry_run` shows what would happen and writes nothing."""

    entity = serializers.PrimaryKeyRelatedField(queryset=LegalEntity.objects.none())
    file = serializers.FileField()
    dry_run = serializers.BooleanField(default=False)  # type: ignore[assignment]
