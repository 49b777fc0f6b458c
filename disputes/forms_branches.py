"""Forms about branches: what came out of one, and who gets one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from disputes.forms import people_of
from disputes.models import Dispute


class FinishForm(forms.Form):
    """What came out of a branch."""

    result = forms.CharField(label=_("What came out?"), max_length=200)
    note = forms.CharField(
        label=_("Note"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )


class GiveForm(forms.Form):
    """Who gets a branch."""

    user = forms.ModelChoiceField(
        User.objects.none(), label=_("Person"), required=False, empty_label=_("Nobody in particular")
    )
    department = forms.ModelChoiceField(
        Department.objects.none(), label=_("Department"), required=False, empty_label=_("None")
    )

    def __init__(self, data: Any, *, dispute: Dispute) -> None:
        super().__init__(data)
        self.fields["user"].queryset = people_of(dispute.entity_id, "dispute.move")  # type: ignore[attr-defined]
        self.fields["department"].queryset = Department.objects.filter(entity=dispute.entity_id)  # type: ignore[attr-defined]
