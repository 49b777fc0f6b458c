"""Forms of calendars, closures and absences: shape only."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.choices import CalendarSide
from accounts.forms import COMMON_ZONES
from accounts.models import Calendar, Department, LegalEntity, User
from accounts.services import CalendarInput, read_hours, write_hours

DAYS = (
    ("mon", _("Monday")),
    ("tue", _("Tuesday")),
    ("wed", _("Wednesday")),
    ("thu", _("Thursday")),
    ("fri", _("Friday")),
    ("sat", _("Saturday")),
    ("sun", _("Sunday")),
)
DATE = {"type": "date"}


class CalendarForm(forms.Form):
    """Whose calendar, where, and the hours of the week."""

    name = forms.CharField(label=_("Name"), max_length=100)
    side = forms.ChoiceField(
        label=_("Whose"),
        choices=CalendarSide.choices,
        help_text=_("Ours, or of the customers of the country."),
    )
    department = forms.ModelChoiceField(
        Department.objects.none(),
        label=_("Department"),
        required=False,
        help_text=_("Only of this department."),
    )
    user = forms.ModelChoiceField(
        User.objects.none(), label=_("Person"), required=False, help_text=_("Only of this person.")
    )
    country = forms.CharField(
        label=_("Country"), max_length=2, min_length=2, help_text=_("Two letters: ES, FR...")
    )
    subdivision = forms.CharField(
        label=_("Region"),
        max_length=6,
        required=False,
        help_text=_("For regional holidays, for example MD (Madrid), CN (Canarias), CT (Cataluña)."),
    )
    time_zone = forms.CharField(
        label=_("Time zone"),
        max_length=50,
        widget=forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"}),
    )
    keeps_holidays = forms.BooleanField(label=_("Closed on public holidays"), required=False, initial=True)
    zones = COMMON_ZONES

    def __init__(self, data: Any, *, entity: LegalEntity, row: Calendar | None = None) -> None:
        super().__init__(data, initial=self._initial(entity, row))
        for name, words in DAYS:
            self.fields[name] = forms.CharField(label=words, max_length=100, required=False)
        self.fields["mon"].help_text = _("For example 9:00-14:00, 15:00-18:00. Empty: closed.")
        self.fields["department"].queryset = Department.objects.filter(entity=entity)  # type: ignore[attr-defined]
        people = (
            User.objects.filter(memberships__entity=entity, is_active=True).distinct().order_by("name", "pk")
        )
        self.fields["user"].queryset = people  # type: ignore[attr-defined]
        if row is not None:
            for name in ("side", "department", "user"):
                del self.fields[name]

    @staticmethod
    def _initial(entity: LegalEntity, row: Calendar | None) -> dict[str, Any]:
        shown = row or Calendar(entity=entity, country=entity.country, time_zone=entity.time_zone)
        names = ("name", "side", "country", "subdivision", "time_zone", "keeps_holidays")
        hours = {name: write_hours(day) for (name, _words), day in zip(DAYS, shown.week, strict=True)}
        return {name: getattr(shown, name) for name in names} | hours

    def clean(self) -> dict[str, Any]:
        """The hours of each day, read."""
        data = super().clean() or {}
        for name, _words in DAYS:
            try:
                data[name] = read_hours(data.get(name, ""))
            except ValueError as wrong:
                self.add_error(name, str(wrong))
        return data

    def wanted(self) -> CalendarInput:
        """What `save_calendar` takes."""
        data = dict(self.cleaned_data)
        week = [data.pop(name) for name, _words in DAYS]
        return CalendarInput(**data, week=week)


class ClosureForm(forms.Form):
    """Days on which nobody works."""

    name = forms.CharField(label=_("Name"), max_length=100)
    starts_on = forms.DateField(label=_("From"), widget=forms.DateInput(attrs=DATE))
    ends_on = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs=DATE))
    from_time = forms.TimeField(
        label=_("Closed from"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}),
        help_text=_("Empty: the whole day."),
    )


class LeadForm(forms.Form):
    """Who leads a department."""

    department = forms.ModelChoiceField(Department.objects.none(), widget=forms.HiddenInput)
    lead = forms.ModelChoiceField(
        User.objects.none(), label=_("Lead"), required=False, empty_label=_("Nobody")
    )

    def __init__(self, data: Any, *, entity: LegalEntity) -> None:
        super().__init__(data)
        self.fields["department"].queryset = Department.objects.filter(entity=entity)  # type: ignore[attr-defined]
        people = User.objects.filter(memberships__entity=entity, is_active=True).distinct()
        self.fields["lead"].queryset = people  # type: ignore[attr-defined]


class AbsenceForm(forms.Form):
    """Who is away, from when until when, and who answers meanwhile."""

    user = forms.ModelChoiceField(User.objects.none(), label=_("Who is away"), empty_label=None)
    starts_on = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs=DATE))
    ends_on = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs=DATE))
    deputy = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Deputy"),
        required=False,
        empty_label=_("Nobody: the lead of the department, or the coordinator"),
        help_text=_("Gets the open disputes and questions on the first day."),
    )

    def __init__(self, data: Any, *, by: User, people: Any, colleagues: Any) -> None:
        super().__init__(data, initial={"user": by.pk})
        self.fields["user"].queryset = people  # type: ignore[attr-defined]
        self.fields["deputy"].queryset = colleagues  # type: ignore[attr-defined]
