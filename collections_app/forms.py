"""The shapes of what people type in the collections room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from collections_app.choices import PromiseSource
from collections_app.models import PromiseRules
from collections_app.models.limits import LONGEST_GRACE
from collections_app.services.limits import ROLES, Limit
from ledger.models import Contact, Customer, Invoice
from lib import formats


def day_field(label: Any, **more: Any) -> forms.DateField:
    """A day, chosen in the browser's calendar."""
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more
    )


class InvoicesChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Invoices by number, with what is open and when it was due."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            label=_("Invoices"),
            queryset=Invoice.objects.none(),
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("Choose at least one invoice.")},
            **more,
        )

    def label_from_instance(self, obj: Any) -> str:
        """`F-1001 · 1 210,00 € · 3 Mar 2026`."""
        left = formats.money(obj.amount - obj.allocated, obj.currency)
        return f"{obj.number} · {left} · {formats.day(obj.due_on)}"


class SaidForm(forms.Form):
    """How a customer's word came, and who said it."""

    source = forms.ChoiceField(label=_("How"), choices=PromiseSource.choices, required=False)
    contact = forms.ModelChoiceField(
        label=_("Who said it"),
        queryset=Contact.objects.none(),
        required=False,
        empty_label=_("Somebody else"),
    )
    said_by = forms.CharField(label=_("Name, for somebody else"), max_length=150, required=False)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].quiet = True  # type: ignore[attr-defined]

    def clean_source(self) -> str:
        """By phone where nothing else is said."""
        return str(self.cleaned_data.get("source") or PromiseSource.PHONE)

    def offer(self, customer: Customer, invoices: QuerySet[Invoice]) -> None:
        """What may be chosen: this customer's contacts and open invoices."""
        fields: Mapping[str, Any] = self.fields
        fields["contact"].queryset = customer.contacts.all()
        if "invoice" in fields:
            fields["invoice"].queryset = invoices


class PromiseForm(SaidForm):
    """A customer's promise to pay one or several invoices."""

    field_order = ("invoice", "amount", "promised_on", "source", "contact", "said_by", "note")
    invoice = InvoicesChoice()
    amount = forms.DecimalField(
        label=_("Promised amount"),
        max_digits=14,
        decimal_places=2,
        localize=True,
        required=False,
        help_text=_("Empty: all that is open and not in dispute. Less is placed on the oldest first."),
    )
    promised_on = day_field(_("By"))


class HoldForm(forms.Form):
    """A stop of the reminders."""

    reason = forms.CharField(label=_("Reason"), max_length=300)
    until = day_field(_("Until"), required=False)


class ReasonForm(forms.Form):
    """Why something no longer holds."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class RulesForm(forms.Form):
    """The rules of promises of a legal entity, with the limits of each role."""

    grace_days = forms.IntegerField(
        label=_("Days of grace"),
        min_value=0,
        max_value=LONGEST_GRACE,
        help_text=_("A promise or an instalment is broken so many days after its day."),
    )
    whole_comes_back = forms.BooleanField(
        label=_("A missed instalment ends the agreement: the whole is asked for again"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for role in ROLES:
            self.fields[f"{role.value}_days"] = forms.IntegerField(
                label=_("%(role)s: days at most") % {"role": role.label},
                min_value=0,
                max_value=365,
                required=False,
            )
            self.fields[f"{role.value}_amount"] = forms.DecimalField(
                label=_("%(role)s: amount at most") % {"role": role.label},
                min_value=0,
                max_digits=14,
                decimal_places=2,
                required=False,
            )

    @staticmethod
    def values_of(rules: PromiseRules, limits: Mapping[str, Limit]) -> dict[str, Any]:
        """What the form starts with."""
        kept: dict[str, Any] = {"grace_days": rules.grace_days, "whole_comes_back": rules.whole_comes_back}
        for role, limit in limits.items():
            kept |= {f"{role}_days": limit.days, f"{role}_amount": limit.amount}
        return kept

    @property
    def limits(self) -> dict[str, Limit]:
        """What was typed for each role."""
        data = self.cleaned_data
        return {role.value: Limit(data[f"{role.value}_days"], data[f"{role.value}_amount"]) for role in ROLES}
