"""The forms of the page of notifications."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.reach.choices import DEFAULTS, ESCALATING, SETTABLE, ReachChannel, ReachEvent
from accounts.reach.models import ReachWishes
from accounts.reach.services import WishesInput

DELAYS = (0, 2, 5, 15, 30, 60, 120, 240, 480, 1440)
Rule = tuple[bool, int]


def delay_words(minutes: int) -> str:
    """How long after the event."""
    if minutes == 0:
        return _("At once")
    if minutes < 60 or minutes % 60:
        return ngettext("After %(n)s minute", "After %(n)s minutes", minutes) % {"n": minutes}
    hours = minutes // 60
    return ngettext("After %(n)s hour", "After %(n)s hours", hours) % {"n": hours}


def rule_words(rule: Rule) -> str:
    """A rule in words."""
    return delay_words(rule[1]) if rule[0] else _("Off")


@dataclass(frozen=True, slots=True)
class Cell:
    """One event over one channel: its field, or nothing where there is nothing to set."""

    channel: str
    label: str | Promise
    field: forms.BoundField | None


class RulesForm(forms.Form):
    """Events by channels. An empty choice is what the wider ones say, which `wider` holds."""

    def __init__(
        self, data: Any, *, own: dict[tuple[str, str], Rule], wider: dict[tuple[str, str], Rule]
    ) -> None:
        super().__init__(data)
        for event in SETTABLE:
            for channel in ReachChannel:
                if channel == ReachChannel.SMS and event not in ESCALATING:
                    continue
                key = (event.value, channel.value)
                above = wider.get(key) or DEFAULTS.get(key, (False, 0))
                known = own.get(key)
                delays = sorted({*DELAYS, *([known[1]] if known else [])})
                choices = [
                    ("", _("%(rule)s (as for all)") % {"rule": rule_words(above)}),
                    ("off", _("Off")),
                ]
                choices += [(str(one), delay_words(one)) for one in delays]
                value = "" if known is None else str(known[1]) if known[0] else "off"
                label = f"{event.label}: {channel.label}"
                widget = forms.Select(attrs={"aria-label": label})
                self.fields[f"{event}-{channel}"] = forms.ChoiceField(
                    choices=choices, required=False, initial=value, label=label, widget=widget
                )

    def rows(self) -> list[tuple[str | Promise, list[Cell]]]:
        """The table, row by row."""
        return [
            (
                event.label,
                [
                    Cell(
                        channel.value,
                        channel.label,
                        self[f"{event}-{channel}"] if f"{event}-{channel}" in self.fields else None,
                    )
                    for channel in ReachChannel
                ],
            )
            for event in SETTABLE
        ]

    def rules(self) -> dict[tuple[str, str], Rule | None]:
        """What `save_rules` takes."""
        found: dict[tuple[str, str], Rule | None] = {}
        for name, value in self.cleaned_data.items():
            event, _dash, channel = name.partition("-")
            key = (ReachEvent(event).value, ReachChannel(channel).value)
            found[key] = None if value == "" else (False, 0) if value == "off" else (True, int(value))
        return found


class WishesForm(forms.ModelForm[ReachWishes]):
    """Quiet hours, cap, letter of the day, privacy."""

    class Meta:
        model = ReachWishes
        fields = (
            "quiet",
            "quiet_from",
            "quiet_until",
            "only_working",
            "daily_cap",
            "digest",
            "digest_at",
            "private",
        )
        widgets = {
            name: forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
            for name in ("quiet_from", "quiet_until", "digest_at")
        }
        labels = {
            "quiet": gettext_lazy("Keep quiet hours"),
            "quiet_from": gettext_lazy("Quiet from"),
            "quiet_until": gettext_lazy("Quiet until"),
            "only_working": gettext_lazy("Only in my working hours"),
            "daily_cap": gettext_lazy("At most so many a day"),
            "digest": gettext_lazy("The day in one letter"),
            "digest_at": gettext_lazy("The letter comes at"),
            "private": gettext_lazy("Name no customers and no amounts"),
        }
        help_texts = {
            "only_working": gettext_lazy("What comes at other times waits. Urgent questions do not."),
            "daily_cap": gettext_lazy("What is beyond is left to the letter of the day."),
            "digest": gettext_lazy(
                "On working days: open questions, what is with you, what you have not read."
            ),
            "private": gettext_lazy(
                "For screens that others see: notifications only say what kind of thing waits."
            ),
        }

    def wanted(self) -> WishesInput:
        """What `save_wishes` takes."""
        return WishesInput(**{name: self.cleaned_data[name] for name in WishesInput.__slots__})


class BridgeForm(forms.Form):
    """The address of one's messenger. It holds a secret, so it is never shown again."""

    bridge = forms.CharField(
        label=gettext_lazy("Address of your messenger"),
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "An incoming webhook of Slack, Teams, Google Chat, Discord, Mattermost..., or an address of Apprise. "
            "It is kept sealed and not shown again."
        ),
    )
