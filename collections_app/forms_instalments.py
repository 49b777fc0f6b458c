"""The shape of an agreement on instalments as people type it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.formats import sanitize_separators
from django.utils.translation import gettext_lazy as _

from collections_app import selectors
from collections_app.forms import InvoicesChoice, SaidForm, day_field
from collections_app.schedules import MONTH, MOST, WEEK, Share, equal
from ledger.models import Invoice
from lib.money import ZERO


class InstalmentsForm(SaidForm):
    """Which invoices, how much of them, in how many instalments."""

    field_order = ("invoice", "amount", "count", "every", "first_on", "source", "contact", "said_by", "note")
    invoice = InvoicesChoice()
    amount = forms.DecimalField(
        label=_("Amount in instalments"),
        max_digits=14,
        decimal_places=2,
        localize=True,
        required=False,
        help_text=_("Empty: all that is open and not in dispute. Less is placed on the oldest first."),
    )
    count = forms.IntegerField(label=_("Number of instalments"), min_value=1, max_value=MOST)
    every = forms.ChoiceField(
        label=_("Every"), choices=[(MONTH, _("month")), (WEEK, _("week"))], initial=MONTH, required=False
    )
    first_on = day_field(_("First on"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # It has a value from the start: nobody needs to be told that it may be left alone.
        self.fields["every"].quiet = True  # type: ignore[attr-defined]

    @property
    def currency(self) -> str:
        """The currency of what is chosen; empty while nothing is."""
        chosen: Sequence[Invoice] = list(getattr(self, "cleaned_data", {}).get("invoice") or [])
        return chosen[0].currency if chosen else ""

    def parts(self) -> list[tuple[Invoice, Decimal]]:
        """What the agreement covers of each invoice."""
        return selectors.parts_of(list(self.cleaned_data["invoice"]), self.cleaned_data["amount"])

    def calculated(self) -> tuple[list[Share], str]:
        """Equal instalments, the last one with the rounding; or why not."""
        data, total = self.cleaned_data, sum((amount for _one, amount in self.parts()), ZERO)
        if total < data["count"] * Decimal("0.01"):
            return [], str(_("There is not enough to share out."))
        shares = equal(total, data["count"], data["first_on"], data["every"] or MONTH, self.currency)
        return shares, ""


def given_shares(posted: QueryDict) -> list[Share]:
    """The days and amounts of the rows; rows with neither are left out, odd ones become nothing on no day."""
    pairs = zip(posted.getlist("due_on"), posted.getlist("share"), strict=False)
    return [share for day, amount in pairs if (share := _share(day, amount)) is not None]


def _share(day: str, amount: str) -> Share | None:
    if not day.strip() and not amount.strip():
        return None
    try:
        return Share(date.fromisoformat(day), Decimal(str(sanitize_separators(amount))))
    except (ValueError, InvalidOperation):
        # Refused by the rule, with its sentence: no instalment is nothing.
        return Share(date.max, Decimal("0.00"))


def shares_of(rows: Sequence[dict[str, Any]]) -> list[Share]:
    """The instalments of a request to the API."""
    return [Share(row["due_on"], row["amount"]) for row in rows]
