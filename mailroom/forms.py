"""The forms of the mailroom."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.choices import Language
from mailroom.catalogue import kinds
from mailroom.choices import Channel
from mailroom.paper.letterhead import FIELDS

WINDOWS = (
    ("", _("As usual in the company's country")),
    ("ES", _("Spain (DL)")),
    ("FR", _("France (NF Z 11-001)")),
)


class LetterheadForm(forms.Form):
    """What stands at the head and foot of the paper."""

    address = forms.CharField(
        label=_("Address"),
        max_length=FIELDS["address"],
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Line by line, as it stands on a letter."),
    )
    phone = forms.CharField(label=_("Phone"), max_length=FIELDS["phone"], required=False)
    email = forms.EmailField(label=_("E-mail"), max_length=FIELDS["email"], required=False)
    web = forms.CharField(label=_("Web site"), max_length=FIELDS["web"], required=False)
    place = forms.CharField(
        label=_("Place"),
        max_length=FIELDS["place"],
        required=False,
        help_text=_("Before the date: Bilbao, 3 March 2026."),
    )
    registry = forms.CharField(
        label=_("Registry"),
        max_length=FIELDS["registry"],
        required=False,
        help_text=_("For example the volume and page of the commercial register, or RCS and SIREN."),
    )
    capital = forms.CharField(label=_("Legal form and capital"), max_length=FIELDS["capital"], required=False)
    window = forms.ChoiceField(label=_("Window of the envelopes"), choices=WINDOWS, required=False)
    logo = forms.FileField(
        label=_("Logo"), required=False, help_text=_("PNG, JPEG or SVG, 512 kB at the most.")
    )
    drop_logo = forms.BooleanField(label=_("Without a logo"), required=False)


class TextForm(forms.Form):
    """The words of one kind of letter in one language over one channel."""

    kind = forms.ChoiceField(choices=lambda: [(kind, kind) for kind in kinds()])
    language = forms.ChoiceField(choices=Language.choices)
    channel = forms.ChoiceField(choices=Channel.choices)
    subject = forms.CharField(label=_("Subject"), max_length=200, required=False)
    body = forms.CharField(label=_("Text"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 18}))

    def clean(self) -> dict[str, Any]:
        """Everything but an SMS has a subject."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("channel") != Channel.SMS and not data.get("subject", "").strip():
            self.add_error("subject", _("A letter needs a subject."))
        return data
