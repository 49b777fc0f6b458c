"""The forms of merging, splitting, the root cause and mass disputes. Rules stay in the services."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from disputes import selectors
from disputes.choices import DECIDED, Resolution, Verdict
from disputes.forms import AmountField
from disputes.models import Dispute, DisputeLine, Reason
from disputes.services import Part
from lib import formats


class DisputeChoice(forms.ModelChoiceField[Dispute]):
    """A dispute by its reference, reason, invoices and amount."""

    def label_from_instance(self, obj: Any) -> str:
        """What a person recognises it by."""
        numbers = ", ".join(sorted({line.invoice.number for line in obj.lines.all()})[:2])
        return " · ".join([obj.ref, obj.reason.label, numbers, formats.money(obj.amount, obj.currency)])


def mergeable(user: User, dispute: Dispute) -> QuerySet[Dispute]:
    """The open disputes of the customer in the same currency, the newest first."""
    rows = selectors.disputes_for(user).filter(
        customer=dispute.customer_id, currency=dispute.currency, closed_at=None
    )
    rows = rows.exclude(pk=dispute.pk).select_related("reason").prefetch_related("lines__invoice")
    return rows.order_by("-pk")


class MergeForm(forms.Form):
    """The other dispute, which is closed as a duplicate."""

    other = DisputeChoice(
        Dispute.objects.none(),
        label=_("Merge into this dispute"),
        empty_label=None,
        help_text=_("Its invoices and people come here; it is closed as a duplicate."),
    )

    def __init__(self, data: Any, *, user: User, dispute: Dispute, other: str = "") -> None:
        super().__init__(data, initial={"other": other})
        self.fields["other"].queryset = mergeable(user, dispute)  # type: ignore[attr-defined]


class CauseForm(forms.Form):
    """What we find the cause to be."""

    cause = forms.ModelChoiceField(
        Reason.objects.none(), label=_("Root cause"), required=False, empty_label=_("Not known yet")
    )

    def __init__(self, data: Any, *, dispute: Dispute) -> None:
        super().__init__(data, initial={"cause": dispute.root_cause_id})
        self.fields["cause"].queryset = Reason.objects.filter(entity=dispute.entity_id, active=True)  # type: ignore[attr-defined]


class SplitForm(forms.Form):
    """How much of each line becomes a dispute of its own; an empty or zero amount leaves the line here."""

    reason = forms.ModelChoiceField(
        Reason.objects.none(), label=_("Reason of the new dispute"), empty_label=None
    )

    def __init__(self, data: Any, *, dispute: Dispute) -> None:
        super().__init__(data, initial={"reason": dispute.reason_id})
        self.fields["reason"].queryset = Reason.objects.filter(entity=dispute.entity_id, active=True)  # type: ignore[attr-defined]
        live = dispute.lines.filter(closed_on=None).select_related("invoice", "invoice_line")
        self.lines: dict[str, DisputeLine] = {f"line-{line.pk}": line for line in live}
        for name, line in self.lines.items():
            text = line.invoice_line.description[:60] if line.invoice_line else ""
            self.fields[name] = AmountField(
                label=" · ".join(filter(None, [line.invoice.number, text])),
                required=False,
                quiet=True,
                help_text=_("How much of %(amount)s goes into the new dispute; empty: nothing.")
                % {"amount": formats.money(line.amount, dispute.currency)},
            )

    def parts(self) -> list[Part]:
        """What is taken out."""
        given = [(line, self.cleaned_data.get(name)) for name, line in self.lines.items()]
        return [Part(line.pk, amount) for line, amount in given if amount]

    def field_of(self, path: str) -> str | None:
        """Which field a sentence of the service belongs to (`lines.<n>.amount`)."""
        taken = [name for name in self.lines if self.cleaned_data.get(name)]
        place = path.split(".")[1] if path.startswith("lines.") else ""
        if place.isdigit() and int(place) < len(taken):
            return taken[int(place)]
        return path if path in self.fields else None


class DecisionForm(forms.Form):
    """One decision for all children of a mass dispute."""

    verdict = forms.ChoiceField(
        label=_("Was the customer right?"), choices=Verdict.choices, widget=forms.RadioSelect
    )
    resolution = forms.ChoiceField(label=_("What is done about it"), choices=DECIDED)
    percent = AmountField(
        label=_("Share credited or written off (%)"),
        required=False,
        help_text=_("Of what each dispute is about; all of it when left empty."),
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data, initial={"verdict": Verdict.JUSTIFIED, "resolution": Resolution.CREDIT})

    def given(self) -> dict[str, Any]:
        """What `decide_mass` takes."""
        return {**self.cleaned_data, "percent": self.cleaned_data["percent"] or Decimal(100)}


class MassForm(forms.Form):
    """A new mass dispute."""

    title = forms.CharField(label=_("What it is about"), max_length=200)
    cause = forms.ModelChoiceField(
        Reason.objects.none(), label=_("Root cause"), required=False, empty_label=_("Not known yet")
    )

    def __init__(self, data: Any, *, entity_id: int | None, title: str = "") -> None:
        super().__init__(data, initial={"title": title})
        self.fields["cause"].queryset = Reason.objects.filter(entity=entity_id, active=True)  # type: ignore[attr-defined]
