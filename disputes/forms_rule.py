"""The form of a rule that chooses a route."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import LegalEntity
from disputes.choices import Via
from disputes.forms import AmountField
from disputes.models import Reason, Route, RouteRule
from disputes.services.route_rules import RouteRuleInput
from ledger.choices import Segment
from lib import formats

ANY = [("", _("any"))]


class RuleForm(forms.Form):
    """If ... then: every condition that is left open always holds."""

    reason = forms.ModelChoiceField(
        Reason.objects.none(), label=_("The reason is"), required=False, empty_label=_("any")
    )
    amount_from = AmountField(label=_("The amount is at least"), required=False)
    amount_to = AmountField(label=_("The amount is below"), required=False)
    currency = forms.CharField(label=_("Currency"), required=False, max_length=3, min_length=3)
    segment = forms.ChoiceField(
        label=_("The customer's segment is"), required=False, choices=[*ANY, *Segment.choices]
    )
    country = forms.CharField(
        label=_("The customer's country is"),
        required=False,
        max_length=2,
        min_length=2,
        help_text=_("Two letters, as ES or FR."),
    )
    via = forms.ChoiceField(label=_("It comes by"), required=False, choices=[*ANY, *Via.choices])
    route = forms.ModelChoiceField(
        Route.objects.none(), label=_("Then it takes the route"), empty_label=_("Choose a route")
    )
    active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, data: Any, *, entity: LegalEntity, rule: RouteRule | None) -> None:
        super().__init__(data, initial=self.read(rule) if rule else {"currency": entity.currency})
        self.entity = entity
        reasons = Reason.objects.filter(entity=entity, active=True)
        self.fields["reason"].queryset = reasons  # type: ignore[attr-defined]
        routes = Route.objects.filter(entity=entity, versions__current=True).order_by("code")
        self.fields["route"].queryset = routes  # type: ignore[attr-defined]

    def read(self, rule: RouteRule) -> dict[str, Any]:
        """The values of the fields."""
        names = ("reason", "currency", "segment", "country", "via", "route", "active")
        found: dict[str, Any] = {name: getattr(rule, name) for name in names}
        for name in ("amount_from", "amount_to"):
            value = getattr(rule, name)
            found[name] = "" if value is None else formats.number(value)
        return found

    def clean(self) -> dict[str, Any]:
        """Codes in capitals; a currency is only a condition beside an amount."""
        cleaned = super().clean() or {}
        for name in ("currency", "country"):
            cleaned[name] = (cleaned.get(name) or "").upper()
        amounts = [cleaned.get("amount_from"), cleaned.get("amount_to")]
        if all(amount is None for amount in amounts):
            cleaned["currency"] = ""
        elif not cleaned["currency"] and "currency" not in self.errors:
            self.add_error("currency", gettext("Say the currency of the amounts."))
        return cleaned

    def wanted(self) -> RouteRuleInput:
        """What `set_rule` takes."""
        return RouteRuleInput(**self.cleaned_data)

    def tried(self, rule: RouteRule | None) -> RouteRule:
        """The rule as it would be, not saved."""
        position = rule.position if rule else 0
        fields = {name: value for name, value in self.cleaned_data.items() if name != "active"}
        return RouteRule(
            pk=rule.pk if rule else None, entity=self.entity, position=position, active=True, **fields
        )
