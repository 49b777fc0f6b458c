"""How a customer is told the outcome: by the letter that goes by itself, by one a person reads first, or otherwise.

A rejection is always read by a person before it goes. Until the outcome is told, reminders leave the invoices alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from disputes.choices import CLOSED, Resolution, SendTo, Status, Telling
from disputes.errors import FieldErrors, IllegalAct
from disputes.labels import in_language
from disputes.lifecycle import Act
from disputes.models import Dispute, Outcome
from disputes.services.common import STREAM, allow, lock, moment_for, tell
from disputes.services.lines import closings
from disputes.services.sending import Recipient, recipient_of
from lib.formats import day, money
from lib.money import ZERO
from mailroom import services as mailroom
from mailroom.catalogue import kinds
from mailroom.choices import LetterStatus
from mailroom.envelope import usable
from mailroom.errors import LetterIsGone
from mailroom.models import Letter
from mailroom.rendering import Value

REJECTED, OUTCOME, ANNOUNCED = "dispute.rejected", "dispute.outcome", "dispute.credit_announced"
TOLD = (Resolution.CREDIT, Resolution.REBILL, Resolution.WRITE_OFF, Resolution.REJECTED)
NOT_GONE = (LetterStatus.FAILED, LetterStatus.WITHDRAWN, LetterStatus.BOUNCED)
LONGEST = 10000


@dataclass(frozen=True, slots=True)
class Draft:
    """The letter as it is proposed."""

    to: str
    name: str
    language: str
    subject: str
    body: str


def telling_of(resolution: str) -> Telling:
    """Whether an outcome is to be told: what we decided about a claim is."""
    return Telling.WANTED if resolution in TOLD else Telling.UNNEEDED


def begin_telling(dispute: Dispute, outcome: Outcome, at: datetime) -> None:
    """The letter of a claim that is solved goes at once, where the route writes to customers; one that announced the
    credit note is that letter.

    The caller holds the dispute's lock and has closed it. Without a usable address the timeline says so.
    """
    if outcome.telling != Telling.WANTED:
        return
    outcome.letter = (
        _announced(dispute) if outcome.resolution in (Resolution.CREDIT, Resolution.REBILL) else None
    )
    writes = dispute.route_version.route.writes_to_customers
    if outcome.letter is None and dispute.status == Status.SOLVED and writes:
        recipient = recipient_of(dispute, SendTo.CUSTOMER)
        if usable(recipient.address):
            outcome.letter = _queue(dispute, recipient, words_for(dispute, recipient), None, at)
        else:
            facts = {
                "text": OUTCOME,
                "to": SendTo.CUSTOMER,
                "name": recipient.name,
                "address": recipient.address,
            }
            tell(dispute, "dispute.not_sent", by=None, at=at, data=facts)
    if outcome.letter is not None:
        outcome.save(update_fields=["letter"])


def stop_telling(outcome: Outcome) -> None:
    """The dispute is taken up again: a letter about its outcome that still waits does not go."""
    if outcome.letter is not None and outcome.letter.key == key_of(outcome.dispute):
        mailroom.withdraw_letter(key=outcome.letter.key)


def kind_for(dispute: Dispute) -> str:
    """The kind of letter: of a rejection the reason's own where there are words for it."""
    if dispute.status != Status.REJECTED:
        return OUTCOME
    own = f"{REJECTED}.{dispute.reason.code}"
    return own if own in kinds() else REJECTED


def words_for(dispute: Dispute, recipient: Recipient, note: str = "") -> mailroom.Rendered:
    """The letter in the customer's language, with the facts of the closed dispute."""
    language = recipient.language or dispute.entity.language
    text = mailroom.text_for(kind=kind_for(dispute), language=language, entity=dispute.entity)
    with override(text.language):
        values = _values(dispute, recipient, text.language, note)
    return mailroom.render(text=text, entity=dispute.entity, values=values)


def _values(dispute: Dispute, recipient: Recipient, language: str, note: str) -> dict[str, Value]:
    lines = dispute.lines.filter(closing=closings(dispute)).select_related("invoice")
    outcome, currency = dispute.outcome, dispute.currency
    given = money(outcome.amount, currency) if outcome.amount else ""
    rebilled = outcome.resolution == Resolution.REBILL
    rest = ZERO if rebilled else dispute.amount - outcome.amount
    return {
        "recipient": recipient.name,
        "customer": dispute.customer.name,
        "entity": dispute.entity.name,
        "ref": dispute.ref,
        "invoices": ", ".join(dict.fromkeys(line.invoice.number for line in lines)),
        "amount": money(dispute.amount, currency),
        "reason": in_language(dispute.reason.labels, language),
        "opened": day(dispute.opened_on),
        "credit": given if outcome.resolution == Resolution.CREDIT else "",
        "written_off": given if outcome.resolution == Resolution.WRITE_OFF else "",
        "new_invoice": "1" if rebilled else "",
        "rest": money(rest, currency) if rest > 0 else "",
        "note": note,
    }


