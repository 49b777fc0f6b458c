"""What we asked to be paid. Facts never change once issued; corrections are new rows."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import DecimalField, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Upper
from django.utils.translation import gettext_lazy as _

from accounts import policy
from ledger.choices import InvoiceKind
from lib.money import ZERO

if TYPE_CHECKING:
    from accounts.models import User

MONEY: DecimalField[object, object] = DecimalField(max_digits=14, decimal_places=2)


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    """The words in which invoices are asked for."""

    def visible_to(self, user: User | AnonymousUser) -> InvoiceQuerySet:
        """The documents the person may see; every read for a person starts here."""
        return self.filter(policy.rows(user, "ledger.read", salesperson="customer__salesperson"))

    def invoices(self) -> InvoiceQuerySet:
        """Without credit notes."""
        return self.filter(kind=InvoiceKind.INVOICE)

    def open_now(self) -> InvoiceQuerySet:
        """Invoices still to be paid, with `open_amount`, as recorded at this moment."""
        return self.invoices().annotate(open_amount=F("amount") - F("allocated")).filter(open_amount__gt=0)

    def with_open_as_of(self, on: date, known_at: datetime | None = None) -> InvoiceQuerySet:
        """Invoices issued on or before `on`, with `open_amount` at the end of that day (zero when paid).

        With `known_at`, only what was recorded by that moment counts.
        """
        placed = Q(allocated_on__lte=on)
        issued = Q(issued_on__lte=on)
        if known_at is not None:
            placed &= Q(recorded_at__lte=known_at)
            issued &= Q(recorded_at__lte=known_at)
        allocations = self.model._meta.get_field("allocations").related_model
        sums = (
            allocations._default_manager.filter(placed, invoice=OuterRef("pk"))  # type: ignore[union-attr]
            .order_by()
            .values("invoice")
            .annotate(total=Sum("amount"))
            .values("total")
        )
        paid = Coalesce(Subquery(sums, output_field=MONEY), Value(ZERO), output_field=MONEY)
        return self.invoices().filter(issued).annotate(open_amount=F("amount") - paid)

    def open_as_of(self, on: date, known_at: datetime | None = None) -> InvoiceQuerySet:
        """Invoices with something left to pay at the end of `on`, with `open_amount` > 0."""
        return self.with_open_as_of(on, known_at).filter(Q(open_amount__gt=0))


class Invoice(models.Model):
    """A bill we sent, or the credit note that corrects one. The amount includes tax and is positive for both."""

    # The indexes below begin with the entity and the customer; keys of their own would only cost.
    entity = models.ForeignKey(
        "accounts.LegalEntity", models.PROTECT, related_name="invoices", db_index=False
    )
    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="invoices", db_index=False)
    kind = models.CharField(
        _("kind"), max_length=12, choices=InvoiceKind.choices, default=InvoiceKind.INVOICE
    )
    number = models.CharField(_("number"), max_length=80)
    issued_on = models.DateField(_("issued on"))
    due_on = models.DateField(_("due on"))
    amount = models.DecimalField(_("amount incl. tax"), max_digits=14, decimal_places=2)
    net = models.DecimalField(_("net amount"), max_digits=14, decimal_places=2, null=True, blank=True)
    tax = models.DecimalField(_("tax"), max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    order_reference = models.CharField(_("order reference"), max_length=120, blank=True)
    # Who at the customer deals with it. The database asks that it is one of the customer's; see migration 0016.
    contact = models.ForeignKey(
        "ledger.Contact",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="invoices",
        db_index=False,
        verbose_name=_("contact"),
    )
    note = models.TextField(_("note"), blank=True)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="corrections")
    # What is placed on an invoice, or used up of a credit note. Kept by the database; see migration 0002.
    allocated = models.DecimalField(
        _("allocated"), max_digits=14, decimal_places=2, default=ZERO, editable=False
    )
    batch = models.ForeignKey(
        "ledger.ImportBatch", models.SET_NULL, null=True, blank=True, related_name="invoices"
    )
    recorded_at = models.DateTimeField()

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "kind", "number"],
                name="invoice_number_unique_per_entity_and_kind",
                violation_error_message=_("A document with this number already exists."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="invoice_amount_is_positive",
                violation_error_message=_(
                    "The amount must be more than zero; use a credit note for a negative one."
                ),
            ),
            models.CheckConstraint(
                condition=Q(allocated__gte=0) & Q(allocated__lte=F("amount")),
                name="invoice_allocated_within_amount",
                violation_error_message=_("More cannot be placed on an invoice than its amount."),
            ),
            models.CheckConstraint(condition=Q(kind__in=InvoiceKind.values), name="invoice_kind_is_known"),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="invoice_currency_is_iso"),
        ]
        indexes = [
            # Dunning and aging read what is open by due date.
            models.Index(
                fields=["entity", "due_on"],
                condition=Q(kind="invoice") & ~Q(allocated=F("amount")),
                name="invoice_open_by_due_date",
            ),
            # A customer's documents, newest first, and one page of aging by customer.
            models.Index(fields=["customer", "-issued_on", "-id"], name="invoice_by_customer"),
            # The invoice list in keyset pages; sales by month for the DSO.
            models.Index(fields=["entity", "-issued_on", "-id"], name="invoice_by_issue_date"),
            # What a contact deals with; most documents name nobody.
            models.Index(fields=["contact"], condition=Q(contact__isnull=False), name="invoice_by_contact"),
            # Search by a part of the number.
            GinIndex(OpClass(Upper("number"), "gin_trgm_ops"), name="invoice_number_trgm"),
        ]

    def __str__(self) -> str:
        return self.number


# Units of UN/ECE recommendation 20 as people write them; pieces need no word.
UNITS = {
    "C62": "", "H87": "", "EA": "", "NAR": "", "PCE": "", "HUR": "h", "MIN": "min", "KGM": "kg", "GRM": "g",
    "TNE": "t", "LTR": "l", "MTQ": "m³", "MTK": "m²", "MTR": "m", "KMT": "km", "KWH": "kWh", "P1": "%",
}  # fmt: skip


class InvoiceLine(models.Model):
    """One line of an invoice, as it was printed."""

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveIntegerField(_("position"))
    description = models.TextField(_("description"), blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=6, null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    unit_price = models.DecimalField(_("unit price"), max_digits=18, decimal_places=6, null=True, blank=True)
    net = models.DecimalField(_("net amount"), max_digits=14, decimal_places=2)
    tax_rate = models.DecimalField(_("tax rate"), max_digits=6, decimal_places=3, null=True, blank=True)

    class Meta:
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="line_position_unique_per_invoice"),
        ]

    def __str__(self) -> str:
        return f"{self.position}"

    @property
    def unit_shown(self) -> str:
        """The unit as people write it."""
        return UNITS.get(self.unit, self.unit)

    @property
    def quantity_places(self) -> int:
        """How many decimals the quantity needs."""
        exponent = self.quantity.normalize().as_tuple().exponent if self.quantity is not None else 0
        return max(0, -exponent) if isinstance(exponent, int) else 0
