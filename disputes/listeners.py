"""What disputes do when something happened below them. Each is idempotent: events may come twice."""

from decimal import Decimal

from django.db import transaction

from accounts.events import Event, listen
from accounts.models import LegalEntity
from disputes import tasks
from disputes.evidence import keeping
from disputes.models import Dispute, DisputeLine
from disputes.services import (
    Heard,
    Short,
    accept_if_small,
    catalogue,
    close_mass_if_done,
    expect_mail,
    install_limits,
    keep_with_request,
    notes_of_batch,
    prioritize,
    settle_if_paid,
    take_allocation,
    take_answer,
    take_back_allocation,
    take_credit_note,
    take_short_payment,
    wake,
)
from ledger.choices import AllocationKind

# Allocations that answer a request to billing or the ERP.
ANSWERS = (AllocationKind.CREDIT_NOTE, AllocationKind.WRITE_OFF)


@listen("entity.opened")
def install_catalogue(event: Event) -> None:
    """A new legal entity gets the reasons and routes of the catalogue, and limits to start with."""
    entity = LegalEntity.objects.get(pk=event.object_id)
    catalogue.install(entity, at=event.at)
    install_limits(entity)


@listen("payment.allocated")
def close_what_is_settled(event: Event) -> None:
    """An invoice was paid or credited: the request it answers is issued, what it settles closes by itself."""
    if event.data.get("kind") in ANSWERS and event.data.get("allocation"):
        take_allocation(allocation_id=event.data["allocation"], at=event.at)
    live = DisputeLine.objects.filter(invoice=event.object_id, closed_on=None)
    for dispute_id in sorted(set(live.values_list("dispute_id", flat=True))):
        settle_if_paid(dispute_id=dispute_id, at=event.at)


@listen("payment.reversed")
def hear_of_a_reversal(event: Event) -> None:
    """A credit note or write-off was taken back: the request it answered waits again."""
    if event.data.get("kind") in ANSWERS and event.data.get("allocation"):
        take_back_allocation(reversal_id=event.data["allocation"], at=event.at)


@listen("invoice.recorded")
def hear_of_a_credit_note(event: Event) -> None:
    """A credit note that names a disputed invoice came from the ERP."""
    take_credit_note(note_id=event.object_id, at=event.at)


@listen("import.finished")
def hear_of_credit_notes(event: Event) -> None:
    """A file brought credit notes; `object_id` is the import."""
    for note_id in notes_of_batch(event.object_id):
        take_credit_note(note_id=note_id, at=event.at)


@listen("dispute.opened")
def accept_small_claims(event: Event) -> None:
    """A claim within the tolerance of its entity needs nobody."""
    accept_if_small(dispute_id=event.object_id, at=event.at)


@listen("credit.issued")
def keep_what_was_promised(event: Event) -> None:
    """The credit note is there: whoever promised it has kept their word."""
    keep_with_request(request_id=event.data["request"], at=event.at)


@listen("payment.short")
def dispute_the_difference(event: Event) -> None:
    """A customer paid less than the invoice: the difference becomes a dispute."""
    data = event.data
    source = ("transaction", data["transaction"]) if data.get("transaction") else ("payment", data["payment"])
    short = Short(
        invoice_id=event.object_id,
        amount=Decimal(data["amount"]),
        currency=data["currency"],
        source=f"{source[0]}:{source[1]}",
        text=data.get("text") or "",
        reason=data.get("reason") or "",
    )
    take_short_payment(short=short, by=event.actor, at=event.at)


@listen(
    "dispute.told",
    "dispute.moved",
    "dispute.assigned",
    "dispute.handed_over",
    "dispute.given_back",
    "dispute.reopened",
    "question.answered",
)
def wake_what_moved(event: Event) -> None:
    """Something happened to a dispute that was put aside before: it is back in the queue."""
    wake(dispute_id=event.object_id, by=None, at=event.at, why="event", after=event.seq)


@listen("invoice.answered")
def hear_the_customer(event: Event) -> None:
    """The customer's system said something about an invoice."""
    data = event.data
    heard = Heard(
        answer_id=data["answer"],
        invoice_id=event.object_id,
        standard=data["standard"],
        status=data["status"],
        reasons=data.get("reasons") or [],
        text=data.get("text") or "",
        amount=Decimal(data["amount"]) if data.get("amount") else None,
    )
    take_answer(heard=heard, at=event.at)


@listen("calendar.changed", "calendar.closed", "calendar.opened")
def count_deadlines_again(event: Event) -> None:
    """Working hours changed: the deadlines counted in them move, in a job of its own."""
    entity_id = event.entity_id
    if entity_id is not None:
        transaction.on_commit(lambda: tasks.due_again.delay(entity_id), robust=True)


@listen("question.asked", "question.forwarded", "question.passed_on")
def tell_by_mail(event: Event) -> None:
    """Somebody is asked: a mail with links follows, unless they answer first."""
    expect_mail(question_id=event.data["question"], at=event.at)


@listen("evidence.redacted")
def destroy_the_original(event: Event) -> None:
    """A file was redacted: its bytes go for good. What fails is tried again by the sweeper."""
    keeping.destroy(event.data["gone"]["key"])


@listen(
    "dispute.opened",
    "dispute.moved",
    "dispute.assigned",
    "dispute.line_changed",
    "dispute.merged",
    "dispute.split",
    "dispute.reopened",
)
def compute_priority(event: Event) -> None:
    """What it is about, or its deadline, changed: so may its priority."""
    prioritize(ids=[event.object_id], at=event.at)


@listen("priority.weighed")
def compute_priorities(event: Event) -> None:
    """What is urgent in the legal entity was changed."""
    open_ones = Dispute.objects.active().filter(entity=event.object_id)
    prioritize(ids=open_ones.values_list("pk", flat=True), at=event.at)


@listen("customer.segment", "customer.segment_pinned", "customer.segment_unpinned")
def compute_priorities_of_a_customer(event: Event) -> None:
    """Another segment counts for the customer."""
    open_ones = Dispute.objects.active().filter(customer=event.object_id)
    prioritize(ids=open_ones.values_list("pk", flat=True), at=event.at)


@listen("dispute.closed")
def close_mass(event: Event) -> None:
    """The last open child of a mass dispute closes it."""
    mass_id = Dispute.objects.filter(pk=event.object_id).values_list("mass", flat=True).first()
    if mass_id is not None:
        close_mass_if_done(mass_id=mass_id, at=event.at)
