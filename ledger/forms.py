"""Forms of the import pages: the upload, and what each column of a table means."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import LegalEntity
from ledger.intake.amounts import CURRENCIES
from ledger.intake.mapping import AMOUNTS, DATES
from ledger.intake.sentences import FIELDS

COLUMN_FIELDS = [name for name in FIELDS if name != "customer"]
DATE_ORDERS = (
    ("", gettext_lazy("As the values tell")),
    ("dmy", gettext_lazy("Day first: 31/03/2026")),
    ("mdy", gettext_lazy("Month first: 03/31/2026")),
)
DECIMAL_SIGNS = (
    ("", gettext_lazy("As the values tell")),
    (",", gettext_lazy("Comma: 1.234,56")),
    (".", gettext_lazy("Point: 1,234.56")),
)


class SeveralFilesInput(forms.ClearableFileInput):
    """A file input that takes several files."""

    allow_multiple_selected = True


class SeveralFiles(forms.FileField):
    """One file or more; gives a list."""

    widget = SeveralFilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Each file must have a name and a byte."""
        files = data if isinstance(data, list | tuple) else [data]
        return [super(SeveralFiles, self).clean(file, initial) for file in files or [None]]


class UploadForm(forms.Form):
    """Files, and the legal entity they belong to."""

    entity = forms.ModelChoiceField(
        LegalEntity.objects.none(), label=gettext_lazy("Legal entity"), empty_label=None
    )
    upload = SeveralFiles(label=gettext_lazy("Files"), max_length=255)

    def __init__(self, *args: Any, entities: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["entity"]
        assert isinstance(chosen, forms.ModelChoiceField)
        chosen.queryset = entities
        if len(entities) == 1:
            chosen.initial, chosen.widget = entities[0], forms.HiddenInput()

    @property
    def uploads(self) -> list[UploadedFile[Any]]:
        """The files of a valid form."""
        return list(self.cleaned_data["upload"])


class MappingForm(forms.Form):
    """What each column means, and fixed values for what has no column."""

    currency = forms.CharField(label=gettext_lazy("Currency of all rows"), max_length=3, required=False)
    issued_on = forms.DateField(
        label=gettext_lazy("Issue date of all rows"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    dates = forms.ChoiceField(
        label=gettext_lazy("Order of day and month"), choices=DATE_ORDERS, required=False
    )
    decimals = forms.ChoiceField(label=gettext_lazy("Decimal sign"), choices=DECIMAL_SIGNS, required=False)

    def __init__(self, *args: Any, mapping: dict[str, Any], **kwargs: Any) -> None:
        self.header: list[str] = list(mapping.get("header", []))
        constants = mapping.get("constants", {})
        kwargs["initial"] = {
            "currency": constants.get("currency", ""),
            "issued_on": constants.get("issued_on"),
        }
        super().__init__(*args, **kwargs)
        meant = {place: name for name, (place, _cell) in mapping.get("columns", {}).items()}
        choices = [("", _("Not used")), *((name, str(FIELDS[name])) for name in COLUMN_FIELDS)]
        for place, cell in enumerate(self.header):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                choices=choices, required=False, initial=meant.get(place, ""), label=cell or f"#{place + 1}"
            )

    def clean_currency(self) -> str:
        """An ISO code, or nothing."""
        code = str(self.cleaned_data["currency"]).upper()
        if code and code not in CURRENCIES:
            raise forms.ValidationError(_("Use a currency code of three letters, for example EUR."))
        return code

    def clean(self) -> dict[str, Any]:
        """No field can come from two columns."""
        seen: dict[str, int] = {}
        for place in range(len(self.header)):
            name = self.cleaned_data.get(f"column_{place}")
            if name and name in seen:
                words = {"field": FIELDS[name], "first": self.header[seen[name]]}
                self.add_error(f"column_{place}", _("“%(first)s” is already the %(field)s.") % words)
            elif name:
                seen[name] = place
        return self.cleaned_data

    def column_fields(self) -> list[forms.BoundField]:
        """The bound selects, one a column."""
        return [self[f"column_{place}"] for place in range(len(self.header))]

    def as_mapping(self) -> dict[str, Any]:
        """The mapping as TableMapping.from_json reads it."""
        data = self.cleaned_data
        columns = {
            data[f"column_{place}"]: [place, cell]
            for place, cell in enumerate(self.header)
            if data.get(f"column_{place}")
        }
        constants = {"currency": data["currency"]} if data["currency"] else {}
        if data.get("issued_on"):
            constants["issued_on"] = data["issued_on"].isoformat()
        styles = {name: data["dates"] for name in columns if name in DATES and data["dates"]}
        styles |= {name: data["decimals"] for name in columns if name in AMOUNTS and data["decimals"]}
        return {"columns": columns, "styles": styles, "constants": constants}
