"""The forms of what hangs on a stage: questions with their answers, branches, alerts, letters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from disputes.choices import AlertTo, Asks, QuestionKind, SendTo
from disputes.drawing.told import letter_in_words
from disputes.editing import own_code
from disputes.forms_route import (
    LANGUAGES,
    UNIT_CHOICES,
    UNITS,
    Data,
    HeldForm,
    LabelsForm,
    MoveForm,
    Setting,
    split_minutes,
)
from mailroom.catalogue import kinds

MOST_CHOICES = 8
SPARE = 3  # empty rows for further answers


class QuestionForm(LabelsForm):
    """What is asked, of whom, and what each answer does. `part` is None when nothing was asked."""

    kind = forms.ChoiceField(label=_("The answer is"), choices=QuestionKind.choices, initial="choice")
    asks = forms.ChoiceField(label=_("Whom it goes to"), choices=Asks.choices)
    deadline = forms.IntegerField(label=_("Deadline"), required=False, min_value=1, max_value=2000)
    deadline_unit = forms.ChoiceField(label=_("in"), choices=UNIT_CHOICES, initial="hours")
    target_field = forms.SlugField(
        label=_("Kept under the name"),
        required=False,
        max_length=40,
        help_text=_("The answer is kept in the dispute under this name, for exports."),
    )
    move = forms.ChoiceField(
        label=_("Any answer makes the move"),
        required=False,
        help_text=_("Or choose a move for each answer below."),
    )

    def __init__(
        self, post: Mapping[str, Any] | None, part: Data | None, setting: Setting, **more: Any
    ) -> None:
        self.rows = min(len((part or {}).get("choices") or []) + SPARE, MOST_CHOICES + SPARE)
        self.before = part or {}
        super().__init__(post, part, setting, **more)
        moves = [("", _("No move")), *setting.moves]
        self.fields["move"].choices = moves  # type: ignore[attr-defined]
        for row in range(self.rows):
            for code, name in LANGUAGES:
                words = forms.TextInput(
                    attrs={"lang": code, "aria-label": f"{gettext('Answer')} {row + 1}, {name}"}
                )
                self.fields[f"choice_{row}_{code}"] = forms.CharField(
                    label=name, required=False, max_length=200, widget=words
                )
            select = forms.Select(attrs={"aria-label": f"{gettext('Answer')} {row + 1}: {gettext('Move')}"})
            self.fields[f"choice_{row}_move"] = forms.ChoiceField(
                label=_("Move"), required=False, choices=moves, widget=select
            )

    def read(self, part: Data) -> Data:
        """With its answers."""
        number, unit = split_minutes(part.get("deadline_minutes"))
        names = ("kind", "asks", "target_field", "move")
        found = {name: part[name] for name in names if part.get(name)}
        for row, choice in enumerate(part.get("choices") or []):
            labels = choice.get("labels") or {}
            found |= {f"choice_{row}_{code}": labels.get(code, "") for code, _name in LANGUAGES}
            found[f"choice_{row}_move"] = choice.get("move", "")
        return super().read(part) | found | {"deadline": number, "deadline_unit": unit}

    @property
    def answers(self) -> list[list[forms.BoundField]]:
        """The rows of answers: words in each language, and the move."""
        names = [code for code, _name in LANGUAGES] + ["move"]
        return [[self[f"choice_{row}_{name}"] for name in names] for row in range(self.rows)]

    def choices(self) -> list[Data]:
        """The answers that were written; one keeps its value (old answers are kept by it) while it has words."""
        found: list[Data] = []
        before = self.before.get("choices") or []
        for row in range(self.rows):
            labels = self.labels(self.cleaned_data, f"choice_{row}_")
            if labels:
                taken = [choice["value"] for choice in [*found, *before[row + 1 :]]]
                value = before[row]["value"] if row < len(before) else own_code(labels, taken, "answer")
                move = self.cleaned_data.get(f"choice_{row}_move") or ""
                found.append({"value": value, "labels": labels} | ({"move": move} if move else {}))
        return found

    def part(self) -> Data:
        """With its answers."""
        cleaned = self.cleaned_data
        number = cleaned.get("deadline")
        names = ("kind", "asks", "target_field", "move")
        return (
            super().part()
            | {name: cleaned.get(name) or "" for name in names}
            | {"deadline_minutes": number * UNITS[cleaned["deadline_unit"]] if number else None}
            | {"choices": self.choices()}
        )


class BranchQuestionForm(QuestionForm):
    """The question of a branch, which may have none."""

    def clean(self) -> dict[str, Any]:
        """Without words there is no question."""
        return forms.Form.clean(self) or {}

    def question(self) -> Data | None:
        """The question, or None without words."""
        made = self.part()
        if not made["labels"]:
            return None
        fallback = own_code(made["labels"], [], "question")
        return {"code": self.before.get("code") or fallback, **{k: v for k, v in made.items() if v}}


class BranchForm(HeldForm):
    """Something done at the same time as the other branches of the stage, with its question."""

    def __init__(
        self, post: Mapping[str, Any] | None, part: Data | None, setting: Setting, **more: Any
    ) -> None:
        super().__init__(post, part, setting, **more)
        asked = (part or {}).get("question")
        self.asked = BranchQuestionForm(post, asked, setting, prefix="question")

    def is_valid(self) -> bool:
        """Both forms."""
        return all([super().is_valid(), self.asked.is_valid()])

    def part(self) -> Data:
        """With its question."""
        return super().part() | {"question": self.asked.question()}


class AlertForm(forms.Form):
    """Who is told how long before or after the deadline."""

    amount = forms.IntegerField(label=_("How long"), min_value=0, max_value=2000, initial=0)
    unit = forms.ChoiceField(label=_("in"), choices=UNIT_CHOICES)
    when = forms.ChoiceField(
        label=_("When"), choices=[("before", _("before the deadline")), ("after", _("after the deadline"))]
    )
    to = forms.ChoiceField(label=_("Who is told"))
    hand_over = forms.BooleanField(
        label=_("They also get the dispute"),
        required=False,
        help_text=_("Escalation: from then on it is theirs."),
    )

    def __init__(
        self, post: Mapping[str, Any] | None, part: Data | None, setting: Setting, **more: Any
    ) -> None:
        part = part or {}
        number, unit = split_minutes(part.get("minutes"))
        initial = {
            "amount": number or 0,
            "unit": unit,
            "to": part.get("to"),
            "hand_over": part.get("hand_over"),
        }
        initial["when"] = "before" if part.get("minutes", 0) < 0 else "after"
        super().__init__(post, initial=initial, **more)
        roles = [(f"role:{role.value}", role.label) for role in Role]
        to: Any = self.fields["to"]
        to.choices = [*AlertTo.choices, (_("Everybody with the role"), roles)]

    @property
    def others(self) -> list[forms.BoundField]:
        """The fields, as the page shows them."""
        return list(self)

    def part(self) -> Data:
        """Minutes are negative before the deadline."""
        cleaned = self.cleaned_data
        minutes = cleaned["amount"] * UNITS[cleaned["unit"]]
        sign = -1 if cleaned["when"] == "before" else 1
        return {"minutes": sign * minutes, "to": cleaned["to"], "hand_over": cleaned["hand_over"]}


class SendForm(forms.Form):
    """A letter that goes out when the stage is entered."""

    text = forms.ChoiceField(label=_("Letter"))
    to = forms.ChoiceField(label=_("To"), choices=SendTo.choices)

    def __init__(
        self, post: Mapping[str, Any] | None, part: Data | None, setting: Setting, **more: Any
    ) -> None:
        part = part or {}
        super().__init__(post, initial={name: part.get(name) for name in ("text", "to")}, **more)
        self.fields["text"].choices = [(kind, letter_in_words(kind)) for kind in kinds()]  # type: ignore[attr-defined]

    @property
    def others(self) -> list[forms.BoundField]:
        """The fields, as the page shows them."""
        return list(self)

    def part(self) -> Data:
        """Which text, to whom."""
        return {name: self.cleaned_data[name] for name in ("text", "to")}


PART_FORMS: dict[str, Any] = {
    "moves": MoveForm,
    "questions": QuestionForm,
    "branches": BranchForm,
    "alerts": AlertForm,
    "sends": SendForm,
}
