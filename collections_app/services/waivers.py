"""Gives up late interest and recovery costs, wholly or in part: alone within one's limit, above it by two people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.choices import Role
from accounts.events import emit
from accounts.models import User
from collections_app.choices_interest import WaiverState
from collections_app.errors import InterestError
from collections_app.interest.position import Position, interest_for, line_data
from collections_app.models import Waiver, WaiverLine
from disputes.services.limits import Book, book_of
from ledger.models import Customer, Invoice
from ledger.selectors import worth
from lib.errors import NotAllowed
from lib.money import ZERO, split_exact, unit

S = WaiverState


@dataclass(frozen=True, slots=True)
class Wish:
    """What of an invoice is to be given up: its interest (`all`, or a sum of it) and its flat sum."""

    invoice: int
    interest: Decimal | None = None
    fee: bool = True


@transaction.atomic
def ask_waiver(
    *,
    customer: Customer,
    currency: str,
    until: date,
    wishes: Sequence[Wish],
    reason: str,
    by: User,
    on: date,
    at: datetime,
) -> Waiver:
    """Give it up at once when the person may and their limit covers it; otherwise ask for it.

    `interest` of a wish: None gives up all of it to the end of `until`. Raises InterestError when there is less.
    """
    if until > on:
        raise InterestError(_("Interest is waived to today at most."), code="until_future")
    found = _positions([wish.invoice for wish in wishes], customer, currency, until=until, on=on)
    waiver = Waiver(
        entity=customer.entity,
        customer=customer,
        currency=currency,
        until=until,
        reason=reason.strip(),
        state=S.ASKED,
        asked_by=by,
        asked_at=at,
    )
    lines = [line for wish in wishes if (line := _line(waiver, wish, found.get(wish.invoice))) is not None]
    if not lines:
        raise InterestError(_("There is nothing to waive here."), code="nothing_to_waive")
    waiver.interest = sum((line.interest for line in lines), ZERO)
    waiver.fees = sum((line.fee for line in lines), ZERO)
    waiver.total = waiver.interest + waiver.fees
    if _alone(waiver, by, on):
        waiver.state, waiver.alone = S.GRANTED, True
        waiver.decided_by, waiver.decided_on, waiver.decided_at = by, on, at
    waiver.full_clean()
    waiver.save()
    for line in lines:
        line.standing = waiver.state == S.GRANTED
    WaiverLine.objects.bulk_create(lines)
    _say(waiver, "interest.waived" if waiver.alone else "interest.waiver_asked", by, at)
    return waiver


def wishes_for(positions: Sequence[Position], amount: Decimal | None, *, fees: bool) -> list[Wish]:
    """What to wish of these invoices: all interest, or `amount` of it shared out by what each bears; their fees."""
    if amount is None:
        return [Wish(one.paper.pk, None, fees) for one in positions]
    bears = [one.interest for one in positions]
    if amount > sum(bears, ZERO) or amount < 0:
        raise InterestError(_("More cannot be waived than there is."), code="waiver_too_much")
    if not any(bears):
        return [Wish(one.paper.pk, ZERO, fees) for one in positions]
    shares = split_exact(amount, bears, unit(positions[0].paper.currency))
    return [Wish(one.paper.pk, share, fees) for one, share in zip(positions, shares, strict=True)]


@transaction.atomic
def decide_waiver(*, waiver_id: int, yes: bool, by: User, on: date, at: datetime, note: str = "") -> Waiver:
    """A second person says yes or no. Raises NotAllowed for who asked or may not, InterestError when it is decided
    or when less is left to waive than was asked for."""
    waiver = (
        Waiver.objects.select_for_update(of=("self",)).select_related("entity", "customer").get(pk=waiver_id)
    )
    if waiver.state != S.ASKED:
        raise InterestError(_("This waiver is decided already."), code="waiver_decided")
    if waiver.asked_by_id == by.pk:
        raise NotAllowed(_("Who asks for a waiver does not decide it."), code="waiver_own")
    if not may_decide(waiver, by, on):
        raise NotAllowed(_("Your role does not allow this."), code="role_may_not")
    if yes:
        _still_there(waiver, on)
    _end(waiver, S.GRANTED if yes else S.REFUSED, by, on, at, note)
    if yes:
        WaiverLine.objects.filter(waiver=waiver).update(standing=True)
    _say(waiver, "interest.waived" if yes else "interest.waiver_refused", by, at)
    return waiver


@transaction.atomic
def withdraw_waiver(*, waiver_id: int, by: User, on: date, at: datetime) -> Waiver:
    """Who asked takes it back before it is decided."""
    waiver = Waiver.objects.select_for_update(of=("self",)).get(pk=waiver_id)
    if waiver.state != S.ASKED:
        raise InterestError(_("This waiver is decided already."), code="waiver_decided")
    if waiver.asked_by_id != by.pk:
        raise NotAllowed(_("Only who asked for it takes it back."), code="waiver_not_own")
    _end(waiver, S.WITHDRAWN, by, on, at, "")
    _say(waiver, "interest.waiver_withdrawn", by, at)
    return waiver


def may_decide(waiver: Waiver, by: User, on: date) -> bool:
    """Whether this person's role may say yes to this sum: the highest that the entity's rules ask for, or an admin."""
    if waiver.asked_by_id == by.pk or not policy.may(by, "interest.waive", waiver.entity_id):
        return False
    book = book_of(waiver.entity)
    steps = book.steps("", _weighed(waiver, on))
    roles = policy.scope(by).roles_in(waiver.entity_id)
    return bool(roles & {steps[-1], Role.ADMIN.value})


def _alone(waiver: Waiver, by: User, on: date) -> bool:
    """Whether the person's own limit covers it; the limits are those of the entity's approvals."""
    if not policy.may(by, "interest.waive", waiver.entity_id):
        return False
    weighed = _weighed(waiver, on)
    book: Book = book_of(waiver.entity)
    return weighed is not None and weighed <= book.alone(by, policy.scope(by).roles_in(waiver.entity_id))


def _weighed(waiver: Waiver, on: date) -> Decimal | None:
    home = waiver.entity.currency
    return waiver.total if waiver.currency == home else worth(waiver.total, waiver.currency, home, on)


def _positions(
    ids: Sequence[int], customer: Customer, currency: str, *, until: date, on: date
) -> dict[int, Position]:
    """What these invoices bear, locked so that a claim of the same waits."""
    rows = Invoice.objects.filter(pk__in=ids, customer=customer, currency=currency, kind="invoice")
    list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    return interest_for(rows, on, until=until)


def _line(waiver: Waiver, wish: Wish, one: Position | None) -> WaiverLine | None:
    """What is given up of one invoice; None when that is nothing."""
    if one is None:
        return None
    asked = one.interest if wish.interest is None else wish.interest
    if not 0 <= asked <= one.interest:
        raise InterestError(_("More cannot be waived than there is."), code="waiver_too_much")
    fee = one.fee if wish.fee else ZERO
    if not asked and not fee:
        return None
    whole = asked > 0 and asked == one.explanation.interest
    lines = [line_data(line) for line in one.explanation.lines] if asked else []
    return WaiverLine(
        waiver=waiver,
        invoice_id=wish.invoice,
        explanation=lines,
        whole=whole or not asked,
        interest=asked,
        fee=fee,
    )


def _still_there(waiver: Waiver, on: date) -> None:
    lines = list(waiver.lines.all())
    found = _positions(
        [line.invoice_id for line in lines], waiver.customer, waiver.currency, until=waiver.until, on=on
    )
    for line in lines:
        one = found.get(line.invoice_id)
        kept = one is not None and line.interest <= one.interest and line.fee <= one.fee
        if kept and line.whole and one is not None and line.interest:
            kept = line.interest == one.explanation.interest
        if not kept:
            sentence = _("Something changed since it was asked for: refuse it, and ask again.")
            raise InterestError(sentence, code="changed_meanwhile")


def _end(waiver: Waiver, state: WaiverState, by: User, on: date, at: datetime, note: str) -> None:
    waiver.state, waiver.decided_note = state, note.strip()[:300]
    waiver.decided_by, waiver.decided_on, waiver.decided_at = by, on, at
    waiver.full_clean()
    waiver.save()


def _say(waiver: Waiver, kind: str, by: User, at: datetime) -> None:
    facts: dict[str, Any] = {"waiver": waiver.pk, "total": str(waiver.total), "currency": waiver.currency}
    facts |= {"interest": str(waiver.interest), "fees": str(waiver.fees), "reason": waiver.reason}
    emit(
        stream="customer",
        object_id=waiver.customer_id,
        entity_id=waiver.entity_id,
        kind=kind,
        actor=by,
        at=at,
        data=facts | {"note": waiver.decided_note},
    )
