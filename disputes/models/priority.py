"""What makes a dispute urgent in a legal entity, as data."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import LegalEntity

UP_TO_100 = [MaxValueValidator(100)]
SOME = [MinValueValidator(1)]
MORE_THAN_NOTHING = [MinValueValidator(Decimal("0.01"))]


class PriorityWeights(models.Model):
    """How many points each part gives at most, and where it gives all of them; together at most 100."""

    entity = models.OneToOneField(LegalEntity, models.PROTECT, related_name="priority_weights")
    amount = models.PositiveSmallIntegerField(_("points for the amount"), default=35, validators=UP_TO_100)
    age = models.PositiveSmallIntegerField(_("points for the age"), default=20, validators=UP_TO_100)
    customer = models.PositiveSmallIntegerField(
        _("points for the customer"), default=15, validators=UP_TO_100
    )
    deadline = models.PositiveSmallIntegerField(
        _("points for the deadline"), default=30, validators=UP_TO_100
    )
    full_amount = models.DecimalField(
        _("all points from this amount on"),
        max_digits=14,
        decimal_places=2,
        default=Decimal(20000),
        validators=MORE_THAN_NOTHING,
    )
    full_days = models.PositiveSmallIntegerField(
        _("all points from this age on (days)"), default=60, validators=SOME
    )
    full_balance = models.DecimalField(
        _("all points from this balance of the customer on"),
        max_digits=14,
        decimal_places=2,
        default=Decimal(100000),
        validators=MORE_THAN_NOTHING,
    )
    near_hours = models.PositiveSmallIntegerField(
        _("a deadline counts from so many hours before"), default=72, validators=SOME
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__lte=100 - F("age") - F("customer") - F("deadline")),
                name="priority_at_most_100",
                violation_error_message=_("The points must add up to at most 100."),
            ),
            models.CheckConstraint(
                condition=Q(full_amount__gt=0, full_days__gt=0, full_balance__gt=0, near_hours__gt=0),
                name="priority_full_is_something",
                violation_error_message=_("All points must be reached somewhere above zero."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entity_id}: {self.amount}/{self.age}/{self.customer}/{self.deadline}"
