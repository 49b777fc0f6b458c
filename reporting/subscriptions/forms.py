"""The form of a subscription."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import LegalEntity, User
from reporting.models import Subscription
from reporting.subscriptions.choices import DayOf, Every, FileKind
from reporting.subscriptions.selectors import may_read
from reporting.subscriptions.services import Shape

MORNING = 7


class SubscriptionForm(forms.Form):
    """How often a report is sent, as which file, of which day, and to whom besides."""

    every = forms.ChoiceField(
        label=pgettext_lazy("subscription", "How often"),
        choices=Every.choices,
        widget=forms.RadioSelect,
        initial=Every.WEEK,
    )
    weekday = forms.TypedChoiceField(
        label=pgettext_lazy("subscription", "Day of the week"),
        choices=list(WEEKDAYS.items()), coerce=int, required=False, initial=0,
    )  # fmt: skip
    day = forms.IntegerField(
        label=_("Day of the month"), min_value=1, max_value=31, required=False, initial=1,
        help_text=_("In a month that is shorter: its last day."),
    )  # fmt: skip
    hour = forms.TypedChoiceField(
        label=_("Hour"), choices=[(n, f"{n:02d}:00") for n in range(24)], coerce=int, initial=MORNING
    )
    day_of = forms.ChoiceField(
        label=_("Figures of"), choices=DayOf.choices, widget=forms.RadioSelect, initial=DayOf.SENT
    )
    form = forms.ChoiceField(
        label=_("File"), choices=FileKind.choices, widget=forms.RadioSelect, initial=FileKind.XLSX
    )
    readers = forms.MultipleChoiceField(
        label=_("Also to"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Each gets it in their own language, with the figures they may see themselves."),
    )

    def __init__(self, *args: Any, entity: LegalEntity, user: User, **named: Any) -> None:
        super().__init__(*args, **named)
        fields: dict[str, Any] = self.fields
        colleagues = may_read(entity).exclude(pk=user.pk).values_list("pk", "name")
        fields["readers"].choices = list(colleagues)
        fields["weekday"].quiet = fields["day"].quiet = True
        fields["hour"].help_text = entity.time_zone
        if not colleagues:
            del self.fields["readers"]

    def shape(self) -> Shape:
        """What was chosen, once it is valid."""
        said = self.cleaned_data
        number = {Every.WEEK: said["weekday"] or 0, Every.MONTH: said["day"] or 0}.get(said["every"], 0)
        readers = tuple(int(pk) for pk in said.get("readers", []))
        return Shape(said["every"], said["hour"], said["day_of"], said["form"], number, readers)


def filled(row: Subscription) -> dict[str, Any]:
    """What a form begins with when a subscription is changed."""
    begin: dict[str, Any] = {
        "every": row.every, "hour": row.hour, "day_of": row.day_of, "form": row.form,
        "readers": [str(reader.user_id) for reader in row.readers.all()],
    }  # fmt: skip
    if row.every == Every.WEEK:
        begin["weekday"] = row.number
    elif row.every == Every.MONTH:
        begin["day"] = row.number
    return begin
