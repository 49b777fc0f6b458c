"""E-mails that wait for a person: kept once, put into a dispute with their files, or put aside."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import policy
from accounts.models import LegalEntity, User
from disputes.choices import EvidenceSide, Via
from disputes.errors import IllegalAct, RoleMayNot
from disputes.models import Dispute, TakenMail
from disputes.services.common import STREAM, moment_for, tell
from disputes.services.evidence import add_evidence
from disputes.services.opening import open_dispute
from ledger.models import Contact, Customer
from ledger.services import record_contact
from lib.errors import DomainError
from mailroom import services as mailroom
from mailroom.choices import Doubt
from mailroom.envelope import usable
from mailroom.inbound.reading import Read, read_eml
from mailroom.models import InboundMail


def take_mail(*, entity: LegalEntity, letter: Read, raw: bytes, by: User, at: datetime) -> TakenMail:
    """Keep a mail; the same one again (by its Message-ID) is the row there is, with `was_known` set."""
    if not policy.may(by, "dispute.open", entity.pk):
        raise RoleMayNot(_("Your role does not allow you to open disputes."))
    row = TakenMail(
        entity=entity,
        identity=letter.identity,
        address=letter.address,
        sender=letter.sender,
        subject=letter.subject,
        sent_at=letter.sent_at,
        text=letter.text,
        files=[{"name": one.name, "size": len(one.data)} for one in letter.files],
        raw=raw,
        taken_by=by,
        taken_at=at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        known: TakenMail = TakenMail.objects.get(entity=entity, identity=letter.identity)
        known.was_known = True
        return known
    return row


@transaction.atomic
def take_inbound(*, mail: InboundMail, doubt: Doubt, at: datetime) -> TakenMail | None:
    """A mail that came by e-mail and belongs to no conversation waits for a person, who is told why.

    Harmless twice; None while there is no legal entity at all.
    """
    entity = mail.entity or _entity_of(mail.from_address)
    if entity is None:
        return None
    mailroom.let_wait(mail=mail, reason=doubt, at=at, entity=entity)
    row = TakenMail(
        entity=entity,
        identity=mail.identity,
        address=mail.from_address,
        sender=mail.from_name,
        subject=mail.subject,
        sent_at=mail.sent_at,
        text=mail.text,
        files=mail.files,
        taken_at=at,
        inbound=mail,
        doubt=doubt,
    )
    TakenMail.objects.bulk_create([row], ignore_conflicts=True)
    kept: TakenMail = TakenMail.objects.select_for_update(of=("self",)).get(
        entity=entity, identity=mail.identity
    )
    if kept.inbound_id is None:  # the same mail was taken in by hand before
        kept.inbound = mail
        kept.save(update_fields=["inbound"])
    if kept.settled_by is not None:
        mailroom.settle_inbound(mail=mail, by=kept.settled_by, at=at)
    return kept


def _entity_of(address: str) -> LegalEntity | None:
    """Whose customer writes; the first legal entity when nobody knows."""
    known = Customer.objects.filter(Q(email__iexact=address) | Q(contacts__email__iexact=address))
    customer = known.select_related("entity").order_by("pk").first() if address else None
    return customer.entity if customer else LegalEntity.objects.order_by("pk").first()


@transaction.atomic
def settle_mail(*, mail: TakenMail, dispute: Dispute | None, by: User, at: datetime) -> TakenMail:
    """Say what became of the mail: in this dispute, or (None) put aside. The first one wins, the second is told.

    Its files are added afterwards (`keep_files`), outside any lock.
    """
    mail = _lock(mail.pk, by)
    mail.dispute, mail.settled_by, mail.settled_at = dispute, by, at
    if dispute is None:
        mail.raw = b""
    mail.save()
    if mail.inbound is not None and dispute is not None:
        mailroom.place_mail(mail=mail.inbound, stream=STREAM, object_id=dispute.pk, at=at, by=by)
    elif mail.inbound is not None:
        mailroom.settle_inbound(mail=mail.inbound, by=by, at=at)
    if dispute is not None:
        data = {"mail": mail.pk, "sender": mail.sender, "subject": mail.subject, "text": mail.text[:1000]}
        tell(dispute, "dispute.mailed", by=by, at=moment_for(dispute, at), data=data)
    return mail


def _lock(pk: int, by: User) -> TakenMail:
    mail: TakenMail = TakenMail.objects.select_for_update(of=("self",)).get(pk=pk)
    if not policy.may(by, "dispute.open", mail.entity_id):
        raise RoleMayNot(_("Your role does not allow you to open disputes."))
    if mail.settled_at is not None:
        name = mail.settled_by.name if mail.settled_by else ""
        raise IllegalAct(
            _("%(name)s has dealt with this e-mail already.") % {"name": name}, code="mail_settled"
        )
    return mail


def keep_files(*, mail: TakenMail, by: User, at: datetime) -> list[str]:
    """Put the mail and its files into its dispute as evidence, then drop the copy; what was refused, in sentences.

    Harmless twice: the same file is known by its content.
    """
    if mail.dispute is None:
        return []
    refused: list[str] = []
    title = (mail.subject or mail.sender or "e-mail")[:80]
    raw = bytes(mail.raw) or (mailroom.raw_of(mail.inbound) if mail.inbound else b"")
    if raw:
        files = [
            (f"{title}.eml", raw),
            *((one.name, one.data) for one in read_eml(raw, largest=len(raw)).files),
        ]
    else:  # It was pasted: its words are all there is.
        files = [(f"{title}.txt", mail.text.encode())]
    for name, data in files:
        try:
            add_evidence(
                dispute=mail.dispute,
                file=data,
                name=name,
                by=by,
                at=at,
                via=Via.MAIL,
                side=EvidenceSide.INTERNAL,
            )
        except DomainError as error:
            refused.append(f"{name}: {error}")
    TakenMail.objects.filter(pk=mail.pk).update(raw=b"")
    return refused


def attach_mail(*, mail: TakenMail, dispute: Dispute, by: User, at: datetime) -> list[str]:
    """Put the mail into a dispute that is there; what of its files was refused, in sentences."""
    mail = settle_mail(mail=mail, dispute=dispute, by=by, at=at)
    return keep_files(mail=mail, by=by, at=at)


@transaction.atomic
def know_sender(*, mail: TakenMail, customer: Customer, by: User, at: datetime) -> Contact:
    """The sender becomes a contact of the customer: what they write later is recognised."""
    if not policy.may(by, "ledger.write", mail.entity_id):
        raise RoleMayNot(_("Your role does not allow you to change contacts."))
    if not usable(mail.address) or customer.entity_id != mail.entity_id:
        raise IllegalAct(_("This sender has no address that can be written to."), code="no_address")
    return record_contact(customer=customer, name=(mail.sender or mail.address)[:150], email=mail.address)


@transaction.atomic
def block_mail(*, mail: TakenMail, by: User, at: datetime) -> None:
    """Put the mail aside, and refuse what this sender writes from now on."""
    if not policy.may(by, "ledger.write", mail.entity_id):
        raise RoleMayNot(_("Your role does not allow you to block senders."))
    if not mail.address:
        raise IllegalAct(_("This sender has no address that can be written to."), code="no_address")
    settle_mail(mail=mail, dispute=None, by=by, at=at)
    mailroom.block_sender(entity=mail.entity, address=mail.address, by=by, at=at)


@transaction.atomic
def open_from_mail(*, mail: TakenMail, by: User, at: datetime, **opening: Any) -> Dispute:
    """Open the dispute that the mail is about; when somebody settled the mail meanwhile, nothing is opened."""
    dispute = open_dispute(by=by, at=at, via=Via.MAIL, **opening)
    settle_mail(mail=mail, dispute=dispute, by=by, at=at)
    return dispute
