"""Who owes us, and who to talk to there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.choices import Language
from ledger.choices import ContactRole, Segment

if TYPE_CHECKING:
    from accounts.models import User


class CustomerQuerySet(models.QuerySet["Customer"]):
    """The words in which customers are asked for."""

    def visible_to(self, user: User | AnonymousUser) -> CustomerQuerySet:
        """The customers the person may see; every read for a person starts here."""
        return self.filter(policy.rows(user, "ledger.read", salesperson="salesperson"))


class Customer(models.Model):
    """A company that buys from one of our legal entities."""

    entity = models.ForeignKey("accounts.LegalEntity", models.PROTECT, related_name="customers")
    code = models.CharField(_("code"), max_length=60)
    name = models.CharField(_("name"), max_length=250)
    # The name without accents or case: lists sort and match by it (the embedded server has no ICU).
    name_key = models.CharField(max_length=250, editable=False)
    tax_id = models.CharField(_("tax id"), max_length=40, blank=True)
    endpoint = models.CharField(_("e-invoice address"), max_length=120, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=Language.choices, default=Language.ES)
    segment = models.CharField(_("segment"), max_length=20, choices=Segment.choices, default=Segment.STANDARD)
    salesperson = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="customers"
    )
    terms_days = models.PositiveSmallIntegerField(_("payment terms (days)"), null=True, blank=True)
    credit_limit = models.DecimalField(
        _("credit limit"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    email = models.EmailField(_("e-mail"), blank=True)
    address = models.TextField(_("address"), blank=True)
    # The import that made this customer.
    batch = models.ForeignKey(
        "ledger.ImportBatch", models.SET_NULL, null=True, blank=True, related_name="customers"
    )
    recorded_at = models.DateTimeField()

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "code"],
                name="customer_code_unique_per_entity",
                violation_error_message=_("A customer with this code already exists."),
            ),
            models.CheckConstraint(condition=~Q(code=""), name="customer_has_a_code"),
        ]
        indexes = [
            # The customer list, by name, in keyset pages.
            models.Index(fields=["entity", "name_key", "id"], name="customer_by_name"),
            # Intake matches parties by tax id.
            models.Index(fields=["entity", "tax_id"], name="customer_by_tax_id", condition=~Q(tax_id="")),
            # A salesperson's own customers.
            models.Index(fields=["salesperson"], name="customer_by_salesperson"),
            # Search as you type.
            GinIndex(OpClass(Upper("name_key"), "gin_trgm_ops"), name="customer_name_trgm"),
        ]

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """A person at the customer."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="contacts")
    name = models.CharField(_("name"), max_length=150)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    role = models.CharField(
        _("role"), max_length=20, choices=ContactRole.choices, default=ContactRole.PAYABLES
    )
    language = models.CharField(_("language"), max_length=5, choices=Language.choices, default=Language.ES)
    # What was sent to this address came back, and why; correcting the address clears it.
    undeliverable_since = models.DateTimeField(_("address does not work since"), null=True, blank=True)
    undeliverable_why = models.CharField(max_length=300, blank=True, default="", db_default="")
    # The one who gets the reminders.
    is_billing = models.BooleanField(_("gets reminders"), default=False)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ("-is_billing", "name")
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(is_billing=True),
                name="contact_one_billing_per_customer",
                violation_error_message=_("Another contact already gets this customer's reminders."),
            ),
            models.CheckConstraint(
                condition=Q(undeliverable_since__isnull=False) | Q(undeliverable_why=""),
                name="contact_undeliverable_is_dated",
            ),
        ]
        indexes = [
            # The addresses to correct.
            models.Index(
                fields=["customer"],
                condition=Q(undeliverable_since__isnull=False),
                name="contact_undeliverable",
            ),
            # Whose address it was, when something comes back.
            models.Index(Upper("email"), condition=~Q(email=""), name="contact_by_email"),
        ]

    def __str__(self) -> str:
        return self.name
