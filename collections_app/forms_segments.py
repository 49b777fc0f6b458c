"""The shapes of what people type about segments: a rule as a sentence, a segment set by hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collections_app.choices_segments import NUMBERS, RuleOp, SegmentFact
from collections_app.errors import SegmentError
from collections_app.segmenting.conditions import Condition
from collections_app.segmenting.words import DAYS, MONEY, SHARES
from collections_app.services.pins import LONGEST
from collections_app.services.segments import RuleInput
from ledger.choices import Segment

# Rows of figures at least, and empty ones after those that are filled.
ROWS, SPARE = 3, 1
LISTED_OPS = [(RuleOp.ONE_OF, RuleOp.ONE_OF.label), (RuleOp.NONE_OF, RuleOp.NONE_OF.label)]
NUMBER_OPS = [(RuleOp.AT_LEAST, RuleOp.AT_LEAST.label), (RuleOp.AT_MOST, RuleOp.AT_MOST.label)]
CODES = (SegmentFact.COUNTRY, SegmentFact.CURRENCY)


def unit(fact: SegmentFact) -> str:
    """In what a figure is given: `Typical delay (days)`."""
    if fact in MONEY:
        return str(fact.label)
    words = _("months") if fact == SegmentFact.RELATION else _("number")
    words = _("days") if fact in DAYS else "%" if fact in SHARES else words
    return f"{fact.label} ({words})"


class RuleForm(forms.Form):
    """If ... and ..., then a segment. What is left empty is no condition."""

    declared = forms.MultipleChoiceField(
        label=gettext_lazy("The declared segment is"),
        choices=Segment.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    segment = forms.ChoiceField(label=gettext_lazy("Then the customer is"), required=False)

    def __init__(self, data: Any = None, *, rule: RuleInput | None = None, rows: int = ROWS) -> None:
        numbers = [one for one in rule.conditions if one.value is not None] if rule else []
        self.rows = min(max(rows, len(numbers) + SPARE), 10)
        super().__init__(data, initial=initial_of(rule, numbers) if rule else {})
        chosen = [*Segment.choices, ("", _("in the declared segment (the rules below do not count)"))]
        self.fields["segment"] = forms.ChoiceField(
            label=gettext_lazy("Then the customer is"), choices=chosen, required=False
        )
        for fact in CODES:
            self.fields[f"{fact.value}_op"] = forms.ChoiceField(
                label=fact.label, choices=LISTED_OPS, required=False
            )
            self.fields[fact.value] = forms.CharField(label=fact.label, required=False, max_length=200)
        facts = [("", "—"), *((fact.value, unit(fact)) for fact in NUMBERS)]
        for n in range(self.rows):
            self.fields[f"fact_{n}"] = forms.ChoiceField(label=_("Figure"), choices=facts, required=False)
            self.fields[f"op_{n}"] = forms.ChoiceField(
                label=_("How it is compared"), choices=NUMBER_OPS, required=False
            )
            self.fields[f"value_{n}"] = forms.DecimalField(
                label=_("Value"), required=False, localize=True, max_digits=14, decimal_places=2
            )

    @property
    def figures(self) -> list[list[forms.BoundField]]:
        """The rows of figures: what, how, how much."""
        return [[self[f"{part}_{n}"] for part in ("fact", "op", "value")] for n in range(self.rows)]

    @property
    def codes(self) -> list[list[forms.BoundField]]:
        """The rows of codes: how, which."""
        return [[self[f"{fact.value}_op"], self[fact.value]] for fact in CODES]

    def clean(self) -> dict[str, Any]:
        """Every condition can be, and there is at least one."""
        cleaned = super().clean() or {}
        try:
            cleaned["conditions"] = self._conditions(cleaned)
        except SegmentError as error:
            raise forms.ValidationError(str(error)) from error
        if not cleaned["conditions"] and not self.errors:
            raise forms.ValidationError(_("A rule needs at least one condition."))
        return cleaned

    def _conditions(self, cleaned: dict[str, Any]) -> list[Condition]:
        rows: list[dict[str, Any]] = []
        if cleaned.get("declared"):
            rows.append({"fact": "declared", "op": "one_of", "values": cleaned["declared"]})
        for fact in CODES:
            codes = (cleaned.get(fact.value) or "").replace(",", " ").upper().split()
            if codes:
                op = cleaned.get(f"{fact.value}_op") or RuleOp.ONE_OF
                rows.append({"fact": fact.value, "op": op, "values": codes})
        for n in range(self.rows):
            if cleaned.get(f"fact_{n}"):
                op = cleaned.get(f"op_{n}") or RuleOp.AT_LEAST
                rows.append({"fact": cleaned[f"fact_{n}"], "op": op, "value": cleaned.get(f"value_{n}")})
        return [Condition.read(row) for row in rows]

    @property
    def rule(self) -> RuleInput:
        """The rule, once valid."""
        return RuleInput(self.cleaned_data["segment"], self.cleaned_data["conditions"])


def initial_of(rule: RuleInput, numbers: list[Condition]) -> dict[str, Any]:
    """The values of a rule's form."""
    found: dict[str, Any] = {"segment": rule.segment}
    for one in rule.conditions:
        if one.fact == SegmentFact.DECLARED:
            inside = set(one.values)
            negated = one.op == RuleOp.NONE_OF
            found["declared"] = [code for code in Segment.values if (code in inside) != negated]
        elif one.values:
            found |= {one.fact.value: " ".join(one.values), f"{one.fact.value}_op": one.op.value}
    for n, one in enumerate(numbers):
        found |= {f"fact_{n}": one.fact.value, f"op_{n}": one.op.value, f"value_{n}": one.value}
    return found


class PinForm(forms.Form):
    """A person keeps a customer in a segment."""

    segment = forms.ChoiceField(label=gettext_lazy("Segment"), choices=Segment.choices)
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=LONGEST)
