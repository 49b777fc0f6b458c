"""The shape of what a page posts to a room."""

import secrets

from django import forms

from chat.choices import Side


class MessageForm(forms.Form):
    """A message: words, the client's token, the side it is for, and the last number its author had on screen.

    Without a token (no script ran) one is made, so such a form is not protected against being sent twice.
    """

    body = forms.CharField(required=False, strip=False)
    client_token = forms.CharField(required=False, max_length=64)
    plain_token = forms.CharField(required=False, max_length=64)
    side = forms.ChoiceField(required=False, choices=Side.choices)
    last_seen_seq = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)

    def token(self) -> str:
        """The token that makes a retry harmless."""
        given = self.cleaned_data["client_token"] or self.cleaned_data["plain_token"]
        return str(given or secrets.token_hex(16))


class ReadForm(forms.Form):
    """How far somebody has read."""

    seq = forms.IntegerField(min_value=0, max_value=2**31 - 1)
