"""The shapes of what people type about legal files."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from collections_app.choices_contentious import FileAct, FileEnd, Law
from collections_app.contentious.parties import LONGEST, facts_of, fields_of
from collections_app.forms_interest import day_field, money_field
from collections_app.models import LegalFile

A = FileAct
# What each act asks for, in the order of the form.
ASKED: dict[str, tuple[str, ...]] = {
    A.TRACK: ("tracking",),
    A.SECOND: (),
    A.AGREE: ("note", "on", "document"),
    A.RESUME: ("note",),
    A.HAND_OVER: ("agency", "agency_reference", "commission", "note"),
    A.RETURN: ("note", "on"),
    A.FILE: ("court", "court_reference", "on", "note", "document"),
    A.ORDER: ("court_reference", "on", "note", "document"),
    A.OPPOSE: ("on", "note", "document"),
    A.ENFORCE: ("on", "note", "document"),
    A.REJECT: ("note", "on", "document"),
    A.REPORT: ("note", "on", "amount", "agency_reference", "court_reference", "document"),
    A.CLOSE: ("end", "note"),
}
ENDS = [choice for choice in FileEnd.choices if choice[0]]


class OpenForm(forms.Form):
    """Which overdue invoices come into the file, and under which law."""

    currency = forms.RegexField(r"^[A-Z]{3}\Z")
    invoice = forms.TypedMultipleChoiceField(coerce=int, required=False)
    law = forms.ChoiceField(label=_("Law"), choices=Law.choices)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        given = data.getlist("invoice") if data is not None else []
        self.fields["invoice"].choices = [  # type: ignore[attr-defined]
            (text, text) for text in given if text.isdecimal() and len(text) < 18
        ]


class NoticeForm(forms.Form):
    """The last day to pay, and how the notice goes. `seen` is the total that was shown."""

    deadline = day_field(_("Last day to pay"))
    channels = forms.MultipleChoiceField(
        label=_("It goes"),
        choices=[("post", _("By registered post")), ("email", _("By e-mail"))],
        widget=forms.CheckboxSelectMultiple,
        initial=["post", "email"],
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)
    seen = forms.DecimalField(widget=forms.HiddenInput)


def usual_deadline(on: date) -> date:
    """Ten days, as a customer's bank needs a few."""
    return on + timedelta(days=10)


class FactsForm(forms.Form):
    """What the court file needs, with what the books know filled in to be checked."""

    def __init__(self, file: LegalFile, data: Any = None) -> None:
        super().__init__(data, initial=facts_of(file))
        for one in fields_of(file):
            widget = forms.Textarea(attrs={"rows": 3}) if one.long else forms.TextInput()
            words: Any = {"label": one.words, "help_text": one.help}
            self.fields[one.name] = forms.CharField(
                **words, max_length=LONGEST, required=False, widget=widget
            )


class ActForm(forms.Form):
    """One step; only the fields that the act asks for."""

    tracking = forms.CharField(label=_("Tracking number"), max_length=60)
    agency = forms.CharField(label=_("Agency"), max_length=150)
    agency_reference = forms.CharField(label=_("The agency's reference"), max_length=60, required=False)
    commission = forms.DecimalField(
        label=_("Commission (%)"),
        max_digits=5,
        decimal_places=2,
        min_value=Decimal(0),
        max_value=Decimal(100),
        localize=True,
        required=False,
    )
    court = forms.CharField(label=_("Court"), max_length=200)
    court_reference = forms.CharField(label=_("Number at the court"), max_length=60, required=False)
    end = forms.ChoiceField(label=_("How it ended"), choices=ENDS)
    on = day_field(_("On"), required=False)
    amount = money_field(_("Collected"), required=False)
    note = forms.CharField(
        label=_("Note"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    document = forms.FileField(label=_("Document"), required=False)

    def __init__(self, act: str, file: LegalFile, data: Any = None, files: Any = None) -> None:
        initial = {"court": file.court or file.facts.get("court", "")}
        initial |= {"court_reference": file.court_reference, "agency_reference": file.agency_reference}
        super().__init__(data, files, auto_id=f"id_{act}_%s", initial=initial)
        self.act = act
        wanted = ASKED.get(act, ())
        self.fields = {name: self.fields[name] for name in wanted}


class ReportsForm(forms.Form):
    """The agency's file of what became of the files handed over."""

    upload = forms.FileField(label=_("The agency's file (CSV)"))
