"""The forms of a route's stages and moves: words in three languages, who, how long, where to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.choices import Language, Role
from accounts.models import Department, LegalEntity, User
from disputes.choices import ACTIVE, CLOSED, Demand, HolderKind, Resolution, Verdict, WaitFor
from disputes.drawing import told

Data = dict[str, Any]
LANGUAGES = [(language.value, str(language.label)) for language in Language]
UNITS = {"hours": told.HOUR, "days": told.DAY, "minutes": 1}
UNIT_CHOICES = [("hours", _("working hours")), ("days", _("working days")), ("minutes", _("working minutes"))]
END = "end:"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a form of one stage may speak of: the route, the stage (None for a new one), the people there are."""

    data: Data
    stage: Data | None = None
    departments: list[tuple[str, str]] = field(default_factory=list)
    people: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, entity: LegalEntity, data: Data, stage: Data | None = None) -> Setting:
        """With the departments and active people of a legal entity."""
        teams = Department.objects.filter(entity=entity).order_by("name").values_list("code", "name")
        users = User.objects.filter(is_active=True, memberships__entity=entity).distinct().order_by("name")
        return cls(data, stage, list(teams), list(users.values_list("email", "name")))

    @property
    def stages(self) -> list[tuple[str, str]]:
        """The stages a move can lead to."""
        return [(stage["code"], told.label_of(stage)) for stage in self.data["stages"]]

    @property
    def moves(self) -> list[tuple[str, str]]:
        """The moves of the stage."""
        return [(move["code"], told.label_of(move)) for move in (self.stage or {}).get("moves") or []]


def split_minutes(minutes: int | None) -> tuple[int | None, str]:
    """A number and its unit, the largest one that says it exactly."""
    if not minutes:
        return None, "hours"
    unit = next(name for name in ("days", "hours", "minutes") if abs(minutes) % UNITS[name] == 0)
    return abs(minutes) // UNITS[unit], unit


def words_in(language: Language) -> forms.CharField:
    """The field of the words in one language."""
    widget = forms.TextInput(attrs={"lang": language.value})
    return forms.CharField(label=language.label, required=False, max_length=200, widget=widget)


class LabelsForm(forms.Form):
    """Words in every language, side by side; at least one is needed."""

    label_es = words_in(Language.ES)
    label_fr = words_in(Language.FR)
    label_en = words_in(Language.EN)

    def __init__(
        self, post: Mapping[str, Any] | None, part: Data | None, setting: Setting, **more: Any
    ) -> None:
        super().__init__(post, initial=self.read(part or {}), **more)
        self.setting = setting

    def read(self, part: Data) -> Data:
        """The values of the fields from the data of a part."""
        labels = part.get("labels") or {}
        return {f"label_{code}": labels.get(code, "") for code, _name in LANGUAGES}

    @property
    def languages(self) -> list[forms.BoundField]:
        """The fields of the words."""
        return [self[f"label_{code}"] for code, _name in LANGUAGES]

    @property
    def others(self) -> list[forms.BoundField]:
        """The other fields, as the page shows them one after the other."""
        return [self[name] for name in self.fields if not name.startswith(("label_", "choice_"))]

    def clean(self) -> dict[str, Any]:
        """Some words there must be."""
        cleaned = super().clean() or {}
        if not self.labels(cleaned):
            self.add_error("label_es", gettext("Write the words in at least one language."))
        return cleaned

    def labels(self, cleaned: Mapping[str, Any], prefix: str = "label_") -> dict[str, str]:
        """The words that were given."""
        given = ((code, str(cleaned.get(f"{prefix}{code}") or "").strip()) for code, _name in LANGUAGES)
        return {code: words for code, words in given if words}

    def part(self) -> Data:
        """The data of the part (blank fields included, so that what was emptied goes)."""
        return {"labels": self.labels(self.cleaned_data)}


class HeldForm(LabelsForm):
    """Who has it, and for how long."""

    holder = forms.ChoiceField(label=_("Who has it"), choices=HolderKind.choices)
    role = forms.ChoiceField(label=_("Which role"), required=False)
    department = forms.ChoiceField(label=_("Which department"), required=False)
    person = forms.ChoiceField(label=_("Which person"), required=False)
    deadline = forms.IntegerField(label=_("Deadline"), required=False, min_value=1, max_value=2000)
    deadline_unit = forms.ChoiceField(label=_("in"), choices=UNIT_CHOICES, initial="hours")

    def __init__(
        self, post: Mapping[str, Any] | None, part: Data | None, setting: Setting, **more: Any
    ) -> None:
        super().__init__(post, part, setting, **more)
        none = [("", "–")]
        self.fields["role"].choices = none + list(Role.choices)  # type: ignore[attr-defined]
        self.fields["department"].choices = none + setting.departments  # type: ignore[attr-defined]
        self.fields["person"].choices = none + setting.people  # type: ignore[attr-defined]

    def read(self, part: Data) -> Data:
        """With holder and deadline."""
        number, unit = split_minutes(part.get("deadline_minutes"))
        names = ("holder", "role", "department", "person")
        found = {name: part[name] for name in names if part.get(name)}
        return super().read(part) | found | {"deadline": number, "deadline_unit": unit}

    def clean(self) -> dict[str, Any]:
        """A role, department or person is named where the holder is one."""
        cleaned = super().clean()
        kind = cleaned.get("holder")
        if kind in ("role", "department", "person") and not cleaned.get(str(kind)):
            self.add_error(str(kind), gettext("Choose one."))
        return cleaned

    def part(self) -> Data:
        """With holder and deadline."""
        cleaned = self.cleaned_data
        kind, number = cleaned["holder"], cleaned.get("deadline")
        named = {name: cleaned[name] if kind == name else "" for name in ("role", "department", "person")}
        minutes = number * UNITS[cleaned["deadline_unit"]] if number else None
        return super().part() | {"holder": kind, **named, "deadline_minutes": minutes}


