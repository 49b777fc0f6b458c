"""What is disputed: lines checked against what is open of their invoices."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, QuerySet, Sum
from django.utils.translation import gettext as _

from accounts.models import User
from disputes.choices_outcome import Ended
from disputes.errors import FieldErrors
from disputes.lifecycle import Act
from disputes.models import Dispute, DisputeLine
from disputes.services.common import allow, day_of, lock, lock_invoices, moment_for, tell
from disputes.services.searching import index_dispute
from disputes.services.waiting import drop
from ledger.choices import InvoiceKind
from ledger.models import Customer, Invoice, InvoiceLine
from lib.formats import money
from lib.money import ZERO, q


@dataclass(frozen=True, slots=True)
class LineInput:
    """A part of one invoice, incl. tax; with `invoice_line_id` of one of its lines, with `quantity` in its unit."""

    invoice_id: int
    amount: Decimal
    invoice_line_id: int | None = None
    quantity: Decimal | None = None


def disputed_now(invoice_ids: Iterable[int], *, but_for: Dispute | None = None) -> dict[int, Decimal]:
    """The sum of live lines per invoice, of all disputes but one. Invoices without any are not in it."""
    lines = DisputeLine.objects.filter(invoice__in=set(invoice_ids), closed_on=None)
    if but_for is not None:
        lines = lines.exclude(dispute=but_for)
    return dict(lines.order_by().values_list("invoice").annotate(total=Sum("amount")))


def disputable(
    invoices: Iterable[Invoice], on: date, *, but_for: Dispute | None = None
) -> dict[int, Decimal]:
    """What can still be disputed of each invoice: open at the end of `on`, minus what is disputed already."""
    ids = [invoice.pk for invoice in invoices]
    already = disputed_now(ids, but_for=but_for)
    still_open = {
        invoice.pk: invoice.open_amount  # type: ignore[attr-defined]
        for invoice in Invoice.objects.filter(pk__in=ids).open_as_of(on)
    }
    return {pk: max(still_open.get(pk, ZERO) - already.get(pk, ZERO), ZERO) for pk in ids}


def check_lines(
    customer: Customer,
    lines: Sequence[LineInput],
    invoices: dict[int, Invoice],
    on: date,
    *,
    but_for: Dispute | None = None,
) -> str:
    """The currency of the lines; raises FieldErrors with `lines.<n>.<field>` for what cannot be disputed.

    The caller holds the locks of `invoices`.
    """
    if not lines:
        raise FieldErrors({"lines": _("Choose at least one invoice.")})
    errors: dict[str, str] = {}
    room = disputable(invoices.values(), on, but_for=but_for)
    currency = ""
    for place, line in enumerate(lines):
        invoice = invoices.get(line.invoice_id)
        if invoice is None or invoice.customer_id != customer.pk or invoice.kind != InvoiceKind.INVOICE:
            errors[f"lines.{place}.invoice"] = _("Choose an invoice of this customer.")
            continue
        currency = currency or invoice.currency
        if invoice.currency != currency:
            errors[f"lines.{place}.invoice"] = _("All invoices of a dispute must be in the same currency.")
        problem = _amount_problem(line, invoice, room)
        if problem:
            errors[f"lines.{place}.amount"] = problem
        room[invoice.pk] -= line.amount
    errors |= _line_problems(lines)
    if errors:
        raise FieldErrors(errors)
    return currency


def _amount_problem(line: LineInput, invoice: Invoice, room: dict[int, Decimal]) -> str:
    if line.amount <= 0:
        return _("The disputed amount must be more than zero.")
    if line.amount != q(line.amount, invoice.currency):
        return _("The amount has too many decimals.")
    if line.amount > room[invoice.pk]:
        left = max(room[invoice.pk], ZERO)
        return _("Only %(amount)s of invoice %(number)s can still be disputed.") % {
            "amount": money(left, invoice.currency),
            "number": invoice.number,
        }
    return ""


def _line_problems(lines: Sequence[LineInput]) -> dict[str, str]:
    """Invoice lines that belong to another invoice, quantities that make no sense."""
    wanted = {line.invoice_line_id for line in lines if line.invoice_line_id}
    owners = dict(InvoiceLine.objects.filter(pk__in=wanted).values_list("pk", "invoice_id")) if wanted else {}
    errors: dict[str, str] = {}
    for place, line in enumerate(lines):
        if line.invoice_line_id and owners.get(line.invoice_line_id) != line.invoice_id:
            errors[f"lines.{place}.invoice_line"] = _("Choose a line of this invoice.")
        if line.quantity is not None and line.quantity <= 0:
            errors[f"lines.{place}.quantity"] = _("The quantity must be more than zero.")
    return errors


def write_lines(dispute: Dispute, lines: Sequence[LineInput], *, on: date, at: datetime) -> None:
    """Add live lines; the database keeps the dispute's amount. One by one, so that its cap sees each."""
    for line in lines:
        DisputeLine.objects.create(
            dispute=dispute,
            invoice_id=line.invoice_id,
            invoice_line_id=line.invoice_line_id,
            amount=line.amount,
            quantity=line.quantity,
            opened_on=on,
            recorded_at=at,
        )
    index_dispute(dispute)


