"""The letter that tells a customer why a claim is rejected: proposed, read by a person, sent once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from disputes.choices import Status
from disputes.errors import FieldErrors, IllegalAct
from disputes.labels import in_language
from disputes.lifecycle import Act
from disputes.models import Dispute
from disputes.services.common import STREAM, allow, lock, moment_for, tell
from disputes.services.lines import closings
from ledger.models import Contact
from lib.formats import day, money
from mailroom import services as mailroom
from mailroom.catalogue import kinds
from mailroom.choices import LetterStatus
from mailroom.errors import LetterIsGone
from mailroom.models import Letter

KIND = "dispute.rejected"
LONGEST = 10000


@dataclass(frozen=True, slots=True)
class Draft:
    """The letter as it is proposed."""

    to: str
    name: str
    language: str
    subject: str
    body: str


def kind_for(dispute: Dispute) -> str:
    """The kind of letter: the reason's own where there are words for it, else the general one."""
    own = f"{KIND}.{dispute.reason.code}"
    return own if own in kinds() else KIND


def draft_rejection(*, dispute: Dispute, by: User) -> Draft:
    """The words for this reason in the customer's language, with the facts of the dispute. Raises IllegalAct."""
    _check(dispute, by)
    contact = _contact(dispute)
    customer = dispute.customer
    language = (contact.language if contact else "") or customer.language or dispute.entity.language
    with override(language):
        lines = dispute.lines.filter(closing=closings(dispute)).select_related("invoice")
        values = {
            "customer": customer.name,
            "ref": dispute.ref,
            "invoices": ", ".join(dict.fromkeys(line.invoice.number for line in lines)),
            "amount": money(dispute.amount, dispute.currency),
            "reason": in_language(dispute.reason.labels, language),
            "opened": day(dispute.opened_on),
            "note": dispute.outcome.note,
        }
    text = mailroom.text_for(kind=kind_for(dispute), language=language, entity=dispute.entity)
    rendered = mailroom.render(text=text, entity=dispute.entity, values=values)
    to, name = (contact.email, contact.name) if contact else ("", customer.name)
    return Draft(to, name, rendered.language, rendered.subject, rendered.text.strip())


def key_of(dispute: Dispute) -> str:
    """One letter for each closing of a dispute."""
    return f"rejection:{dispute.pk}:{closings(dispute)}"


@transaction.atomic
def send_rejection(*, dispute: Dispute, to: str, subject: str, body: str, by: User, at: datetime) -> Letter:
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
    draft = draft_rejection(dispute=dispute, by=by)
    words = mailroom.plain(
        entity=dispute.entity, language=draft.language, subject=subject.strip(), text=body.strip()
    )
    letter = mailroom.Draft(
        entity=dispute.entity,
        key=key_of(dispute),
        kind=kind_for(dispute),
        to_address=to.strip(),
        to_name=draft.name,
        words=words,
        about_stream=STREAM,
        about_id=dispute.pk,
    )
    at = moment_for(dispute, at)
    try:
        sent = mailroom.queue_letter(draft=letter, at=at)
    except LetterIsGone:
        raise _sent_already() from None
    tell(
        dispute,
        "dispute.letter",
        by=by,
        at=at,
        data={"letter": sent.pk, "to": to.strip(), "subject": subject},
    )
    return sent


def _check(dispute: Dispute, by: User) -> None:
    allow(dispute, Act.WRITE_REJECTION, by)
    if dispute.status != Status.REJECTED:
        raise IllegalAct(_("Only a rejected claim gets this letter."), code="not_rejected")
    if Letter.objects.filter(key=key_of(dispute)).exclude(status=LetterStatus.FAILED).exists():
        raise _sent_already()


def _sent_already() -> IllegalAct:
    return IllegalAct(_("The customer has this letter already."), code="sent_already")


def _contact(dispute: Dispute) -> Contact | None:
    """Who reads it at the customer's: the billing contact first."""
    rows = Contact.objects.filter(customer=dispute.customer).exclude(email="")
    found: Contact | None = rows.order_by("-is_billing", "pk").first()
    return found
