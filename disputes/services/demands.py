"""The fields a move may demand, each with its check. A new field is one function and one row of `CHECKS`."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from disputes.choices import Demand
from disputes.errors import FieldErrors
from disputes.models import Dispute, Reason
from lib.formats import money
from lib.money import q

LONGEST_NOTE = 4000
LARGEST = Decimal("1000000000000")


class Wrong(Exception):
    """A value cannot be used; the message says why."""


def read_amount(value: Any) -> Decimal:
    """A typed amount: `1250.5`, `1250,50` or `1.250,50`; raises Wrong."""
    text = str(value).strip().replace("\u202f", "").replace("\xa0", "").replace(" ", "")
    if "," in text and "." in text:
        thousands = "." if text.rindex(",") > text.rindex(".") else ","
        text = text.replace(thousands, "")
    try:
        amount = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise Wrong(_("Write an amount, such as 1250.50.")) from None
    if not amount.is_finite() or abs(amount) >= LARGEST:
        raise Wrong(_("Write an amount, such as 1250.50."))
    return amount


def read_date(value: Any) -> date:
    """A date as YYYY-MM-DD; raises Wrong."""
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value).strip())
    except ValueError:
        raise Wrong(_("Write a date as YYYY-MM-DD.")) from None


def _note(dispute: Dispute, value: Any) -> str:
    if len(str(value)) > LONGEST_NOTE:
        raise Wrong(_("A note has at most 4000 characters."))
    return str(value).strip()


def _credit_amount(dispute: Dispute, value: Any) -> Decimal:
    amount = q(read_amount(value), dispute.currency)
    if not 0 < amount <= dispute.amount:
        raise Wrong(
            _("The amount to credit must be more than zero and at most %(amount)s.")
            % {"amount": money(dispute.amount, dispute.currency)}
        )
    return amount


def _number(dispute: Dispute, value: Any) -> str:
    if len(str(value).strip()) > 80:
        raise Wrong(_("A number has at most 80 characters."))
    return str(value).strip()


def _reason(dispute: Dispute, value: Any) -> str:
    if not Reason.objects.filter(entity_id=dispute.entity_id, code=value, active=True).exists():
        raise Wrong(_("Choose a reason from the list."))
    return str(value)


def _day(dispute: Dispute, value: Any) -> str:
    return read_date(value).isoformat()


CHECKS: dict[str, Callable[[Dispute, Any], Any]] = {
    Demand.NOTE: _note,
    Demand.CREDIT_AMOUNT: _credit_amount,
    Demand.CREDIT_NOTE_NUMBER: _number,
    Demand.REASON: _reason,
    Demand.PROMISED_ON: _day,
    Demand.ROOT_CAUSE: _reason,
}
ALWAYS_WELCOME = (Demand.NOTE, Demand.ROOT_CAUSE)


def clean_demands(dispute: Dispute, demands: Iterable[str], fields: Mapping[str, Any]) -> dict[str, Any]:
    """The demanded fields, checked, and a note or root cause when given; raises FieldErrors with one sentence each."""
    demanded = list(demands)
    clean: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name in [*demanded, *(extra for extra in ALWAYS_WELCOME if extra not in demanded)]:
        value = fields.get(name)
        if value in (None, "") or not str(value).strip():
            if name in demanded:
                errors[name] = _("This is needed for the move.")
            continue
        try:
            clean[name] = CHECKS[name](dispute, value)
        except Wrong as wrong:
            errors[name] = str(wrong)
    if errors:
        raise FieldErrors(errors)
    return clean
