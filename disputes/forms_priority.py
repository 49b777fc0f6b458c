"""The form of the weights: how many points each part gives at most, and from where on it gives all of them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from disputes.forms import AmountField
from disputes.priority import Weights
from lib import formats


def points(label: Any) -> forms.IntegerField:
    """Points of a part."""
    return forms.IntegerField(label=label, min_value=0, max_value=100)


class WeightsForm(forms.Form):
    """The weights of a legal entity."""

    amount = points(_("Points for the amount"))
    full_amount = AmountField(label=_("All of them from this amount on"))
    age = points(_("Points for the age"))
    full_days = forms.IntegerField(label=_("All of them from so many days on"), min_value=1, max_value=3650)
    customer = points(_("Points for the customer"))
    full_balance = AmountField(
        label=_("All of them when the customer owes"),
        help_text=_(
            "A strategic customer always gets all of them, a key one three quarters, a risky one half."
        ),
    )
    deadline = points(_("Points for the deadline"))
    near_hours = forms.IntegerField(
        label=_("They grow from so many hours before it"), min_value=1, max_value=2000
    )

    def __init__(self, data: Any, *, weights: Weights) -> None:
        shown = asdict(weights)
        for name in ("full_amount", "full_balance"):
            shown[name] = formats.number(shown[name])
        super().__init__(data, initial=shown)

    @property
    def pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Each part: its points, and where it gives all of them."""
        names = (
            ("amount", "full_amount"), ("age", "full_days"), ("customer", "full_balance"), ("deadline", "near_hours"),
        )  # fmt: skip
        return [(self[first], self[second]) for first, second in names]

    def wanted(self) -> Weights:
        """The weights as they are typed."""
        return Weights(**self.cleaned_data)
