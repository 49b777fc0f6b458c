"""What an entity lets pass when a customer pays less: the form of the page and the shape of the API read it."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import services
from accounts.models import LegalEntity, User
from ledger.bank.cash import rules_of

PART = "cash"


class LimitsForm(forms.Form):
    """Cash discount, bank fees and small differences that may be let off."""

    discount_percent = forms.DecimalField(
        label=_("Cash discount, percent"), min_value=Decimal(0), max_value=Decimal(20), decimal_places=2
    )
    discount_days = forms.IntegerField(
        label=_("Days after issue for the discount"), min_value=0, max_value=120
    )
    fee = forms.DecimalField(
        label=_("Bank fees up to"),
        help_text=_("Also never more than 5 % of what was asked for, unless the bank tells its charges."),
        min_value=Decimal(0),
        max_value=Decimal(1000),
        decimal_places=2,
    )
    small = forms.DecimalField(
        label=_("Small differences up to"), min_value=Decimal(0), max_value=Decimal(100), decimal_places=2
    )


def limits_of(entity: LegalEntity) -> dict[str, Any]:
    """The limits that hold now."""
    rules = rules_of(entity)
    return {name: getattr(rules, name) for name in LimitsForm.base_fields}


def set_limits(*, entity: LegalEntity, values: dict[str, Any], by: User, at: datetime) -> LegalEntity:
    """Keep the limits in the entity's settings."""
    kept = {name: str(values[name]) for name in LimitsForm.base_fields}
    return services.change_settings(entity=entity, part=PART, values=kept, by=by, at=at)
