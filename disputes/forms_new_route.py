"""The form that begins a route: a name, and empty, a copy, or a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.choices import Language
from accounts.models import LegalEntity
from disputes import services
from disputes.editing import fresh_route, own_code
from disputes.errors import RouteProblems
from disputes.forms_route import LANGUAGES, words_in
from disputes.models import Route

MOST_BYTES = 512 * 1024


class RouteForm(forms.Form):
    """What the new route begins with. A file brings its own name and code, unless others are given."""

    label_es = words_in(Language.ES)
    label_fr = words_in(Language.FR)
    label_en = words_in(Language.EN)
    copy_of = forms.ModelChoiceField(
        Route.objects.none(), label=_("A copy of"), required=False, empty_label=_("Nothing: an empty route")
    )
    file = forms.FileField(
        label=_("Or a file (YAML)"), required=False, widget=forms.FileInput(attrs={"accept": ".yaml,.yml"})
    )
    code = forms.SlugField(
        label=_("Code"),
        required=False,
        max_length=40,
        help_text=_("Made from the name when left empty. It never changes."),
    )

    def __init__(self, *args: Any, entity: LegalEntity, **more: Any) -> None:
        super().__init__(*args, **more)
        self.entity = entity
        rows = Route.objects.filter(entity=entity).order_by("code")
        self.fields["copy_of"].queryset = rows  # type: ignore[attr-defined]

    @property
    def languages(self) -> list[forms.BoundField]:
        """The fields of the name."""
        return [self[f"label_{code}"] for code, _name in LANGUAGES]

    def clean_file(self) -> Any:
        """The data of the file, of a bounded size."""
        file = self.cleaned_data.get("file")
        if not file:
            return None
        if file.size > MOST_BYTES:
            raise forms.ValidationError(gettext("The file is too large for a route."))
        try:
            return services.from_yaml(file.read())
        except RouteProblems as error:
            words = [f"{one.place}: {one.words}" if one.place else one.words for one in error.problems[:20]]
            raise forms.ValidationError(words) from None

    def labels(self) -> dict[str, str]:
        """The name that was given."""
        given = {code: (self.cleaned_data.get(f"label_{code}") or "").strip() for code, _name in LANGUAGES}
        return {code: words for code, words in given.items() if words}

    def clean(self) -> dict[str, Any]:
        """A name is needed, unless a file or a copy brings one."""
        cleaned = super().clean() or {}
        brings = cleaned.get("file") or cleaned.get("copy_of") or "file" in self.errors
        if not self.labels() and not brings:
            self.add_error("label_es", gettext("Write the words in at least one language."))
        return cleaned

    def route_data(self) -> dict[str, Any]:
        """The data of the new route."""
        labels, source = self.labels(), self.cleaned_data["copy_of"]
        taken = Route.objects.filter(entity=self.entity).values_list("code", flat=True)
        code = self.cleaned_data["code"]
        if self.cleaned_data["file"]:
            data = dict(self.cleaned_data["file"])
            return data | ({"labels": labels} if labels else {}) | ({"code": code} if code else {})
        if source is not None:
            version = source.versions.order_by("-current", "-number").select_related("route").first()
            data = services.read_route(version)
            labels = labels or data["labels"]
            return data | {"labels": labels, "code": code or own_code(labels, taken, "route")}
        first = {"es": "Por clasificar", "fr": "À trier", "en": "To triage"}
        return fresh_route(code or own_code(labels, taken, "route"), labels, first)
