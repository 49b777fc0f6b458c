"""The form of a hand-over."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from disputes.forms import people_of
from disputes.models import Dispute


class HandOverForm(forms.Form):
    """To whom, with which words, and until when."""

    to = forms.ModelChoiceField(User.objects.none(), label=_("Person"), empty_label=_("Choose a person"))
    note = forms.CharField(
        label=_("Note"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    until = forms.DateTimeField(
        label=_("Only until"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        help_text=_("It then comes back by itself. Leave it empty to hand it over for good."),
    )

    def __init__(self, data: Any, *, dispute: Dispute) -> None:
        super().__init__(data)
        people = people_of(dispute.entity_id, "dispute.move").exclude(pk=dispute.holder_user_id or 0)
        self.fields["to"].queryset = people  # type: ignore[attr-defined]
