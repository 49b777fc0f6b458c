"""Shapes of the rows of bulk calls, of their answer, and of customers and contacts sent one by one. No rules."""

from typing import Any

from rest_framework import serializers

from accounts.choices import Language
from accounts.models import LegalEntity, User
from ledger.choices import ContactRole, InvoiceKind, Segment
from ledger.models import Customer
from ledger.shapes import LineIn

CURRENCY = "^[A-Z]{3}$"
COUNTRY = "^([A-Z]{2})?$"


class OfCustomer(serializers.Serializer[Any]):
    """How a row names its customer: by one of these."""

    customer = serializers.IntegerField(required=False, allow_null=True, help_text="the customer's id")
    customer_code = serializers.CharField(max_length=60, required=False, allow_blank=True)
    customer_tax_id = serializers.CharField(max_length=40, required=False, allow_blank=True)


class InvoiceRow(OfCustomer):
    """A document. Known ones get the due date, the order reference and the contact; other facts are refused."""

    number = serializers.CharField(max_length=80)
    kind = serializers.ChoiceField(InvoiceKind.choices, default=InvoiceKind.INVOICE)
    issued_on = serializers.DateField()
    due_on = serializers.DateField(
        required=False, allow_null=True, help_text="without it: the customer's terms"
    )
    amount = serializers.DecimalField(14, 2, help_text="incl. tax, more than zero for credit notes too")
    net = serializers.DecimalField(14, 2, required=False, allow_null=True)
    tax = serializers.DecimalField(14, 2, required=False, allow_null=True)
    currency = serializers.RegexField(CURRENCY, required=False, help_text="without it: the entity's")
    order_reference = serializers.CharField(max_length=120, required=False, allow_blank=True)
    contact_email = serializers.EmailField(
        required=False,
        allow_blank=True,
        help_text="who deals with it; made when the customer has nobody with it",
    )
    corrects = serializers.CharField(
        max_length=80, required=False, allow_blank=True, help_text="number of the invoice"
    )
    lines = LineIn(many=True, required=False)


class PaymentRow(OfCustomer):
    """Money received. The same identity twice is the same payment."""

    received_on = serializers.DateField()
    amount = serializers.DecimalField(14, 2)
    currency = serializers.RegexField(CURRENCY, required=False, help_text="without it: the entity's")
    identity = serializers.CharField(max_length=200)
    reference = serializers.CharField(max_length=250, required=False, allow_blank=True)
    method = serializers.CharField(max_length=30, required=False, allow_blank=True)


class CustomerFields(serializers.Serializer[Any]):
    """What is known of a customer; what is not given stays as it is."""

    name = serializers.CharField(max_length=250, required=False)
    tax_id = serializers.CharField(max_length=40, required=False, allow_blank=True)
    endpoint = serializers.CharField(max_length=120, required=False, allow_blank=True)
    country = serializers.RegexField(COUNTRY, required=False, allow_blank=True)
    language = serializers.ChoiceField(Language.choices, required=False)
    segment = serializers.ChoiceField(Segment.choices, required=False)
    terms_days = serializers.IntegerField(min_value=0, max_value=999, required=False, allow_null=True)
    credit_limit = serializers.DecimalField(14, 2, required=False, allow_null=True, min_value=0)
    email = serializers.EmailField(required=False, allow_blank=True)
    address = serializers.CharField(max_length=4000, required=False, allow_blank=True)


class CustomerRow(CustomerFields):
    """A customer, known by its code."""

    code = serializers.CharField(max_length=60)
    salesperson_email = serializers.EmailField(required=False, allow_blank=True)


class CustomerIn(CustomerFields):
    """A customer, made or brought up to date by its code."""

    entity = serializers.PrimaryKeyRelatedField(queryset=LegalEntity.objects.none())
    code = serializers.CharField(max_length=60)
    name = serializers.CharField(max_length=250)
    salesperson = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.none(), required=False, allow_null=True
    )


class CustomerChange(CustomerFields):
    """What changes of a customer. Its code stays: the ERP knows it by that."""

    salesperson = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.none(), required=False, allow_null=True
    )


class ContactFields(serializers.Serializer[Any]):
    """What is known of a contact; what is not given stays as it is."""

    name = serializers.CharField(max_length=150, required=False, allow_blank=True)
    email = serializers.EmailField(required=False, allow_blank=True)
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)
    role = serializers.ChoiceField(ContactRole.choices, required=False)
    language = serializers.ChoiceField(Language.choices, required=False)
    is_billing = serializers.BooleanField(required=False, help_text="gets the reminders; one per customer")


class ContactRow(OfCustomer, ContactFields):
    """A contact, known by its customer and e-mail address (by its name without one)."""


class ContactIn(ContactFields):
    """A contact of a customer."""

    customer = serializers.PrimaryKeyRelatedField(queryset=Customer.objects.none())
    name = serializers.CharField(max_length=150)


class RowOut(serializers.Serializer[Any]):
    """What became of one row; code, message and field only when it was rejected."""

    index = serializers.IntegerField()
    status = serializers.ChoiceField(["created", "updated", "unchanged", "rejected"])
    id = serializers.IntegerField(allow_null=True)
    code = serializers.CharField(required=False)
    message = serializers.CharField(required=False)
    field = serializers.CharField(required=False)  # type: ignore[assignment]


class BulkOut(serializers.Serializer[Any]):
    """The answer to a bulk call: counts, the import that remembers it, and every row."""

    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    rejected = serializers.IntegerField()
    rows = RowOut(many=True)

    def get_fields(self) -> dict[str, Any]:
        """`import` is a word of Python's own."""
        return {"import": serializers.IntegerField(help_text="see /api/v1/imports/")} | super().get_fields()