def draft_outcome(*, dispute: Dispute, by: User) -> Draft:
    """The letter as it would go. Raises IllegalAct when there is none to send."""
    _check(dispute, by)
    recipient = recipient_of(dispute, SendTo.CUSTOMER)
    note = dispute.outcome.note if dispute.status == Status.REJECTED else ""
    words = words_for(dispute, recipient, note)
    name = recipient.name or dispute.customer.name
    return Draft(recipient.address, name, words.language, words.subject, words.text.strip())


def key_of(dispute: Dispute) -> str:
    """One letter for each closing of a dispute."""
    return f"outcome:{dispute.pk}:{closings(dispute)}"


@transaction.atomic
def send_outcome(*, dispute: Dispute, to: str, subject: str, body: str, by: User, at: datetime) -> Letter:
    """Queue the letter as the person left it. Twice is once: the second is told. Raises IllegalAct, FieldErrors."""
    dispute = lock(dispute.pk)
    _check(dispute, by)
    errors = {
        name: _("Write something here.")
        for name, value in (("to", to), ("subject", subject), ("body", body))
        if not value.strip()
    }
    if len(body) > LONGEST:
        errors["body"] = _("This is too long.")
    if errors:
        raise FieldErrors(errors)
    language = recipient_of(dispute, SendTo.CUSTOMER).language or dispute.entity.language
    words = mailroom.plain(
        entity=dispute.entity, language=language, subject=subject.strip(), text=body.strip()
    )
    recipient = Recipient(dispute.customer.name, to.strip(), language)
    outcome = dispute.outcome
    outcome.letter = _queue(dispute, recipient, words, by, moment_for(dispute, at))
    outcome.telling = Telling.WANTED
    outcome.save(update_fields=["letter", "telling"])
    return outcome.letter


@transaction.atomic
def tell_otherwise(*, dispute: Dispute, how: str, by: User, at: datetime) -> Dispute:
    """The customer knows it already (`otherwise`), or need not be told (`unneeded`). Raises IllegalAct, FieldErrors."""
    dispute = lock(dispute.pk)
    _check(dispute, by)
    if how not in (Telling.OTHERWISE, Telling.UNNEEDED):
        raise FieldErrors({"how": _("Say how the customer knows.")})
    outcome, at = dispute.outcome, moment_for(dispute, at)
    outcome.telling, outcome.told_by, outcome.told_at = Telling(how), by, at
    outcome.save(update_fields=["telling", "told_by", "told_at"])
    tell(dispute, "outcome.told", by=by, at=at, data={"how": how})
    return dispute


def _queue(
    dispute: Dispute, recipient: Recipient, words: mailroom.Rendered, by: User | None, at: datetime
) -> Letter:
    draft = mailroom.Draft(
        entity=dispute.entity,
        key=key_of(dispute),
        kind=kind_for(dispute),
        to_address=recipient.address,
        to_name=recipient.name or dispute.customer.name,
        words=words,
        about_stream=STREAM,
        about_id=dispute.pk,
    )
    try:
        letter = mailroom.queue_letter(draft=draft, at=at)
    except LetterIsGone:
        raise _sent_already() from None
    facts: dict[str, object] = {"text": letter.kind, "to": SendTo.CUSTOMER}
    facts |= {"name": letter.to_name, "address": letter.to_address}
    facts |= {"letter": letter.pk, "subject": letter.subject, "language": letter.language}
    tell(dispute, "dispute.letter", by=by, at=at, data=facts)
    return letter


def _announced(dispute: Dispute) -> Letter | None:
    """The letter that announced the credit note to the customer, since the dispute was last opened."""
    closed = dispute.stays.filter(status__in=CLOSED).aggregate(last=Max("ended_at"))["last"]
    mine = Letter.objects.filter(about_stream=STREAM, about_id=dispute.pk, kind=ANNOUNCED)
    told = mine.filter(key__endswith=f":{SendTo.CUSTOMER}", created_at__gte=closed or dispute.opened_at)
    return told.exclude(status__in=NOT_GONE).order_by("pk").last()


def _check(dispute: Dispute, by: User) -> None:
    allow(dispute, Act.TELL_OUTCOME, by)
    keys = (key_of(dispute), f"rejection:{dispute.pk}:{closings(dispute)}")
    gone = Letter.objects.filter(key__in=keys).exclude(status__in=NOT_GONE)
    letter = dispute.outcome.letter
    if gone.exists() or (letter is not None and letter.status not in NOT_GONE):
        raise _sent_already()


def _sent_already() -> IllegalAct:
    return IllegalAct(_("The customer has this letter already."), code="sent_already")
