"""The form of one row of the code table."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import LegalEntity
from disputes.choices import CodeKind, Effect, Standard
from disputes.models import Reason
from disputes.services import CodeInput


class CodeForm(forms.Form):
    """What a code of another system means here."""

    standard = forms.ChoiceField(label=_("Standard"), choices=Standard.choices)
    kind = forms.ChoiceField(label=_("The code is"), choices=CodeKind.choices, initial=CodeKind.REASON)
    code = forms.CharField(
        label=_("Code"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    reason = forms.ModelChoiceField(
        Reason.objects.none(),
        label=_("Our reason"),
        required=False,
        empty_label=_("Still to classify"),
        help_text=_("Only for a reason code."),
    )
    effect = forms.ChoiceField(
        label=_("Effect"),
        choices=Effect.choices,
        initial=Effect.OPEN,
        help_text=_("A reason code counts as a reason (opens) or is none (nothing)."),
    )
    active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, data: Any, *, entity: LegalEntity, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        rows = Reason.objects.filter(entity=entity, active=True)
        self.fields["reason"].queryset = rows  # type: ignore[attr-defined]

    def wanted(self) -> CodeInput:
        """What `set_code` takes."""
        return CodeInput(**self.cleaned_data)
