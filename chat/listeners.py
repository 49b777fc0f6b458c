"""The rooms follow what happens to disputes and questions. Delivery is at least once; repeating is harmless."""

from django.db import transaction

from accounts.events import Event, listen
from chat import bus, lines_outcome, tasks
from chat.services import follow_dispute, follow_question


@listen(
    "dispute.opened",
    "dispute.moved",
    "dispute.line_changed",
    "dispute.assigned",
    "dispute.classified",
    "dispute.cause_found",
    "dispute.merged",
    "dispute.split",
    "dispute.mailed",
    "dispute.joined_mass",
    "dispute.left_mass",
    "dispute.joined",
    "dispute.snoozed",
    "dispute.woken",
    "dispute.closed",
    "dispute.reopened",
    "dispute.rerouted",
    "dispute.letter",
    "dispute.not_sent",
    "branch.started",
    "branch.given",
    "branch.done",
    "branch.cancelled",
    "evidence.added",
    "evidence.shared",
    "dispute.handed_over",
    "dispute.given_back",
    "dispute.due_moved",
    "evidence.redacted",
    "pack.made",
    "dispute.late",
)
def dispute_changed(event: Event) -> None:
    """The room of the dispute has a new line."""
    follow_dispute(event)


@listen(
    "question.asked",
    "question.answered",
    "question.withdrawn",
    "question.reminded",
    "question.overdue",
    "question.unseen",
    "question.forwarded",
    "question.changed",
    "question.put_off",
    "question.passed_on",
)
@listen(*lines_outcome.KINDS)
def decision_changed(event: Event) -> None:
    """Somebody decided, asked for a decision, offered or promised something: a line, and a fresh card."""
    follow_dispute(event)


@listen("question.asked", "question.answered", "question.withdrawn", "question.passed_on")
def question_changed(event: Event) -> None:
    """The room of the dispute has a new card, or the end of one."""
    follow_question(event)


@listen("mail.received")
def mail_received(event: Event) -> None:
    """A mail came in: a worker puts it where it belongs (its files are scanned, so nothing is locked meanwhile)."""
    mail_id = event.data["mail"]
    transaction.on_commit(lambda: tasks.take_mail.delay(mail_id), robust=True)


@listen("person.role_changed", "person.role_taken", "person.deactivated")
def standing_changed(event: Event) -> None:
    """Somebody may see less: their open sockets hear nothing more until the database has said what they may hear."""
    bus.revoke_after_commit(event.data["user"])
