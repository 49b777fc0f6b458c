"""The shape of what a page posts to a room."""

import secrets
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from accounts.models import LegalEntity, User
from chat.audience import Reader, inner_entities, reader_of
from chat.choices import Side
from chat.models import Discretion
from chat.services import Said, vet


class MessageForm(forms.Form):
    """A message: words, the client's token, for whom it is, and the last number its author had on screen.

    Without a token (no script ran) one is made, so such a form is not protected against being sent twice.
    """

    body = forms.CharField(required=False, strip=False)
    client_token = forms.CharField(required=False, max_length=64)
    plain_token = forms.CharField(required=False, max_length=64)
    # A reader key: for whom it is.
    to = forms.CharField(required=False, max_length=40)
    reply_to = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    chosen = forms.CharField(required=False, max_length=2_000)
    unseen = forms.BooleanField(required=False)
    last_seen_seq = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)

    def reader(self, own: Reader) -> Reader:
        """For whom it is; what nobody chose is for the author's own side. ValueError for what is no reader."""
        key = self.cleaned_data["to"]
        if key == Side.PARTNER:
            return Reader(Side.PARTNER)
        return reader_of(key) if key else own

    def token(self) -> str:
        """The token that makes a retry harmless."""
        given = self.cleaned_data["client_token"] or self.cleaned_data["plain_token"]
        return str(given or secrets.token_hex(16))

    def said(self, files: Sequence[UploadedFile[Any]]) -> Said:
        """What comes with the words. Raises TooManyFiles, EvidenceRefused, ScannerAway."""
        return Said(
            files=vet(files),
            reply_to=self.cleaned_data["reply_to"],
            chosen=tuple(self.cleaned_data["chosen"].split()),
            unseen=self.cleaned_data["unseen"],
        )


class EditForm(forms.Form):
    """Other words for a message."""

    body = forms.CharField(required=False, strip=False)
    version = forms.IntegerField(min_value=1, max_value=32_000)
    chosen = forms.CharField(required=False, max_length=2_000)
    unseen = forms.BooleanField(required=False)


class DeleteForm(forms.Form):
    """Taking a message away; of somebody else's with a reason."""

    why = forms.CharField(required=False, max_length=300)


class ReactForm(forms.Form):
    """A sign put under a message, or taken back."""

    emoji = forms.CharField(max_length=8)
    on = forms.BooleanField(required=False)


class PinForm(forms.Form):
    """A message put at the top of its room, or taken down."""

    on = forms.BooleanField(required=False)


class DraftForm(forms.Form):
    """What is being written."""

    body = forms.CharField(required=False, strip=False)
    reply_to = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    client_token = forms.CharField(required=False, max_length=64)


class TeamForm(forms.Form):
    """A new room for a team."""

    entity = forms.ModelChoiceField(LegalEntity.objects.none(), label=_("Company"))
    name = forms.CharField(label=_("Name"), max_length=100)
    is_private = forms.BooleanField(label=_("Only by invitation"), required=False)

    def __init__(self, *args: Any, user: User, **more: Any) -> None:
        super().__init__(*args, **more)
        found = LegalEntity.objects.filter(pk__in=inner_entities(user)).order_by("name")
        field: Any = self.fields["entity"]
        field.queryset, field.initial = found, found.first()


class InviteForm(forms.Form):
    """A colleague to bring in."""

    person = forms.IntegerField(min_value=1)


class DiscretionForm(forms.ModelForm[Discretion]):
    """What a person lets others see."""

    class Meta:
        model = Discretion
        fields = ("presence", "typing", "receipts")


class ReadForm(forms.Form):
    """How far somebody has read."""

    seq = forms.IntegerField(min_value=0, max_value=2**31 - 1)
