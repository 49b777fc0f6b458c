"""Which route a new dispute takes: rules in order, the first that fits decides."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import LegalEntity
from disputes.choices import Via
from disputes.models.route import Reason, Route
from ledger.choices import Segment


class RouteRule(models.Model):
    """When all of its conditions hold, disputes take this route. An empty condition always holds."""

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="route_rules")
    position = models.PositiveSmallIntegerField(_("position"))
    reason = models.ForeignKey(
        Reason, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reason")
    )
    amount_from = models.DecimalField(
        _("from this amount"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    amount_to = models.DecimalField(
        _("below this amount"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    segment = models.CharField(_("segment"), max_length=20, blank=True, choices=Segment.choices)
    country = models.CharField(_("country of the customer"), max_length=2, blank=True)
    via = models.CharField(_("source"), max_length=20, blank=True, choices=Via.choices)
    route = models.ForeignKey(Route, models.PROTECT, related_name="rules", verbose_name=_("route"))
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("rule of routes")
        ordering = ("entity", "position", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_from=None) | Q(amount_from__gte=0),
                name="route_rule_amount_not_negative",
                violation_error_message=_("The amount cannot be negative."),
            ),
            models.CheckConstraint(
                condition=Q(amount_to=None) | Q(amount_from=None) | Q(amount_to__gt=F("amount_from")),
                name="route_rule_amounts_in_order",
                violation_error_message=_("The upper amount must be more than the lower one."),
            ),
            models.CheckConstraint(
                condition=Q(amount_from=None, amount_to=None) | ~Q(currency=""),
                name="route_rule_amount_has_a_currency",
                violation_error_message=_("Say the currency of the amounts."),
            ),
        ]
        indexes = [
            # Asked at every opening.
            models.Index(fields=["entity", "position"], condition=Q(active=True), name="route_rule_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.entity_id}#{self.position}"
