"""The forms of targets and of what time and money cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from disputes.services import Wrong, read_amount
from reporting.choices import Measure

DECIMALS = {"inputmode": "decimal"}


class Numbers(forms.Form):
    """Numbers as people write them in their language."""

    numbers: tuple[str, ...] = ()
    from_on = forms.DateField(label=_("From"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def clean(self) -> dict[str, Any]:
        """Each number read, or the sentence that says what is wrong with it."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        for name in self.numbers:
            if name in found:
                try:
                    found[name] = Decimal(read_amount(found[name]))
                except Wrong as wrong:
                    self.add_error(name, ValidationError(str(wrong)))
        return found


class TargetForm(Numbers):
    """What a figure should be from a day on."""

    numbers = ("value",)
    measure = forms.ChoiceField(label=_("Figure"), choices=Measure.choices)
    value = forms.CharField(label=_("Target"), max_length=20, widget=forms.TextInput(DECIMALS))
    field_order = ("measure", "value", "from_on")


class CostRatesForm(Numbers):
    """What time and money cost from a day on."""

    numbers = ("financing", "hour")
    financing = forms.CharField(
        label=_("Financing, per cent a year"), max_length=20, widget=forms.TextInput(DECIMALS)
    )
    hour = forms.CharField(label=_("An hour of work"), max_length=20, widget=forms.TextInput(DECIMALS))
    minutes = forms.IntegerField(
        label=_("Minutes of work per act"),
        min_value=0,
        max_value=480,
        initial=5,
        help_text=_(
            "An act is anything one of us does in a dispute: a move, a message, an answer, an amount changed."
        ),
    )
    field_order = ("financing", "hour", "minutes", "from_on")
