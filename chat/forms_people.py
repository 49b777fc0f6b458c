"""The forms by which people come into a room, and by which a message is shown to guests."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import selectors as accounts
from accounts.choices import Role
from accounts.models import Department, User
from chat.audience import Reader, reader_of
from chat.choices import Past
from chat.guests import contacts_for
from chat.models import Room
from chat.services import Seen
from ledger.models import Contact


class PastForm(forms.Form):
    """How much of what was said before somebody sees."""

    past = forms.ChoiceField(
        label=_("What they see of before"),
        choices=Past.choices,
        initial=Past.NOTHING,
        widget=forms.RadioSelect,
        help_text=_("Only what was written for their side. They never see your team's own messages."),
    )
    start = forms.IntegerField(
        label=_("From message number"), required=False, min_value=1, max_value=2**31 - 1
    )

    def clean(self) -> dict[str, Any]:
        """The choice "from one message on" names the message."""
        given = super().clean() or {}
        if given.get("past") == Past.FROM_HERE and not given.get("start"):
            self.add_error("start", _("Say from which message on."))
        return given

    def seen(self) -> Seen:
        """The choice."""
        return Seen(Past(self.cleaned_data["past"]), self.cleaned_data.get("start") or 0)


class ColleagueForm(forms.Form):
    """A colleague of the legal entity."""

    user = forms.ModelChoiceField(label=_("Colleague"), queryset=User.objects.none())

    def __init__(self, data: Any = None, *, room: Room) -> None:
        super().__init__(data, auto_id="id_colleague_%s")
        here = room.participants.filter(left_at=None, user__isnull=False).values("user")
        team = User.objects.filter(is_active=True, memberships__entity=room.entity_id).exclude(pk__in=here)
        team = team.exclude(memberships__in=room.entity.memberships.filter(role=Role.PARTNER))
        self.fields["user"].queryset = team.distinct().order_by("name", "pk")  # type: ignore[attr-defined]


class PartnerForm(PastForm):
    """Somebody of a partner company, by e-mail address."""

    email = forms.EmailField(label=_("E-mail address"))
    name = forms.CharField(label=_("Name"), max_length=150)
    company = forms.ModelChoiceField(
        label=_("Partner company"),
        queryset=Department.objects.none(),
        required=False,
        empty_label=_("A new one"),
    )
    new_company = forms.CharField(label=_("Name of the new company"), max_length=100, required=False)

    field_order = ("email", "name", "company", "new_company", "past", "start")

    def __init__(self, data: Any = None, *, room: Room) -> None:
        super().__init__(data, auto_id="id_partner_%s")
        self.fields["company"].queryset = accounts.companies(room.entity)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A company is chosen or named."""
        given = super().clean()
        if not given.get("company") and not (given.get("new_company") or "").strip():
            self.add_error("company", _("Choose a partner company, or name a new one."))
        return given


class ContactForm(PastForm):
    """A contact of the customer."""

    contact = forms.ModelChoiceField(label=_("Contact"), queryset=Contact.objects.none())
    field_order = ("contact", "past", "start")

    def __init__(self, data: Any = None, *, room: Room) -> None:
        super().__init__(data, auto_id="id_contact_%s")
        self.fields["contact"].queryset = contacts_for(room)  # type: ignore[attr-defined]


class ShareForm(forms.Form):
    """With whom a message is shared."""

    to = forms.ChoiceField(label=_("Who will see it"), widget=forms.RadioSelect)

    def __init__(self, data: Any = None, *, readers: list[tuple[Reader, str]]) -> None:
        super().__init__(data)
        self.fields["to"].choices = [(reader.key, words) for reader, words in readers]  # type: ignore[attr-defined]
        if len(readers) == 1:
            self.fields["to"].initial = readers[0][0].key

    def reader(self) -> Reader:
        """The choice."""
        return reader_of(self.cleaned_data["to"])