def close_lines(lines: Iterable[DisputeLine], *, on: date, at: datetime, closing: int | None = None) -> None:
    """From this day on these lines no longer count as disputed; `closing`: the dispute's, if it ends them."""
    for line in lines:
        line.closed_on, line.closed_recorded_at = max(on, line.opened_on), max(at, line.recorded_at)
        line.closing = closing
        line.save(update_fields=["closed_on", "closed_recorded_at", "closing"])


def closings(dispute: Dispute) -> int:
    """How many times the dispute was closed with lines still live."""
    last: int | None = dispute.lines.aggregate(last=Max("closing"))["last"]
    return last or 0


def last_lines(dispute: Dispute) -> QuerySet[DisputeLine]:
    """The live lines of an open dispute; of a closed one those that its last closing ended."""
    if dispute.is_open:
        return dispute.lines.filter(closed_on=None)
    return dispute.lines.filter(closing=closings(dispute))


def line_facts(lines: Iterable[LineInput], invoices: Mapping[int, Invoice]) -> list[dict[str, object]]:
    """Lines as events tell them."""
    return [
        {"invoice": line.invoice_id, "number": invoices[line.invoice_id].number, "amount": str(line.amount)}
        for line in lines
    ]


@transaction.atomic
def change_lines(*, dispute: Dispute, lines: Sequence[LineInput], by: User | None, at: datetime) -> Dispute:
    """Replace what is disputed. Old lines are closed, not rewritten, so that any past day can be told."""
    old = list(dispute.lines.filter(closed_on=None))
    invoices = lock_invoices([line.invoice_id for line in lines] + [line.invoice_id for line in old])
    dispute = lock(dispute.pk)
    allow(dispute, Act.CHANGE_LINES, by)
    at = moment_for(dispute, at)
    on = max(day_of(at, dispute.entity), dispute.opened_on)
    currency = check_lines(dispute.customer, lines, invoices, on, but_for=dispute)
    if currency != dispute.currency:
        raise FieldErrors({"lines": _("All invoices of a dispute must be in the same currency.")})
    before: defaultdict[LineInput, list[DisputeLine]] = defaultdict(list)
    for line in dispute.lines.filter(closed_on=None).order_by("-pk"):
        before[LineInput(line.invoice_id, line.amount, line.invoice_line_id, line.quantity)].append(line)
    fresh = [line for line in lines if not (before[line] and before[line].pop())]
    was = dispute.amount
    drop(dispute, Ended.LINES, by=by, at=at, stays=True)
    close_lines((line for kept in before.values() for line in kept), on=on, at=at)
    write_lines(dispute, fresh, on=on, at=at)
    dispute.refresh_from_db(fields=["amount"])
    data = {"lines": line_facts(lines, invoices), "before": str(was), "amount": str(dispute.amount)}
    tell(dispute, "dispute.line_changed", by=by, at=at, data={**data, "currency": dispute.currency})
    return dispute
