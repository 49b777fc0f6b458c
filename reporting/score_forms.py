"""The forms of scores: what a person wants, how a legal entity counts, and a new goal."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, LegalEntity
from disputes.services import Wrong, read_amount
from reporting.choices import GoalKind, ScoreMode
from reporting.models import ScoreWishes


class WishesForm(forms.Form):
    """To be counted, and to be seen."""

    on = forms.BooleanField(label=_("Count my answers"), required=False)
    shared = forms.BooleanField(
        label=_("Colleagues may see my points"),
        required=False,
        help_text=_("By name, without places. Nobody sees them otherwise, not even your manager."),
    )

    def __init__(self, data: Any, *, wishes: ScoreWishes) -> None:
        super().__init__(data, initial={"on": wishes.on, "shared": wishes.shared}, auto_id="wish_%s")


class RulesForm(forms.Form):
    """How far a legal entity counts answers."""

    mode = forms.ChoiceField(label=_("What is counted"), choices=ScoreMode.choices, widget=forms.RadioSelect)

    def __init__(self, data: Any, *, mode: str) -> None:
        super().__init__(data, initial={"mode": mode}, auto_id="rule_%s")


class GoalForm(forms.Form):
    """A goal of a team."""

    kind = forms.ChoiceField(label=_("Goal"), choices=GoalKind.choices)
    target = forms.CharField(
        label=_("To reach"), max_length=20, widget=forms.TextInput({"inputmode": "decimal"})
    )
    department = forms.ModelChoiceField(
        label=_("Team"), queryset=Department.objects.none(), required=False, empty_label=_("Everybody")
    )
    first_day = forms.DateField(label=_("From"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    last_day = forms.DateField(label=_("Until"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, data: Any, *, entity: LegalEntity, first: date, last: date) -> None:
        super().__init__(data, initial={"first_day": first, "last_day": last}, auto_id="goal_%s")
        field = self.fields["department"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Department.objects.filter(entity=entity).order_by("name")

    def clean_target(self) -> Decimal:
        """The number as people write it in their language."""
        try:
            return Decimal(read_amount(self.cleaned_data["target"]))
        except Wrong as wrong:
            raise ValidationError(str(wrong)) from None
