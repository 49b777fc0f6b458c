"""Forms of the import pages: the upload, and what each column of a table means."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import LegalEntity
from ledger.intake.amounts import CURRENCIES
from ledger.intake.customers_words import CUSTOMER_FIELDS
from ledger.intake.mapping import AMOUNTS, DATES
from ledger.intake.sentences import FIELDS
from ledger.intake.tables import ENCODINGS
from ledger.intake.words import HEADERS, LINE_HEADERS

COLUMN_FIELDS = [*HEADERS, *LINE_HEADERS]
STYLES = {
    "date": (
        ("", gettext_lazy("As the values tell")),
        ("dmy", gettext_lazy("Day first: 31/03/2026")),
        ("mdy", gettext_lazy("Month first: 03/31/2026")),
    ),
    "amount": (
        ("", gettext_lazy("As the values tell")),
        (",", gettext_lazy("Comma: 1.234,56")),
        (".", gettext_lazy("Point: 1,234.56")),
    ),
}
TOLD = {
    "dmy": gettext_lazy("day first"),
    "mdy": gettext_lazy("month first"),
    "mixed": gettext_lazy("mixed"),
    ",": gettext_lazy("decimal comma"),
    ".": gettext_lazy("decimal point"),
}
DELIMITERS = (
    (";", gettext_lazy("Semicolon ;")),
    (",", gettext_lazy("Comma ,")),
    ("\t", gettext_lazy("Tab")),
    ("|", gettext_lazy("Bar |")),
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
    """What each column means and how it is written, and fixed values for what has no column.

    `mapping` and `look` are those of an import that waits for its confirmation.
    """

    sheet = forms.ChoiceField(label=gettext_lazy("Sheet"), required=False)
    encoding = forms.ChoiceField(
        label=gettext_lazy("Encoding"), choices=list(ENCODINGS.items()), required=False
    )
    delimiter = forms.ChoiceField(
        label=gettext_lazy("Columns are separated by"), choices=DELIMITERS, required=False
    )
    issued_on = forms.DateField(
        label=gettext_lazy("Issue date of all rows"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    currency = forms.CharField(label=gettext_lazy("Currency of all rows"), max_length=3, required=False)

    def __init__(self, *args: Any, mapping: dict[str, Any], look: dict[str, Any], **kwargs: Any) -> None:
        self.header: list[str] = list(mapping.get("header", []))
        self.look = look
        self.written = {name: look.get(name, "") for name in ("sheet", "encoding", "delimiter")}
        constants = mapping.get("constants", {})
        kwargs["initial"] = {
            "currency": constants.get("currency", ""),
            "issued_on": constants.get("issued_on"),
            **self.written,
        }
        super().__init__(*args, **kwargs)
        self._whole_table()
        columns = mapping.get("columns", {})
        fields = CUSTOMER_FIELDS if look.get("customers") else COLUMN_FIELDS
        choices = [("", _("Not used")), *((name, str(FIELDS[name])) for name in fields)]
        chosen = mapping.get("chosen", {})
        meant = {place: name for name, (place, _cell) in columns.items()}
        for place, cell in enumerate(self.header):
            name = meant.get(place, "")
            self.fields[f"column_{place}"] = forms.ChoiceField(
                choices=choices, required=False, initial=name, label=cell or f"#{place + 1}"
            )
            if self.kind_of(place) in STYLES and (not name or name in DATES | AMOUNTS):
                words = _("How “%(column)s” is written") % {"column": cell or f"#{place + 1}"}
                self.fields[f"style_{place}"] = forms.ChoiceField(
                    choices=STYLES[self.kind_of(place)],
                    required=False,
                    initial=chosen.get(name, ""),
                    label=words,
                )

    def _whole_table(self) -> None:
        """How the table is written as a whole: a sheet of several, or encoding and delimiter of a text."""
        sheets = self.look.get("sheets", [])
        chosen = self.fields["sheet"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = [(name, name) for name in sheets]
        unused = ["encoding", "delimiter"] if sheets else ["sheet"]
        for name in [*unused, *(["sheet"] if len(sheets) == 1 else [])]:
            self.fields.pop(name, None)
        if self.look.get("customers"):
            del self.fields["issued_on"]

    def kind_of(self, place: int) -> str:
        """`date`, `amount` or `text`: what the values of the column are."""
        columns = self.look.get("columns", [])
        return str(columns[place]["kind"]) if place < len(columns) else "text"

    def told(self, place: int) -> str:
        """What the values of a column tell about how they are written."""
        columns = self.look.get("columns", [])
        return str(TOLD.get(columns[place]["style"], "")) if place < len(columns) else ""

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

    def as_mapping(self) -> dict[str, Any]:
        """The mapping as TableMapping.from_json reads it. When the table is read in another way as a whole, its
        columns are guessed anew."""
        data = self.cleaned_data
        told = {
            name: data[name] for name in self.written if data.get(name) and data[name] != self.written[name]
        }
        if told:
            kept = {name: data[name] for name in self.written if data.get(name)}
            return kept if "sheet" not in told else {"sheet": told["sheet"]}
        columns = {
            data[f"column_{place}"]: [place, cell]
            for place, cell in enumerate(self.header)
            if data.get(f"column_{place}")
        }
        constants = {"currency": data["currency"]} if data["currency"] else {}
        if data.get("issued_on"):
            constants["issued_on"] = data["issued_on"].isoformat()
        styles = {name: data.get(f"style_{place}", "") for name, (place, _cell) in columns.items()}
        chosen = {name: style for name, style in styles.items() if style}
        as_read = {name: data[name] for name in self.written if data.get(name)}
        return {"columns": columns, "styles": {}, "constants": constants, "chosen": chosen, **as_read}
