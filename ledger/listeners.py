"""What the ledger does when something happened in it. Each is idempotent: events may come twice."""

from accounts.events import Event, listen
from ledger.answers.attach import attach_waiting
from ledger.bank.cash import match_waiting


@listen("import.finished", "invoice.recorded")
def attach_answers(event: Event) -> None:
    """Invoices came in: answers that were there before them find them now."""
    attach_waiting(entity_id=event.entity_id, at=event.at)


@listen("import.finished")
def explain_payments(event: Event) -> None:
    """Invoices came in: payments that were there before them find them now. A bank file has matched itself."""
    if event.entity and "statements" not in event.data:
        match_waiting(entity=event.entity, at=event.at)