class StageForm(HeldForm):
    """A stage; with branches also what ends them."""

    status = forms.ChoiceField(
        label=_("What it means for the dispute"), choices=[(one.value, one.label) for one in ACTIVE]
    )
    clock_stops = forms.BooleanField(
        label=_("The clock stops here"),
        required=False,
        help_text=_("For what the customer has to do: it is never late and does not count as our time."),
    )
    starts = forms.BooleanField(label=_("Disputes start here"), required=False)
    wait_for = forms.ChoiceField(
        label=_("The branches are done when"), choices=WaitFor.choices, required=False
    )
    then = forms.ChoiceField(label=_("Then this move is made"), required=False)
    field_order = ("status", "holder", "role", "department", "person", "deadline", "deadline_unit")

    def __init__(
        self, post: Mapping[str, Any] | None, part: Data | None, setting: Setting, **more: Any
    ) -> None:
        super().__init__(post, part, setting, **more)
        if (part or {}).get("parallel"):
            self.fields["then"].choices = setting.moves  # type: ignore[attr-defined]
        else:
            del self.fields["wait_for"], self.fields["then"]

    def read(self, part: Data) -> Data:
        """With status, flags and the join."""
        parallel = part.get("parallel") or {}
        found = {name: part.get(name) for name in ("status", "clock_stops") if part.get(name)}
        found["starts"] = part.get("initial", False)
        return super().read(part) | found | {name: parallel.get(name) for name in ("wait_for", "then")}

    def part(self) -> Data:
        """With status, flags and the join."""
        names = [name for name in ("status", "clock_stops", "wait_for", "then") if name in self.fields]
        found = {name: self.cleaned_data[name] for name in names}
        return super().part() | found | {"initial": self.cleaned_data["starts"]}


class MoveForm(LabelsForm):
    """A way out of a stage."""

    leads = forms.ChoiceField(label=_("Where it leads"))
    verdict = forms.ChoiceField(
        label=_("Was the customer right?"),
        required=False,
        choices=[("", "–"), *Verdict.choices],
        help_text=_("Only for a move that ends the dispute."),
    )
    resolution = forms.ChoiceField(
        label=_("What is done"), required=False, choices=[("", "–"), *Resolution.choices]
    )
    roles = forms.MultipleChoiceField(
        label=_("Who may make it"), choices=Role.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    demands = forms.MultipleChoiceField(
        label=_("What it demands"),
        choices=Demand.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(
        self, post: Mapping[str, Any] | None, part: Data | None, setting: Setting, **more: Any
    ) -> None:
        super().__init__(post, part, setting, **more)
        ends = [(f"{END}{status.value}", status.label) for status in CLOSED]
        if part is None:
            self.initial["roles"] = [Role.CREDIT_MANAGER, Role.COLLECTOR]
        leads: Any = self.fields["leads"]
        leads.choices = [(_("To a stage"), setting.stages), (_("The dispute ends"), ends)]

    def read(self, part: Data) -> Data:
        """With where it leads."""
        leads = part.get("to") or (f"{END}{part['ends_as']}" if part.get("ends_as") else None)
        names = ("verdict", "resolution", "roles", "demands")
        return super().read(part) | {"leads": leads} | {name: part[name] for name in names if part.get(name)}

    def clean(self) -> dict[str, Any]:
        """An end says whether the customer was right and what is done."""
        cleaned = super().clean()
        if str(cleaned.get("leads", "")).startswith(END):
            for name in ("verdict", "resolution"):
                if not cleaned.get(name):
                    self.add_error(name, gettext("A move that ends the dispute needs this."))
        return cleaned

    def part(self) -> Data:
        """With where it leads, and no outcome for a move that leads on."""
        cleaned = self.cleaned_data
        leads = cleaned["leads"]
        ends = leads.startswith(END)
        return super().part() | {
            "to": "" if ends else leads,
            "ends_as": leads.removeprefix(END) if ends else "",
            "verdict": cleaned["verdict"] if ends else "",
            "resolution": cleaned["resolution"] if ends else "",
            "roles": list(cleaned["roles"]),
            "demands": list(cleaned["demands"]),
        }
