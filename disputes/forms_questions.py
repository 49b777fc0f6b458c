"""The forms around questions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from disputes.choices import Asks, QuestionKind
from disputes.deadlines import MINUTES, Deadline, moment_of
from disputes.forms import people_of
from disputes.labels import in_language
from disputes.models import AskTemplate, Dispute, Question, QuestionTemplate
from disputes.services import TemplateInput
from disputes.services.common import due
from lib import clock

LANGUAGES = ("es", "fr", "en")


class ForwardForm(forms.Form):
    """Who knows better, and why."""

    to = forms.ModelChoiceField(User.objects.none(), label=_("Pass on to"), empty_label=_("Choose a person"))
    reason = forms.CharField(
        label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"})
    )

    def __init__(self, data: Any, *, question: Question) -> None:
        super().__init__(data)
        had = [question.asked_of_id, *question.passes.values_list("from_user", flat=True)]
        people = people_of(question.dispute.entity_id, "dispute.move").exclude(pk__in=had)
        self.fields["to"].queryset = people  # type: ignore[attr-defined]


class TemplateForm(forms.Form):
    """A question kept at hand, in the three languages."""

    label_es = forms.CharField(label=_("Question in Spanish"), max_length=500, required=False)
    label_fr = forms.CharField(label=_("Question in French"), max_length=500, required=False)
    label_en = forms.CharField(label=_("Question in English"), max_length=500, required=False)
    kind = forms.ChoiceField(label=_("The answer is"), choices=QuestionKind.choices)
    options = forms.CharField(
        label=_("Quick answers"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One on each line, as Spanish | French | English. Only for one of several."),
    )
    asks = forms.ChoiceField(label=_("To"), choices=Asks.choices)
    deadline_minutes = forms.IntegerField(
        label=_("Deadline in working minutes"), required=False, min_value=1, help_text=_("A day has 540.")
    )
    target_field = forms.CharField(
        label=_("Kept as"),
        required=False,
        max_length=40,
        help_text=_("The field of the dispute that the answer fills, such as agreed_price."),
    )
    active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, data: Any, *, row: AskTemplate | None) -> None:
        self.row = row
        super().__init__(data, initial=self._initial(row) if row else None)

    @staticmethod
    def _initial(row: AskTemplate) -> dict[str, Any]:
        lines = [" | ".join(one["labels"].get(code, "") for code in LANGUAGES) for one in row.choices]
        names = ("kind", "asks", "deadline_minutes", "target_field", "active")
        given = {name: getattr(row, name) for name in names} | {"options": "\n".join(lines)}
        return given | {f"label_{code}": row.labels.get(code, "") for code in LANGUAGES}

    def wanted(self) -> TemplateInput:
        """What `set_template` takes. A line with one wording is that wording in every language."""
        data = self.cleaned_data
        lines = [line.split("|") for line in data["options"].splitlines() if line.strip()]
        choices = [
            dict(zip(LANGUAGES, parts if len(parts) > 1 else parts * 3, strict=False)) for parts in lines
        ]
        return TemplateInput(
            labels={code: data[f"label_{code}"] for code in LANGUAGES},
            kind=data["kind"],
            choices=choices,
            code=self.row.code if self.row else "",
            target_field=data["target_field"],
            deadline_minutes=data["deadline_minutes"],
            asks=data["asks"],
            active=data["active"],
        )

    def field_for(self, name: str) -> str | None:
        """The field of this form a sentence of the service belongs to."""
        places = {"labels": "label_es", "choices": "options", "code": "label_es"}
        place = places.get(name, name)
        return place if place in self.fields else None


class AskForm(forms.Form):
    """A question to one person, from scratch or from one of the proposed ones."""

    has_preview = True

    asked_of = forms.ModelChoiceField(User.objects.none(), label=_("To"), empty_label=None)
    text = forms.CharField(label=_("Question"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    kind = forms.ChoiceField(
        label=_("The answer is"), choices=QuestionKind.choices, initial=QuestionKind.CHOICE
    )
    choice_1 = forms.CharField(label=_("Quick answer 1"), max_length=80, required=False)
    choice_2 = forms.CharField(label=_("Quick answer 2"), max_length=80, required=False)
    choice_3 = forms.CharField(label=_("Quick answer 3"), max_length=80, required=False)
    choice_4 = forms.CharField(label=_("Quick answer 4"), max_length=80, required=False)
    deadline = forms.ChoiceField(
        label=_("Answer wanted"), choices=Deadline.choices, initial=Deadline.FOUR_HOURS
    )
    due_at = forms.DateTimeField(
        label=_("At this moment instead"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    fallback = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Who answers when the deadline has passed"),
        required=False,
        empty_label=_("The coordinator"),
    )
    urgent = forms.CharField(
        label=_("Urgent, because"),
        max_length=200,
        required=False,
        help_text=_(
            "Only when it cannot wait: it goes through quiet hours, and the reason stands on the card."
        ),
    )

    def __init__(self, data: Any, *, dispute: Dispute, template: str = "", at_hand: str = "") -> None:
        self.dispute = dispute
        mine = AskTemplate.objects.filter(reason=dispute.reason_id, active=True)
        self.at_hand = mine.filter(pk=at_hand).first() if at_hand.isdigit() else None
        of_route = QuestionTemplate.objects.filter(stage__version=dispute.route_version_id)
        self.of_route = of_route.order_by("stage__position")
        self.of_reason = mine
        found = self.of_route.filter(pk=template).first() if template.isdigit() else self.at_hand
        super().__init__(data, initial=self._initial(found))
        self.fields["asked_of"].queryset = people_of(dispute.entity_id, "question.answer")  # type: ignore[attr-defined]
        self.fields["fallback"].queryset = people_of(dispute.entity_id, "dispute.move")  # type: ignore[attr-defined]

    def suggestions(self) -> list[dict[str, str]]:
        """Questions to start from: those of the reason, then those of the route."""
        here = reverse("disputes:ask", args=[self.dispute.pk])
        hand = [{"label": one.label, "url": f"{here}?at_hand={one.pk}"} for one in self.of_reason]
        return hand + [{"label": one.label, "url": f"{here}?template={one.pk}"} for one in self.of_route]

    def _initial(self, found: AskTemplate | QuestionTemplate | None) -> dict[str, Any]:
        dispute = self.dispute
        whom = {Asks.HOLDER: dispute.holder_user, Asks.COORDINATOR: dispute.coordinator}
        person = whom.get(Asks(found.asks)) if found else None
        person = person or dispute.customer.salesperson or dispute.coordinator
        initial: dict[str, Any] = {"asked_of": person.pk}
        if found is None:
            return initial
        words = person.language
        initial |= {"text": in_language(found.labels, words), "kind": found.kind}
        for place, choice in enumerate(found.choices[:4], 1):
            initial[f"choice_{place}"] = in_language(choice["labels"], words)
        if found.deadline_minutes in MINUTES.values():
            initial["deadline"] = next(k for k, v in MINUTES.items() if v == found.deadline_minutes)
        elif found.deadline_minutes and self.at_hand:
            initial["due_at"] = due(clock.now(), found.deadline_minutes, dispute.entity)
        return initial

    def given(self) -> dict[str, Any]:
        """What `ask_question` takes. Words nobody changed keep their other languages."""
        data, at = self.cleaned_data, clock.now()
        typed = [data.get(f"choice_{place}", "") for place in range(1, 5)]
        known = [choice["labels"] for choice in self.at_hand.choices] if self.at_hand else []
        labels = self.at_hand.labels if self.at_hand and data["text"] in self.at_hand.labels.values() else {}
        choices = [
            {"label": words, "labels": next((one for one in known if words in one.values()), {})}
            for words in typed
            if words
        ]
        return {
            "asked_of": data["asked_of"],
            "text": data["text"],
            "kind": data["kind"],
            "choices": choices,
            "labels": labels,
            "target_field": self.at_hand.target_field if self.at_hand else "",
            "due_at": data["due_at"] or moment_of(data["deadline"], at, self.dispute.entity),
            "fallback": data["fallback"],
            "urgent": data["urgent"],
        }

    def preview(self) -> Question:
        """The question as it would be asked, not kept."""
        given = self.given()
        for place, choice in enumerate(given["choices"], 1):
            choice["value"] = str(place)
        if given["kind"] != QuestionKind.CHOICE:
            given["choices"] = []
        return Question(dispute=self.dispute, pk=0, asked_at=clock.now(), **given)
