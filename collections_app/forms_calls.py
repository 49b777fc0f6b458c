"""The shapes of what people type about calls."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.policy import ACTIONS
from collections_app.choices import CallOutcome, CallReason
from collections_app.forms import InvoicesChoice, day_field
from ledger.models import Contact, Customer


class ResultForm(forms.Form):
    """What came of a call. Which button was pressed says the outcome; what that one needs is checked by its rule."""

    outcome = forms.ChoiceField(choices=CallOutcome.choices)
    contact = forms.ModelChoiceField(queryset=Contact.objects.none(), required=False)
    call = forms.IntegerField(required=False)
    reason = forms.ChoiceField(choices=CallReason.choices, required=False)
    notes = forms.CharField(label=_("Notes"), required=False, max_length=4000)
    seconds = forms.IntegerField(required=False, min_value=0)
    invoice = InvoicesChoice()
    amount = forms.DecimalField(max_digits=14, decimal_places=2, localize=True, required=False)
    promised_on = forms.DateField(required=False)
    back_on = forms.DateField(required=False)
    back_at = forms.TimeField(required=False)
    name = forms.CharField(max_length=150, required=False)
    phone = forms.CharField(max_length=40, required=False)
    email = forms.EmailField(required=False)

    def __init__(self, *args: Any, customer: Customer, invoices: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["contact"].queryset = customer.contacts.all()
        fields["invoice"].queryset = invoices
        fields["invoice"].required = False
        self.zone = ZoneInfo(customer.entity.time_zone)

    @property
    def call_back_at(self) -> datetime | None:
        """The moment to call back, on the entity's clock."""
        day, clock = self.cleaned_data.get("back_on"), self.cleaned_data.get("back_at")
        return datetime.combine(day, clock, self.zone) if day and clock else None


class PlanCallForm(forms.Form):
    """A call to be made."""

    reason = forms.ChoiceField(label=_("Why"), choices=CallReason.choices)
    due_on = day_field(_("Day"))
    contact = forms.ModelChoiceField(
        label=_("With"),
        queryset=Contact.objects.none(),
        required=False,
        empty_label=_("Whoever looks after it"),
    )
    assigned_to = forms.ModelChoiceField(
        label=_("Who calls"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Whoever collects there"),
    )
    about = forms.CharField(label=_("About"), max_length=300, required=False)

    def offer(self, customer: Customer) -> None:
        """What may be chosen: this customer's contacts, and whoever makes calls in their legal entity."""
        fields: Any = self.fields
        fields["contact"].queryset = customer.contacts.all()
        fields["assigned_to"].queryset = callers(customer)


class CollectorForm(forms.Form):
    """Whose portfolio a customer is in."""

    collector = forms.ModelChoiceField(
        label=_("Collector"), queryset=User.objects.none(), required=False, empty_label=_("The team")
    )

    def offer(self, customer: Customer) -> None:
        """Whoever makes calls in the customer's legal entity."""
        fields: Any = self.fields
        fields["collector"].queryset = callers(customer)


def callers(customer: Customer) -> Any:
    """Who makes calls in the customer's legal entity."""
    roles = ACTIONS["call.make"]
    mine = User.objects.filter(memberships__entity=customer.entity_id, memberships__role__in=roles)
    return User.objects.filter(pk__in=mine.values("pk"), is_active=True).order_by("name")
