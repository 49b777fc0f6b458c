"""The shapes of what people type in the collections room."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.models import Invoice
from lib import formats


class InvoiceChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Invoices by number, with what is open."""

    def label_from_instance(self, obj: Any) -> str:
        """`F-1001 · 1 210,00 €`."""
        return f"{obj.number} · {formats.money(obj.amount - obj.allocated, obj.currency)}"


class PromiseForm(forms.Form):
    """A customer's promise to pay."""

    invoice = InvoiceChoice(label=_("Invoice"), queryset=Invoice.objects.none(), empty_label=None)
    amount = forms.DecimalField(label=_("Promised amount"), max_digits=14, decimal_places=2, localize=True)
    promised_on = forms.DateField(
        label=_("By"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class HoldForm(forms.Form):
    """A stop of the reminders."""

    reason = forms.CharField(label=_("Reason"), max_length=300)
    until = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
