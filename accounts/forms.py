"""Forms of the accounts room: shape only."""

from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User

COMMON_ZONES = (
    "Europe/Madrid",
    "Atlantic/Canary",
    "Europe/Paris",
    "Europe/London",
    "Europe/Lisbon",
    "Europe/Brussels",
    "Europe/Berlin",
    "Europe/Rome",
    "UTC",
)


class SettingsForm(forms.ModelForm[User]):
    """How a person wants to see Zanjar."""

    class Meta:
        model = User
        fields = ("name", "language", "time_zone", "theme", "density", "shortcuts_on", "question_mails")
        widgets = {
            "theme": forms.RadioSelect,
            "density": forms.RadioSelect,
            "time_zone": forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"}),
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
        }
        help_texts = {
            "time_zone": _("Hours and deadlines are shown in this zone, for example Europe/Paris."),
            "shortcuts_on": _(
                "Letters such as j, k or / act at once outside of text fields. Press ? for the list."
            ),
            "question_mails": _(
                "What you are asked comes by e-mail too, with links that answer without signing in."
            ),
        }

    zones = COMMON_ZONES

    def clean_time_zone(self) -> str:
        """A zone the system knows."""
        zone = str(self.cleaned_data["time_zone"]).strip()
        if zone not in available_timezones():
            raise ValidationError(_("This is no time zone. Write it like Europe/Madrid."))
        return zone
