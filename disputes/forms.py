"""The forms of the pages: shape in, plain values out. Rules stay in the services."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.models import Department, User
from disputes.choices import DECIDED, Demand, Resolution, Verdict
from disputes.errors import FieldErrors
from disputes.models import Dispute, DisputeLine, Reason
from disputes.services import Wrong, read_amount
from lib import formats

TYPED = {"inputmode": "decimal", "autocomplete": "off"}


class AmountField(forms.CharField):
    """An amount as people type it in any of the three languages."""

    def __init__(self, *, quiet: bool = False, **kwargs: Any) -> None:
        self.quiet = quiet  # The label does not say that it may be left out.
        kwargs.setdefault("widget", forms.TextInput(attrs=TYPED))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Decimal | None:
        """The Decimal, or None when it may be left out."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return read_amount(text)
        except Wrong as wrong:
            raise forms.ValidationError(str(wrong)) from None


def people_of(entity_id: int, action: str) -> QuerySet[User]:
    """Active people whose role in the entity allows the action, by name."""
    return people_in([entity_id], action)


def people_in(entities: Iterable[int], action: str) -> QuerySet[User]:
    """Active people whose role in one of the entities allows the action, by name."""
    roles = [role.value for role in policy.ACTIONS[action]]
    found = User.objects.filter(is_active=True, memberships__entity__in=entities, memberships__role__in=roles)
    return found.distinct().order_by("name", "pk")


class MoveForm(forms.Form):
    """What a move demands, and a note."""

    after = ""
    move = ""

    def __init__(self, data: Any, *, dispute: Dispute, demands: Iterable[str]) -> None:
        # A move without demands posts only its token: that is a filled form too.
        super().__init__(data)
        for name in demands:
            self.fields[name] = self._field(Demand(name), dispute)
        self.fields.setdefault(Demand.NOTE, _note(required=False))

    @staticmethod
    def _field(demand: Demand, dispute: Dispute) -> forms.Field:
        if demand == Demand.CREDIT_AMOUNT:
            return AmountField(label=demand.label, initial=formats.number(dispute.amount))
        if demand in (Demand.REASON, Demand.ROOT_CAUSE):
            return forms.ChoiceField(label=demand.label, choices=reason_choices(dispute.entity_id))
        if demand == Demand.PROMISED_ON:
            return forms.DateField(label=demand.label, widget=forms.DateInput(attrs={"type": "date"}))
        if demand == Demand.NOTE:
            return _note(required=True)
        return forms.CharField(label=demand.label, max_length=80)


def _note(*, required: bool) -> forms.CharField:
    return forms.CharField(
        label=_("Note"), required=required, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )


def reason_choices(entity_id: int) -> list[tuple[str, str]]:
    """The active reasons of the entity, as code and words."""
    return [(reason.code, reason.label) for reason in Reason.objects.filter(entity=entity_id, active=True)]


class AssignForm(forms.Form):
    """Who gets the dispute."""

    user = forms.ModelChoiceField(
        User.objects.none(), label=_("Person"), required=False, empty_label=_("Nobody in particular")
    )
    department = forms.ModelChoiceField(
        Department.objects.none(), label=_("Department"), required=False, empty_label=_("None")
    )
    coordinator = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Coordinator"),
        required=False,
        empty_label=_("Stays as it is"),
        help_text=_("Who answers for the dispute."),
    )

    def __init__(self, data: Any, *, dispute: Dispute) -> None:
        super().__init__(data)
        people = people_of(dispute.entity_id, "dispute.move")
        self.fields["user"].queryset = people  # type: ignore[attr-defined]
        self.fields["coordinator"].queryset = people  # type: ignore[attr-defined]
        self.fields["department"].queryset = Department.objects.filter(entity=dispute.entity_id)  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Another stated reason."""

    reason = forms.ModelChoiceField(
        Reason.objects.none(),
        label=_("Reason"),
        empty_label=None,
        help_text=_("With another reason the dispute starts on the route of that reason."),
    )

    def __init__(self, data: Any, *, dispute: Dispute) -> None:
        super().__init__(data, initial={"reason": dispute.reason_id})
        self.fields["reason"].queryset = Reason.objects.filter(entity=dispute.entity_id, active=True)  # type: ignore[attr-defined]


class CloseForm(forms.Form):
    """The outcome."""

    # A slot below shows what happens next, by the fields of these names.
    after = "resolution,credit_amount,waits,told"

    verdict = forms.ChoiceField(
        label=_("Was the customer right?"), choices=Verdict.choices, widget=forms.RadioSelect
    )
    resolution = forms.ChoiceField(label=_("What is done about it"), choices=DECIDED)
    credit_amount = AmountField(
        label=_("Amount credited or written off"),
        required=False,
        help_text=_("The whole disputed amount when left empty."),
    )
    note = _note(required=False)

    def __init__(self, data: Any, *, dispute: Dispute) -> None:
        super().__init__(data, initial={"verdict": Verdict.JUSTIFIED, "resolution": Resolution.CREDIT})
        self.fields["credit_amount"].widget.attrs["placeholder"] = formats.number(dispute.amount)


class ReopenForm(forms.Form):
    """Why the dispute is taken up again."""

    note = _note(required=True)


class LinesForm(forms.Form):
    """How much of each invoice is disputed; an empty or zero amount takes the line out."""

    def __init__(self, data: Any, *, dispute: Dispute) -> None:
        super().__init__(data)
        live = dispute.lines.filter(closed_on=None).select_related("invoice", "invoice_line")
        self.lines: dict[str, DisputeLine] = {f"line-{line.pk}": line for line in live}
        for name, line in self.lines.items():
            text = line.invoice_line.description[:60] if line.invoice_line else ""
            label = " · ".join(filter(None, [line.invoice.number, text]))
            self.fields[name] = AmountField(
                label=label,
                initial=formats.number(line.amount),
                required=False,
                quiet=True,
                help_text=_("How much of this is disputed; empty: nothing any more."),
            )

    def wanted(self) -> list[tuple[DisputeLine, Decimal]]:
        """The lines that stay, with their amounts."""
        kept = [(line, self.cleaned_data.get(name)) for name, line in self.lines.items()]
        return [(line, amount) for line, amount in kept if amount]

    def own_errors(self, wrong: FieldErrors) -> FieldErrors:
        """The service's errors (`lines.<n>.amount`) under the names of these fields."""
        stay = [name for name, line in self.lines.items() if self.cleaned_data.get(name)]
        renamed = {}
        for path, sentence in wrong.fields.items():
            place = path.split(".")[1] if path.startswith("lines.") else ""
            renamed[stay[int(place)] if place.isdigit() and int(place) < len(stay) else path] = sentence
        return FieldErrors(renamed)
