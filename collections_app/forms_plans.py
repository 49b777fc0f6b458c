"""The shapes of what people type about plans: the figures of a version, its steps, who follows what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.choices import Language
from collections_app.choices import Attachment, Climb, Grouping, Release, Resume, StepChannel, letter_name
from collections_app.models import PlanVersion
from collections_app.services.plans import MOST_STEPS, Rules, StepInput, letter_kinds
from ledger.choices import Segment

STATEMENT = "dunning.statement"


def _amount(label: Any, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, max_digits=14, decimal_places=2, min_value=Decimal(0), localize=True, **more
    )


def _number(label: Any, most: int, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=more.pop("least", 0), max_value=most, **more)


class VersionForm(forms.Form):
    """The figures of a version."""

    minimum_amount = _amount(
        gettext_lazy("Smallest amount"), help_text=gettext_lazy("Nothing below it is asked for.")
    )
    gap_days = _number(
        gettext_lazy("Days between two messages"),
        120,
        help_text=gettext_lazy(
            "About the same invoice; also between the invoice itself and the first message."
        ),
    )
    answer_days = _number(
        gettext_lazy("Days to pay"), 120, least=1, help_text=gettext_lazy("The deadline in the letter.")
    )
    climb = forms.ChoiceField(
        label=gettext_lazy("After a pause"), choices=Climb.choices, widget=forms.RadioSelect
    )
    grouping = forms.ChoiceField(
        label=gettext_lazy("Messages"),
        choices=Grouping.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "Who deals with an invoice is said on its page and by imports; what nobody deals with goes to the contact "
            "who gets the reminders. For each contact, the limit counts the messages to that contact."
        ),
    )
    cool_days = _number(
        gettext_lazy("Quiet days after a dispute"),
        90,
        help_text=gettext_lazy("The customer reads the outcome before the next reminder of that invoice."),
    )
    resume = forms.ChoiceField(
        label=gettext_lazy("After a dispute"), choices=Resume.choices, widget=forms.RadioSelect
    )
    cap_messages = _number(
        gettext_lazy("Most messages to a customer"),
        99,
        least=1,
        required=False,
        help_text=gettext_lazy("Empty: no limit."),
    )
    cap_days = _number(gettext_lazy("within so many days"), 365, least=1)
    working_days = forms.BooleanField(
        label=gettext_lazy("Only on days on which the customer's country works"), required=False
    )
    hour_from = _number(gettext_lazy("Not before (hour)"), 23)
    hour_until = _number(
        gettext_lazy("Not after (hour)"),
        24,
        least=1,
        help_text=gettext_lazy("On the customer's clock, for the daily run."),
    )
    bank_days = _number(
        gettext_lazy("Bank account read within (days)"),
        90,
        least=1,
        required=False,
        help_text=gettext_lazy("Older: nothing goes until the statement is imported. Empty: never mind."),
    )
    release = forms.ChoiceField(
        label=gettext_lazy("Before it goes"), choices=Release.choices, widget=forms.RadioSelect
    )
    release_above = _amount(gettext_lazy("Released by a person from this amount on"), required=False)
    release_percent = _number(
        gettext_lazy("Of a hundred messages a person releases"), 100, least=1, required=False
    )

    @classmethod
    def of(cls, version: PlanVersion) -> VersionForm:
        """The form of a version that stands."""
        rules = Rules.of(version)
        return cls(initial={name: getattr(rules, name) for name in rules.__dataclass_fields__})

    def clean(self) -> dict[str, Any]:
        """What hangs together."""
        cleaned = super().clean() or {}
        if (cleaned.get("hour_from") or 0) >= (cleaned.get("hour_until") or 24):
            self.add_error("hour_until", _("The last hour must come after the first one."))
        if cleaned.get("release") == Release.ABOVE and cleaned.get("release_above") is None:
            self.add_error("release_above", _("Say from which amount on a person looks first."))
        if cleaned.get("release") == Release.SAMPLE and cleaned.get("release_percent") is None:
            self.add_error(
                "release_percent", _("Say how many of a hundred a person looks at, from 1 to 100.")
            )
        return cleaned

    @property
    def rules(self) -> Rules:
        """The figures, once valid."""
        return Rules(**self.cleaned_data)


class StepForm(forms.Form):
    """One step."""

    days = forms.IntegerField(label=gettext_lazy("Days after the due date"), min_value=-60, max_value=365)
    channel = forms.ChoiceField(label=gettext_lazy("How"), choices=StepChannel.choices)
    kind = forms.ChoiceField(label=gettext_lazy("Letter"))
    label_es = forms.CharField(label=Language.ES.label, required=False, max_length=80)
    label_fr = forms.CharField(label=Language.FR.label, required=False, max_length=80)
    label_en = forms.CharField(label=Language.EN.label, required=False, max_length=80)
    from_amount = _amount(gettext_lazy("Overdue from"), required=False)
    from_count = _number(gettext_lazy("Invoices from"), 999, required=False)
    countries = forms.CharField(label=gettext_lazy("Countries"), required=False, max_length=200)
    segments = forms.MultipleChoiceField(
        label=gettext_lazy("Segments"),
        choices=Segment.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    attach = forms.MultipleChoiceField(
        label=gettext_lazy("Goes along"),
        choices=Attachment.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    gone = forms.BooleanField(label=pgettext_lazy("a step of a plan", "Remove"), required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        kinds = [(kind, letter_name(kind)) for kind in letter_kinds()]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        self.fields["countries"].help_text = _("Two letters each, for example ES FR. Empty: everywhere.")

    def clean(self) -> dict[str, Any]:
        """A statement of account takes the statement along, as PDF and Excel, unless something else was chosen."""
        cleaned = super().clean() or {}
        bare = cleaned.get("channel") in (StepChannel.SMS, StepChannel.CALL, StepChannel.PORTAL)
        if cleaned.get("kind") == STATEMENT and not cleaned.get("attach") and not bare:
            cleaned["attach"] = [Attachment.STATEMENT_PDF.value, Attachment.STATEMENT_XLSX.value]
        return cleaned

    def clean_countries(self) -> list[str]:
        """Codes of two letters."""
        codes: list[str] = self.cleaned_data["countries"].replace(",", " ").upper().split()
        wrong = [code for code in codes if len(code) != 2 or not code.isalpha() or not code.isascii()]
        if wrong:
            raise forms.ValidationError(
                _("“%(code)s” is no country code of two letters.") % {"code": wrong[0]}
            )
        return codes

    @property
    def languages(self) -> list[forms.BoundField]:
        """The fields of its name."""
        return [self["label_es"], self["label_fr"], self["label_en"]]

    @property
    def conditional(self) -> bool:
        """Whether the conditions deserve to be seen at once."""
        names = ("from_amount", "from_count", "countries", "segments", "attach")
        return any(self[name].value() or self[name].errors for name in names)

    @property
    def step(self) -> StepInput:
        """The step, once valid. Without a name it has its letter's, in every language."""
        data = self.cleaned_data
        labels = {code: data[f"label_{code}"].strip() for code in ("es", "fr", "en")}
        return StepInput(
            days=data["days"],
            channel=data["channel"],
            kind=data["kind"],
            labels={code: words for code, words in labels.items() if words},
            attach=data["attach"],
            from_amount=data["from_amount"],
            from_count=data["from_count"],
            countries=data["countries"],
            segments=data["segments"],
        )


def initial_of(step: StepInput) -> dict[str, Any]:
    """The values of a step's form."""
    return {
        "days": step.days,
        "channel": step.channel,
        "kind": step.kind,
        **{f"label_{code}": words for code, words in step.labels.items()},
        "attach": step.attach,
        "from_amount": step.from_amount,
        "from_count": step.from_count,
        "countries": " ".join(step.countries),
        "segments": step.segments,
    }


def step_forms(
    post: Mapping[str, Any] | None, steps: Sequence[StepInput], extra: int = 0
) -> BaseFormSet[StepForm]:
    """The steps of a plan as forms, one after the other; `extra` empty ones at the end."""
    made = formset_factory(StepForm, extra=extra, max_num=MOST_STEPS, absolute_max=MOST_STEPS + 5)
    if post is not None:
        return made(post, prefix="steps")
    return made(initial=[initial_of(step) for step in steps], prefix="steps")


class NewPlanForm(forms.Form):
    """A new plan: its name, and which plan it begins as a copy of."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    like = forms.ChoiceField(label=gettext_lazy("Begins as a copy of"))

    def __init__(self, *args: Any, plans: Sequence[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["like"].choices = plans  # type: ignore[attr-defined]
