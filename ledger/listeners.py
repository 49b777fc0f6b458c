"""What the ledger does when something happened in it. Each is idempotent: events may come twice."""

from accounts.events import Event, listen
from ledger.answers.attach import attach_waiting


@listen("import.finished", "invoice.recorded")
def attach_answers(event: Event) -> None:
    """Invoices came in: answers that were there before them find them now."""
    attach_waiting(entity_id=event.entity_id, at=event.at)
