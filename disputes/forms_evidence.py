"""The forms of evidence: shape in, plain values out."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from disputes.evidence.kinds import KINDS
from disputes.evidence.sides import read_key

ACCEPT = ",".join(sorted({ending for endings in KINDS.values() for ending in endings}))


class ShareForm(forms.Form):
    """Who sees a file: one of the `audiences` of its dispute."""

    side = forms.ChoiceField(label=_("Who sees it"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, audiences: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        cast(forms.ChoiceField, self.fields["side"]).choices = audiences

    def given(self) -> dict[str, Any]:
        """What the service takes."""
        side, party = read_key(self.cleaned_data["side"])
        return {"side": side, "party": party}


class RedactForm(forms.Form):
    """Why a file's content goes, and what takes its place."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("It stays on record, with your name and the file's hash."),
    )
    file = forms.FileField(
        label=_("Redacted version"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPT}),
        help_text=_("Takes the place of the file. Without it, the content is erased and nothing is kept."),
    )
    sure = forms.BooleanField(label=_("The original is destroyed for good"))

    def given(self) -> dict[str, Any]:
        """What the service takes."""
        file: UploadedFile[Any] | None = self.cleaned_data["file"]
        name = file.name or "" if file else ""
        return {"reason": self.cleaned_data["reason"], "replacement": file, "name": name}
