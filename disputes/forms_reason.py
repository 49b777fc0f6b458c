"""The form of a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.choices import Language
from accounts.models import Department, LegalEntity
from disputes.forms_route import LANGUAGES, words_in
from disputes.models import Reason, Route
from disputes.services.reasons import ICONS, ReasonInput


class ReasonForm(forms.Form):
    """What people read, where it leads, and whether it can be chosen."""

    label_es = words_in(Language.ES)
    label_fr = words_in(Language.FR)
    label_en = words_in(Language.EN)
    example_es = words_in(Language.ES)
    example_fr = words_in(Language.FR)
    example_en = words_in(Language.EN)
    icon = forms.ChoiceField(label=_("Icon"), widget=forms.RadioSelect)
    position = forms.IntegerField(label=_("Position"), min_value=0, max_value=999, initial=50)
    route = forms.ModelChoiceField(
        Route.objects.none(),
        label=_("Route"),
        required=False,
        empty_label=_("None: only as a root cause"),
    )
    department = forms.ModelChoiceField(Department.objects.none(), label=_("Department"), required=False)
    active = forms.BooleanField(label=_("Can be chosen"), required=False, initial=True)

    def __init__(self, data: Any, *, entity: LegalEntity, reason: Reason | None) -> None:
        super().__init__(data, initial=self.read(reason) if reason else {"icon": ICONS[0]})
        routes = Route.objects.filter(entity=entity, versions__current=True).order_by("code")
        self.fields["route"].queryset = routes  # type: ignore[attr-defined]
        teams = Department.objects.filter(entity=entity).order_by("name")
        self.fields["department"].queryset = teams  # type: ignore[attr-defined]
        icons = list(dict.fromkeys([*ICONS, *([reason.icon] if reason else [])]))
        self.fields["icon"].choices = [(icon, icon) for icon in icons]  # type: ignore[attr-defined]

    def read(self, reason: Reason) -> dict[str, Any]:
        """The values of the fields."""
        found: dict[str, Any] = {
            name: getattr(reason, name) for name in ("icon", "position", "route", "department", "active")
        }
        for code, _name in LANGUAGES:
            found[f"label_{code}"] = reason.labels.get(code, "")
            found[f"example_{code}"] = reason.examples.get(code, "")
        return found

    @property
    def languages(self) -> list[forms.BoundField]:
        """The fields of the words."""
        return [self[f"label_{code}"] for code, _name in LANGUAGES]

    @property
    def example_fields(self) -> list[forms.BoundField]:
        """The fields of what customers say."""
        return [self[f"example_{code}"] for code, _name in LANGUAGES]

    def words(self, prefix: str) -> dict[str, str]:
        """What was written, by language."""
        given = {code: (self.cleaned_data.get(f"{prefix}_{code}") or "").strip() for code, _n in LANGUAGES}
        return {code: words for code, words in given.items() if words}

    def clean(self) -> dict[str, Any]:
        """Some words there must be."""
        cleaned = super().clean() or {}
        if not self.words("label"):
            self.add_error("label_es", gettext("Write the words in at least one language."))
        return cleaned

    def wanted(self) -> ReasonInput:
        """What `set_reason` takes."""
        names = ("icon", "position", "route", "department", "active")
        plain = {name: self.cleaned_data[name] for name in names}
        return ReasonInput(labels=self.words("label"), examples=self.words("example"), **plain)
