"""The shapes of what people type about late interest."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from collections_app.choices_interest import InLetters, TermsBasis

MOST_BYTES = 2_000_000


def day_field(label: Any, *, required: bool = True, auto: str = "") -> forms.DateField:
    """A day, chosen in the browser's own calendar."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget)


def money_field(label: Any, *, required: bool = True, **more: Any) -> forms.DecimalField:
    """An amount, written as the reader's language does."""
    return forms.DecimalField(
        label=label,
        max_digits=14,
        decimal_places=2,
        min_value=Decimal(0),
        localize=True,
        required=required,
        **more,
    )


class ChosenForm(forms.Form):
    """Which invoices a claim or a waiver is about, to which day, and what the person saw of each."""

    currency = forms.RegexField(r"^[A-Z]{3}\Z")
    until = forms.DateField()
    invoice = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        given = [text for text in data.getlist("invoice") if text.isdecimal() and len(text) < 18]
        self.fields["invoice"].choices = [(text, text) for text in given]  # type: ignore[attr-defined]

    def seen(self) -> Decimal:
        """The sum of what the page showed for the chosen invoices."""
        total = Decimal("0.00")
        for pk in self.cleaned_data["invoice"]:
            text = self.data.get(f"seen-{pk}", "0")
            total += Decimal(text) if text.replace(".", "", 1).isdecimal() else Decimal(0)
        return total


class WaiveForm(forms.Form):
    """How much is given up, and why."""

    amount = money_field(
        _("Interest to waive"), required=False, help_text=_("Empty: all interest of the chosen invoices.")
    )
    fees = forms.BooleanField(label=_("The recovery costs too"), required=False, initial=True)
    reason = forms.CharField(label=_("Reason"), max_length=300)


class CancelForm(forms.Form):
    """Why a debit note is cancelled."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class RatesForm(forms.Form):
    """A file of interest rates."""

    upload = forms.FileField(label=_("File"), max_length=200)

    def clean_upload(self) -> Any:
        """Refuse what is no list of rates by its size alone."""
        upload = self.cleaned_data["upload"]
        if upload.size > MOST_BYTES:
            raise forms.ValidationError(_("This file is too large for a list of rates."), code="too_large")
        return upload


class TermsForm(forms.Form):
    """What a contract says about late interest."""

    since = day_field(_("From"))
    basis = forms.ChoiceField(label=_("Interest"), choices=TermsBasis.choices)
    value = forms.DecimalField(
        label=_("Per cent"),
        max_digits=7,
        decimal_places=4,
        min_value=Decimal(0),
        max_value=Decimal(100),
        localize=True,
        required=False,
        help_text=_("A year, or points above the reference rate."),
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        """A rate and points need their figure."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        needs = cleaned.get("basis") in (TermsBasis.RATE, TermsBasis.MARGIN)
        if needs and cleaned.get("value") is None and "value" not in self.errors:
            self.add_error("value", _("Say how many per cent."))
        return cleaned


class HabitsForm(forms.Form):
    """The habits of an entity with late interest."""

    charge_from = day_field(_("Charge invoices due from"), required=False)
    in_letters = forms.ChoiceField(label=_("Reminders say"), choices=InLetters.choices)
    payment_days = forms.IntegerField(label=_("Days to pay a debit note"), min_value=0, max_value=120)
    minimum = money_field(_("No debit note below"))


def default_until(on: date, known: date | None) -> date:
    """To which day a claim reaches when nobody says: today, or the last day whose rate is known."""
    return on if known is None else min(on, known)
