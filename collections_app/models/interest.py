"""What late interest is reckoned with: the law by date, what contracts say, and the habits of the house."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import LegalEntity
from collections_app.choices_interest import InLetters, RateKind, TermsBasis
from ledger.models import Customer
from lib.money import ZERO

HALF_YEAR = Q(since__month__in=[1, 7], since__day=1)


class InterestRate(models.Model):
    """A parameter of the law from a day on, as it was imported. It goes before the one that is shipped.

    Without a country it counts wherever the country says nothing else. It belongs to no legal entity.
    """

    kind = models.CharField(_("kind"), max_length=12, choices=RateKind.choices)
    country = models.CharField(_("country"), max_length=2, blank=True)
    # Of the flat sum only.
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    since = models.DateField(_("from"))
    value = models.DecimalField(_("value"), max_digits=9, decimal_places=4)
    source = models.CharField(_("source"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("interest rate")
        verbose_name_plural = _("interest rates")
        ordering = ("kind", "country", "currency", "-since")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "country", "currency", "since"],
                name="interest_rate_once_per_country_and_day",
                violation_error_message=_("There is already a value for this country and day."),
            ),
            models.CheckConstraint(condition=Q(kind__in=RateKind.values), name="interest_rate_kind_is_known"),
            models.CheckConstraint(
                condition=Q(country="") | Q(country__regex="^[A-Z]{2}$"),
                name="interest_rate_country_is_iso",
                violation_error_message=_("Give a country by its two letters, or none for all."),
            ),
            models.CheckConstraint(
                condition=Q(kind="flat_sum", currency__regex="^[A-Z]{3}$")
                | ~Q(kind="flat_sum") & Q(currency=""),
                name="interest_rate_flat_sum_has_a_currency",
                violation_error_message=_("A flat sum, and nothing else, has a currency."),
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["reference", "legal"]) | HALF_YEAR,
                name="interest_rate_begins_a_half_year",
                violation_error_message=_("This rate counts from 1 January or 1 July."),
            ),
            models.CheckConstraint(
                condition=Q(kind="flat_sum", value__gte=0)
                | Q(kind="reference", value__gte=-20, value__lte=100)
                | Q(kind__in=["margin", "legal", "times"], value__gte=0, value__lte=100),
                name="interest_rate_is_plausible",
                violation_error_message=_("This value cannot be."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.country} {self.since}"


class InterestTerms(models.Model):
    """What a contract says about late interest from a day on: with one customer, or with all of the entity."""

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="interest_terms")
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="interest_terms"
    )
    since = models.DateField(_("from"))
    basis = models.CharField(_("interest"), max_length=8, choices=TermsBasis.choices)
    # Per cent a year, or points above the reference rate.
    value = models.DecimalField(_("per cent"), max_digits=7, decimal_places=4, null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    set_at = models.DateTimeField()

    class Meta:
        verbose_name = _("interest terms")
        verbose_name_plural = _("interest terms")
        ordering = ("-since",)
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "customer", "since"],
                nulls_distinct=False,
                name="interest_terms_once_per_day",
                violation_error_message=_("There are already terms from this day on."),
            ),
            models.CheckConstraint(
                condition=Q(basis__in=["law", "none"], value=None)
                | Q(basis__in=["rate", "margin"], value__isnull=False, value__gte=0, value__lte=100),
                name="interest_terms_value_fits_basis",
                violation_error_message=_("Give a rate or points from 0 to 100, and only where one is used."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entity_id}/{self.customer_id} {self.since} {self.basis}"


class InterestSettings(models.Model):
    """The habits of a legal entity with late interest."""

    entity = models.OneToOneField(LegalEntity, models.PROTECT, related_name="interest_settings")
    # Invoices due before it bear nothing: whoever starts to charge does not dig up the past.
    charge_from = models.DateField(_("charge invoices due from"), null=True, blank=True)
    in_letters = models.CharField(
        _("in reminders"), max_length=8, choices=InLetters.choices, default=InLetters.OFF
    )
    payment_days = models.PositiveSmallIntegerField(
        _("days to pay a debit note"),
        default=15,
        validators=[MinValueValidator(0), MaxValueValidator(120)],
    )
    minimum = models.DecimalField(
        _("no debit note below"), max_digits=14, decimal_places=2, default=Decimal("5.00")
    )

    class Meta:
        verbose_name = _("interest settings")
        verbose_name_plural = _("interest settings")
        constraints = [
            models.CheckConstraint(
                condition=Q(minimum__gte=ZERO),
                name="interest_minimum_not_negative",
                violation_error_message=_("The amount cannot be negative."),
            ),
            models.CheckConstraint(
                condition=Q(in_letters__in=InLetters.values), name="interest_in_letters_is_known"
            ),
            models.CheckConstraint(
                condition=Q(payment_days__lte=120),
                name="interest_payment_days_plausible",
                violation_error_message=_("Give 0 to 120 days."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entity_id}"
