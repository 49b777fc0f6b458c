"""The forms of the queue: its filter, saved views, macros, naps. Shape in, plain values out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.models import Department, LegalEntity, User
from accounts.written import KEPT, Asker, Written, write
from disputes.choices import Asks, Change, Nap, Status, Then
from disputes.forms import TYPED, AmountField, people_of, reason_choices
from disputes.forms_case import DisputeChoice, mergeable
from disputes.labels import in_language
from disputes.models import Dispute, Macro, Move, Reason, SavedView
from disputes.queue import AGES, NUMBERS, POINTS, Filters, View
from disputes.queue_rows import Order
from disputes.services.changes import ME
from ledger.models import Customer
from lib import formats
from lib.widgets import PlainSelect, PlainText

Choices = list[tuple[Any, Any]]
NAMED = ("holder", "coordinator", "priority", "sort")  # their choices say nothing without the field


@lru_cache(maxsize=KEPT)
def _reasons(asker: Asker) -> Written:
    here = policy.scope(asker.user).entities("dispute.read")
    return write(Reason.objects.filter(entity__in=here, active=True).values_list("code", "labels"))


@lru_cache(maxsize=KEPT)
def _people(asker: Asker) -> Written:
    here = policy.scope(asker.user).entities("dispute.read")
    movers = [role.value for role in policy.ACTIONS["dispute.move"]]
    rows = User.objects.filter(memberships__entity__in=here, memberships__role__in=movers)
    return write(rows.distinct().order_by("name").values_list("pk", "name"))


class FilterForm(forms.Form):
    """What narrows the queue. What cannot be read narrows nothing."""

    view = forms.ChoiceField(choices=View.choices, required=False)
    saved = forms.IntegerField(required=False, min_value=1)
    q = forms.CharField(required=False, max_length=100)
    reason = forms.ChoiceField(label=_("Reason"), required=False, widget=PlainSelect)
    status = forms.ChoiceField(label=_("Status"), required=False, widget=PlainSelect)
    customer = forms.IntegerField(required=False, min_value=1)
    customer_name = forms.CharField(label=_("Customer"), required=False, max_length=80, widget=PlainText)
    holder = forms.ChoiceField(label=_("Who has it"), required=False, widget=PlainSelect)
    coordinator = forms.ChoiceField(label=_("Coordinator"), required=False, widget=PlainSelect)
    minimum = AmountField(label=_("Amount from"), required=False, widget=PlainText(attrs=TYPED))
    maximum = AmountField(label=_("Amount to"), required=False, widget=PlainText(attrs=TYPED))
    older_than = forms.ChoiceField(label=_("Age"), required=False, widget=PlainSelect)
    priority = forms.ChoiceField(label=_("Priority"), required=False, widget=PlainSelect)
    sort = forms.ChoiceField(label=_("Sort by"), required=False, widget=PlainSelect)
    after = forms.CharField(required=False, max_length=80)

    def __init__(self, data: Mapping[str, Any], *, user: User) -> None:
        super().__init__(data)
        self.user = user
        ages = [(str(n), gettext("Over %(n)s days") % {"n": n}) for n in AGES]
        self._choose("reason", lambda: [("", gettext("Any reason")), *self.reasons])
        self._choose("status", [("", gettext("Any status")), *Status.choices])
        self._choose("older_than", [("", gettext("Any age")), *ages])
        points = [(str(n), gettext("At least %(n)s points") % {"n": n}) for n in POINTS]
        self._choose("priority", [("", gettext("Any priority")), *points])
        self._choose("sort", [("", gettext("Deadline")), (Order.PRIORITY.value, gettext("Priority"))])
        self._choose("holder", lambda: [("", gettext("Anybody")), *self.people])
        self._choose("coordinator", lambda: [("", gettext("Anybody")), *self.people])

    def _choose(self, name: str, choices: Choices | Callable[[], Choices]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    @cached_property
    def reasons(self) -> Choices:
        """The reasons one may look for; asked for only where they are shown or chosen."""
        labels = _reasons(Asker(self.user)).ask()
        return list({code: in_language(json.loads(words)) for code, words in labels}.items())

    @cached_property
    def people(self) -> Choices:
        """Whoever may have a dispute; asked for only where they are shown or chosen."""
        return [(str(pk), name) for pk, name in _people(Asker(self.user)).ask()]

    def filters(self) -> Filters:
        """The filters; the view everybody starts with is the triage."""
        self.is_valid()
        given = {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}
        given |= {name: int(given[name]) for name in NUMBERS if name in given}
        given.setdefault("view", View.ALL.value if "q" in given else View.TRIAGE.value)
        known = {one.name for one in fields(Filters)}
        return Filters(**{name: value for name, value in given.items() if name in known})

    def kept(self, *, without: str = "") -> dict[str, str]:
        """What the address keeps from page to page."""
        leave = ("after", without)
        return {k: str(v) for k, v in self.cleaned_data.items() if v not in ("", None) and k not in leave}

    def more(self) -> bool:
        """Whether one of the rarer filters is in force."""
        rare = ("status", "customer_name", "coordinator", "minimum", "maximum", "priority")
        return any(self.cleaned_data.get(name) not in ("", None) for name in rare)

    def chips(self) -> list[dict[str, Any]]:
        """The filters in force, as words, each with the address without it."""
        shown = [name for name in self.kept() if name not in ("view", "saved")]
        return [{"words": self._words(name), "kept": self.kept(without=name)} for name in shown]

    def _words(self, name: str) -> str:
        field, value = self.fields[name], self.cleaned_data[name]
        if isinstance(field, forms.ChoiceField):
            chosen = str(dict(field.choices)[str(value)])  # type: ignore[arg-type]
            return f"{field.label}: {chosen}" if name in NAMED else chosen
        if isinstance(value, Decimal):
            return f"{field.label}: {formats.number(value)}"
        if name == "customer":
            entities = policy.scope(self.user).entities("dispute.read")
            found = Customer.objects.filter(pk=value, entity__in=entities).first()
            return found.name if found else gettext("One customer")
        return str(value)


class ViewForm(forms.Form):
    """The name of a saved view, and who has it."""

    name = forms.CharField(label=_("Name"), max_length=60)
    shared = forms.ModelChoiceField(
        LegalEntity.objects.none(), label=_("For"), required=False, empty_label=_("Only me")
    )

    def __init__(self, data: Any, *, user: User, view: SavedView | None = None) -> None:
        super().__init__(data, initial={"name": view.name, "shared": view.entity_id} if view else None)
        scope = policy.scope(user)
        mine = [entity for entity, roles in scope.roles.items() if roles & policy.OFFICE]
        self.fields["shared"].queryset = LegalEntity.objects.filter(pk__in=mine).order_by("code")  # type: ignore[attr-defined]
        if not mine:
            del self.fields["shared"]


class SnoozeForm(forms.Form):
    """For how long, or until when."""

    nap = forms.ChoiceField(
        label=_("How long"),
        choices=Nap.choices,
        widget=forms.RadioSelect,
        initial=Nap.TOMORROW,
        required=False,
    )
    until = forms.DateTimeField(
        label=_("Or until"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )

    def clean(self) -> dict[str, Any]:
        """One of both."""
        data = super().clean() or {}
        if not data.get("nap") and not data.get("until") and not self.errors:
            self.add_error("nap", gettext("Choose how long."))
        return data


class MergeForm(forms.Form):
    """The dispute that this one goes into."""

    into = DisputeChoice(
        Dispute.objects.none(),
        label=_("The same matter as"),
        empty_label=None,
        help_text=_("The invoices and people of this dispute go there; this one is closed as a duplicate."),
    )

    def __init__(self, data: Any, *, user: User, dispute: Dispute) -> None:
        super().__init__(data)
        self.fields["into"].queryset = mergeable(user, dispute)  # type: ignore[attr-defined]


class MacroForm(forms.Form):
    """A macro: what is left empty is left out. The changes are made in the order they stand here."""

    name = forms.CharField(label=_("Name"), max_length=60)
    reason = forms.ChoiceField(label=_("Change the reason to"), required=False)
    move = forms.ChoiceField(label=_("Make the move"), required=False)
    assign = forms.ChoiceField(label=_("Assign to"), required=False)
    ask_to = forms.ChoiceField(label=_("Ask"), required=False, choices=[("", "–"), *Asks.choices])
    ask_text = forms.CharField(
        label=_("The question"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    nap = forms.ChoiceField(label=_("Snooze"), required=False, choices=[("", "–"), *Nap.choices])
    then = forms.ChoiceField(label=_("And then"), choices=Then.choices, initial=Then.NEXT)
    shared = forms.BooleanField(label=_("For everybody of the legal entity"), required=False)

    def __init__(
        self, data: Any, *, entity: LegalEntity, may_share: bool, macro: Macro | None = None
    ) -> None:
        super().__init__(data, initial=_initial(macro) if macro else None)
        none = ("", "–")
        people = [(f"user:{one.pk}", one.name) for one in people_of(entity.pk, "dispute.move")]
        teams = [(f"team:{one.pk}", one.name) for one in Department.objects.filter(entity=entity)]
        self._choose("reason", [none, *reason_choices(entity.pk)])
        self._choose("move", [none, *_moves(entity)])
        self._choose("assign", [none, (ME, gettext("Whoever uses the macro")), *people, *teams])
        if not may_share:
            del self.fields["shared"]

    def _choose(self, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)

    def steps(self) -> list[dict[str, Any]]:
        """The changes as data."""
        data = self.cleaned_data
        steps: list[dict[str, Any]] = []
        if data["reason"]:
            steps.append({"do": Change.CLASSIFY.value, "reason": data["reason"]})
        if data["move"]:
            steps.append({"do": Change.MOVE.value, "move": data["move"]})
        if data["assign"]:
            kind, _colon, key = data["assign"].partition(":")
            who = (
                {"user": ME}
                if kind == ME
                else {"user": int(key)}
                if kind == "user"
                else {"department": int(key)}
            )
            steps.append({"do": Change.ASSIGN.value, **who})
        if data["ask_to"]:
            steps.append({"do": Change.ASK.value, "to": data["ask_to"], "text": data["ask_text"]})
        if data["nap"]:
            steps.append({"do": Change.SNOOZE.value, "for": data["nap"]})
        return steps


def _moves(entity: LegalEntity) -> list[tuple[str, str]]:
    """The moves of the entity's present routes that demand nothing, each once."""
    rows = Move.objects.filter(stage__version__route__entity=entity, stage__version__current=True, demands=[])
    return list({move.code: move.label for move in rows.order_by("pk")}.items())


def _initial(macro: Macro) -> dict[str, Any]:
    initial: dict[str, Any] = {"name": macro.name, "then": macro.then, "shared": macro.shared}
    for step in macro.steps:
        do = step["do"]
        if do == Change.CLASSIFY:
            initial["reason"] = step["reason"]
        elif do == Change.MOVE:
            initial["move"] = step["move"]
        elif do == Change.SNOOZE:
            initial["nap"] = step["for"]
        elif do == Change.ASK:
            initial |= {"ask_to": step["to"], "ask_text": step["text"]}
        elif "department" in step:
            initial["assign"] = f"team:{step['department']}"
        else:
            initial["assign"] = ME if step["user"] == ME else f"user:{step['user']}"
    return initial
