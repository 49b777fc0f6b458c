"""The filter bar: what it offers the reader, and what the address says was chosen."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Exists, OuterRef
from django.http import QueryDict
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.models import LegalEntity, User
from ledger.choices import Segment
from ledger.models import Customer
from lib import clock
from reporting.selectors.frame import FILTERS, READ, Frame, entities_for, make_frame
from reporting.selectors.series import month_ends

MONTHS = (3, 6, 12, 24, 36)
DEFAULT_MONTHS = 12


class FilterForm(forms.Form):
    """The filters of the dashboard; every field may be left empty."""

    entity = forms.ChoiceField(label=_("Legal entity"), required=False)
    as_of = forms.DateField(label=_("As of"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    months = forms.ChoiceField(label=_("Period"), required=False)
    salesperson = forms.ChoiceField(label=_("Salesperson"), required=False)
    segment = forms.ChoiceField(label=_("Segment"), required=False)
    board = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    known_at = forms.DateTimeField(label=_("As known at"), required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict, entities: list[LegalEntity], people: list[User]) -> None:
        super().__init__(data, auto_id="filter-%s")
        fields: dict[str, Any] = self.fields
        fields["entity"].choices = [("", ""), *((entity.code, entity.name) for entity in entities)]
        fields["months"].choices = [
            (n, ngettext("%(n)d month", "%(n)d months", n) % {"n": n}) for n in MONTHS
        ]
        names = [(str(person.pk), person.name) for person in people]
        fields["salesperson"].choices = [("", _("All")), *names, ("none", _("No salesperson"))]
        fields["segment"].choices = [("", _("All")), *Segment.choices]
        if len(entities) < 2:
            del self.fields["entity"]
        if not people:
            del self.fields["salesperson"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the reader looks at: a frame, a number of months, and the address that says so."""

    frame: Frame
    months: int
    form: FilterForm
    params: dict[str, str] = field(default_factory=dict)
    # The reader, when they see the figures of their own customers only.
    own: int | None = None

    def query(self, **more: str) -> str:
        """The filters (and more) as the query of an address."""
        return "?" + urlencode({**self.params, **{key: value for key, value in more.items() if value}})

    @property
    def person(self) -> int | None:
        """Whose figures these are: the salesperson chosen, or the reader who sees their own customers only."""
        if self.own is not None:
            return self.own
        named = self.params.get("salesperson", "")
        return int(named) if named.isdecimal() else None

    @property
    def people(self) -> list[tuple[str, str]]:
        """The salespeople there are to choose from, by id and name; none for who sees their own customers only."""
        field: Any = self.form.fields.get("salesperson")
        return [(key, name) for key, name in field.choices if key.isdecimal()] if field else []

    @property
    def board(self) -> str:
        """The key of the board the address names, if it names one."""
        return self.params.get("board", "")

    @property
    def filtered(self) -> bool:
        """Whether the address narrows anything down."""
        return bool(self.params.keys() - {"board", "entity"})

    def only(self, *names: str) -> str:
        """A part of the address as a query; empty when nothing is left of it."""
        kept = {name: self.params[name] for name in names if name in self.params}
        return "?" + urlencode(kept) if kept else ""

    @property
    def unfiltered(self) -> str:
        """The query of the same board without filters."""
        return self.only("board", "entity")

    @property
    def first_day(self) -> date:
        """The first day of the period: that many months, the present one among them."""
        return month_ends(self.frame.as_of, self.months)[0].replace(day=1)

    @property
    def today(self) -> bool:
        """Whether the figures are those of now, not of a past day."""
        return "as_of" not in self.params


def salespeople(entity: LegalEntity) -> list[User]:
    """Those who are the salesperson of some customer of the entity."""
    theirs = Customer.objects.filter(entity=entity, salesperson=OuterRef("pk"))
    return list(User.objects.filter(Exists(theirs)).order_by("name", "pk"))


def chosen(user: User, data: QueryDict) -> Chosen | None:
    """The reader's choice; None when no legal entity is open to them, or not the one they name."""
    entities = list(entities_for(user).order_by("code"))
    code = data.get("entity", "")
    entity = next((e for e in entities if e.code == code), None) if code else next(iter(entities), None)
    if entity is None:
        return None
    wide = entity.pk in policy.scope(user).wide(READ)
    form = FilterForm(data, entities, salespeople(entity) if wide else [])
    form.full_clean()
    kept = {key: value for key, value in form.cleaned_data.items() if value not in (None, "")}
    as_of: date = kept.get("as_of") or clock.today(entity.time_zone)
    known_at: datetime | None = kept.get("known_at")
    filters = {name: kept[name] for name in FILTERS if name in kept}
    frame = make_frame(entity, as_of, user=user, known_at=known_at, filters=filters)
    params = {key: str(data[key]) for key in form.fields if key in kept and data.get(key)}
    if len(entities) > 1:
        params["entity"] = entity.code
        form.initial["entity"] = entity.code
    own = None if wide else user.pk
    return Chosen(frame, int(kept.get("months", DEFAULT_MONTHS)), form, params, own)


def shown(form: FilterForm, made: Chosen) -> list[dict[str, Any]]:
    """The fields as the bar shows them: name, label, value, choices (None: a date), error."""
    values = {
        "as_of": made.frame.as_of.isoformat(),
        "months": str(made.months),
        "entity": made.frame.entity.code,
    }
    bar = []
    for name, item in form.fields.items():
        if item.widget.is_hidden:
            continue
        choices = [
            (str(key), label)
            for key, label in getattr(item, "choices", [])
            if not (name == "entity" and not key)
        ]
        wrong = form.errors.get(name)
        bar.append(
            {
                "name": name,
                "label": item.label or gettext("Filter"),
                "value": form.data.get(name, "") if wrong else values.get(name, form.data.get(name, "")),
                "choices": choices or None,
                "error": wrong[0] if wrong else "",
            }
        )
    return bar
