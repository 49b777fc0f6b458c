"""The forms of decisions: shape in, plain values out. Rules stay in the services."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.choices import Role
from accounts.models import Department, LegalEntity, User
from disputes.choices import Resolution
from disputes.choices_outcome import OfferSide, Promised
from disputes.forms import AmountField, CloseForm, people_of
from disputes.models import Dispute, Reason, Tolerance
from disputes.services import LimitInput, RuleInput
from disputes.services.ending import disputed_by_invoice
from disputes.services.families import given_of_the_matter
from disputes.services.limits import Book, book_of
from ledger.models import Invoice
from lib import clock, formats

RULES = 6


def day_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    """A day, typed or picked."""
    widget = forms.DateInput(attrs={"type": "date"})
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


def note_field(label: Any, *, required: bool = False) -> forms.CharField:
    """A note."""
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, required=required, max_length=4000, widget=widget)


class DecideForm(CloseForm):
    """The outcome: how much for which invoice, and whether to wait for the credit note."""

    field_order = ("verdict", "resolution", "credit_amount")
    waits = forms.BooleanField(
        label=_("Keep it open until the credit note has come"),
        required=False,
        help_text=_("It then closes by itself."),
    )
    expected_on = day_field(_("Credit note expected on"), required=False)
    told = forms.BooleanField(
        label=_("The customer knows the outcome already"),
        required=False,
        help_text=_("No letter goes. Otherwise nothing is asked for again before it has gone."),
    )

    def __init__(self, data: Any, *, dispute: Dispute, user: User) -> None:
        super().__init__(data, dispute=dispute)
        self.parts: dict[str, int] = {}
        disputed = disputed_by_invoice(dispute)
        if len(disputed) > 1:
            numbers = dict(Invoice.objects.filter(pk__in=disputed).values_list("pk", "number"))
            for pk, amount in disputed.items():
                name = f"part-{pk}"
                label = gettext("Of which for %(number)s") % {"number": numbers[pk]}
                self.fields[name] = AmountField(label=label, required=False)
                self.fields[name].widget.attrs["placeholder"] = formats.number(amount)
                self.parts[name] = pk
        self.fields["credit_amount"].help_text = self._limit(dispute, user)
        self.order_fields(
            ["verdict", "resolution", "credit_amount", *self.parts, "note", "waits", "expected_on", "told"]
        )

    @staticmethod
    def _limit(dispute: Dispute, user: User) -> str:
        alone = book_of(dispute.entity).alone(user, policy.scope(user).roles_in(dispute.entity_id))
        words = gettext(
            "The whole disputed amount when left empty. Up to %(amount)s you decide alone; above, others must agree."
        ) % {"amount": formats.money(alone, dispute.entity.currency)}
        before = given_of_the_matter(dispute, user, clock.today(dispute.entity.time_zone))
        if not before:
            return words
        more = gettext("You gave up %(amount)s of the same matter in the last 30 days: it counts with this.")
        return f"{words} {more % {'amount': formats.money(before, dispute.currency)}}"

    def given(self) -> dict[str, Any]:
        """What `close_dispute` takes."""
        data = self.cleaned_data
        parts = {pk: data[name] for name, pk in self.parts.items() if data.get(name) is not None}
        names = ("verdict", "resolution", "note", "waits", "expected_on", "told")
        return {name: data[name] for name in names} | {
            "amount": data["credit_amount"],
            "parts": parts or None,
        }


class RefuseForm(forms.Form):
    """Why not."""

    note = note_field(_("Why not"), required=True)


class OfferForm(forms.Form):
    """What one side proposes."""

    side = forms.ChoiceField(label=_("Whose offer"), choices=OfferSide.choices, widget=forms.RadioSelect)
    amount = AmountField(label=_("Amount credited"))
    rest_by = day_field(_("The rest is paid by"), required=False)
    valid_until = day_field(_("Valid until"))
    note = note_field(_("Note"))

    def __init__(self, data: Any, *, dispute: Dispute) -> None:
        super().__init__(data, initial={"side": OfferSide.OURS})
        self.fields["amount"].widget.attrs["placeholder"] = formats.number(dispute.amount)


class IssuedForm(forms.Form):
    """The document is there."""

    number = forms.CharField(label=_("Number of the document"), max_length=80, required=False)
    note = note_field(_("Note"))


class PromiseForm(forms.Form):
    """A promise among ourselves."""

    what = forms.ChoiceField(label=_("What"), choices=Promised.choices, widget=forms.RadioSelect)
    text = forms.CharField(label=_("In words"), max_length=300, required=False)
    due_on = day_field(_("By"))
    keeper = forms.ModelChoiceField(
        User.objects.none(), label=_("Who promises"), required=False, empty_label=_("I do")
    )
    department = forms.ModelChoiceField(
        Department.objects.none(), label=_("Or a department"), required=False, empty_label=_("None")
    )

    def __init__(self, data: Any, *, dispute: Dispute) -> None:
        super().__init__(data, initial={"what": Promised.CREDIT})
        self.fields["keeper"].queryset = people_of(dispute.entity_id, "dispute.move")  # type: ignore[attr-defined]
        teams = Department.objects.filter(entity=dispute.entity_id)
        self.fields["department"].queryset = teams  # type: ignore[attr-defined]


class LetterForm(forms.Form):
    """The letter as it will be sent."""

    to = forms.EmailField(label=_("To"))
    subject = forms.CharField(label=_("Subject"), max_length=300)
    body = forms.CharField(label=_("Text"), max_length=10000, widget=forms.Textarea(attrs={"rows": 14}))


class RulesForm(forms.Form):
    """Limits of the roles, rules above them, and the tolerance of an entity. An empty rule is none."""

    def __init__(self, data: Any, *, entity: LegalEntity) -> None:
        super().__init__(data)
        self.entity, self.book = entity, book_of(entity)
        self.roles = [role for role in Role if role != Role.PARTNER]
        self.personal = [limit for limit in self.book.limits if limit.user_id]
        self._limits(self.book)
        self._rules(self.book)
        self._tolerance(Tolerance.objects.filter(entity=entity).first())

    def _limits(self, book: Book) -> None:
        known = {limit.role: limit.amount for limit in book.limits if limit.role}
        for role in self.roles:
            initial = formats.number(known[role.value]) if role.value in known else ""
            self.fields[f"alone-{role.value}"] = AmountField(
                label=role.label, required=False, initial=initial
            )
        for limit in self.personal:
            self.fields[f"own-{limit.user_id}"] = AmountField(
                label=str(limit.user), required=False, initial=formats.number(limit.amount)
            )
        self.fields["person"] = forms.ModelChoiceField(
            people_of(self.entity.pk, "dispute.move"),
            label=_("A person's own limit"),
            required=False,
            empty_label=_("Nobody else"),
        )
        self.fields["person_amount"] = AmountField(label=_("Up to"), required=False)

    def _rules(self, book: Book) -> None:
        roles = [("", "–"), *((role.value, role.label) for role in self.roles)]
        kinds = [("", gettext("Any resolution")), *Resolution.choices]
        above, resolution = gettext("above"), gettext("resolution")
        approvals, by = gettext("approvals"), pgettext("who approves", "by")
        for place in range(max(RULES, len(book.rules) + 1)):
            rule = book.rules[place] if place < len(book.rules) else None
            words = gettext("Rule %(n)s") % {"n": place + 1}
            self.fields[f"above-{place}"] = AmountField(
                label=f"{words}: {above}",
                required=False,
                initial=formats.number(rule.above) if rule else "",
            )
            self.fields[f"kind-{place}"] = forms.ChoiceField(
                label=f"{words}: {resolution}",
                choices=kinds,
                required=False,
                initial=rule.resolution if rule else "",
            )
            self.fields[f"count-{place}"] = forms.IntegerField(
                label=f"{words}: {approvals}",
                min_value=1,
                max_value=5,
                required=False,
                initial=rule.approvals if rule else 1,
            )
            self.fields[f"role-{place}"] = forms.ChoiceField(
                label=f"{words}: {by}",
                choices=roles,
                required=False,
                initial=rule.role if rule else "",
            )
        self.places = range(max(RULES, len(book.rules) + 1))

    def _tolerance(self, row: Tolerance | None) -> None:
        self.fields["tolerated"] = forms.BooleanField(
            label=_("The system accepts small claims"), required=False, initial=bool(row and row.active)
        )
        self.fields["at_most"] = AmountField(
            label=_("At most"), required=False, initial=formats.number(row.amount) if row else ""
        )
        self.fields["share"] = AmountField(
            label=_("And at most this share of the invoices (%)"),
            required=False,
            initial=formats.number(row.percent) if row else "",
        )
        self.fields["reasons"] = forms.ModelMultipleChoiceField(
            Reason.objects.filter(entity=self.entity, active=True),
            label=_("For these reasons"),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            initial=list(row.reasons.values_list("pk", flat=True)) if row else [],
        )

    def clean(self) -> dict[str, Any] | None:
        """A rule needs its role and its amount, a person's limit its amount, a tolerance its bounds."""
        data = super().clean() or {}
        for place in self.places:
            if bool(data.get(f"role-{place}")) != (data.get(f"above-{place}") is not None):
                self.add_error(f"role-{place}", gettext("Give the amount and the role."))
        if data.get("person") and data.get("person_amount") is None:
            self.add_error("person_amount", gettext("Give the amount."))
        if data.get("tolerated") and (data.get("at_most") is None or data.get("share") is None):
            self.add_error("at_most", gettext("Give the amount and the share."))
        return data

    def limits(self) -> list[LimitInput]:
        """The limits as the service takes them."""
        data = self.cleaned_data
        found = {role.value: data.get(f"alone-{role.value}") for role in self.roles}
        limits = [LimitInput(amount, role=role) for role, amount in found.items() if amount is not None]
        own = {limit.user_id: (limit.user, data.get(f"own-{limit.user_id}")) for limit in self.personal}
        if data.get("person"):
            own[data["person"].pk] = (data["person"], data["person_amount"])
        return limits + [LimitInput(amount, user=user) for user, amount in own.values() if amount is not None]

    def rules(self) -> list[RuleInput]:
        """The rules as the service takes them."""
        data = self.cleaned_data
        return [
            RuleInput(
                data[f"above-{n}"],
                data[f"role-{n}"],
                data.get(f"count-{n}") or 1,
                data.get(f"kind-{n}") or "",
            )
            for n in self.places
            if data.get(f"role-{n}")
        ]

    def tolerance(self) -> dict[str, Any]:
        """The tolerance as the service takes it."""
        data = self.cleaned_data
        return {
            "amount": data.get("at_most") or Decimal(0),
            "percent": data.get("share") or Decimal(0),
            "reasons": list(data["reasons"]),
            "active": data["tolerated"],
        }

    def alone_fields(self) -> list[forms.BoundField]:
        """For the page: the limits."""
        own = [f"own-{limit.user_id}" for limit in self.personal]
        names = [*(f"alone-{role.value}" for role in self.roles), *own, "person", "person_amount"]
        return [self[name] for name in names]

    def rule_rows(self) -> list[list[forms.BoundField]]:
        """For the page: the fields of each rule."""
        return [[self[f"{part}-{n}"] for part in ("above", "kind", "count", "role")] for n in self.places]

    def tolerance_fields(self) -> list[forms.BoundField]:
        """For the page: the tolerance."""
        return [self[name] for name in ("tolerated", "at_most", "share", "reasons")]
