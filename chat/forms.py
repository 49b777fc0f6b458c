"""The shape of what a page posts to a room."""

import secrets

from django import forms

from chat.audience import Reader, reader_of
from chat.choices import Side


class MessageForm(forms.Form):
    """A message: words, the client's token, for whom it is, and the last number its author had on screen.

    Without a token (no script ran) one is made, so such a form is not protected against being sent twice.
    """

    body = forms.CharField(required=False, strip=False)
    client_token = forms.CharField(required=False, max_length=64)
    plain_token = forms.CharField(required=False, max_length=64)
    # A reader key: for whom it is.
    to = forms.CharField(required=False, max_length=40)
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


class ReadForm(forms.Form):
    """How far somebody has read."""

    seq = forms.IntegerField(min_value=0, max_value=2**31 - 1)
