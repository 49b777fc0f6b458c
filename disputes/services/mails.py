"""E-mails taken in by hand: kept once, put into a dispute with their files, or put aside."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.models import LegalEntity, User
from disputes.choices import EvidenceSide, Via
from disputes.errors import IllegalAct, RoleMayNot
from disputes.mail.reading import Letter, read_eml
from disputes.models import Dispute, TakenMail
from disputes.services.common import moment_for, tell
from disputes.services.evidence import add_evidence
from disputes.services.opening import open_dispute
from lib.errors import DomainError


def take_mail(*, entity: LegalEntity, letter: Letter, raw: bytes, by: User, at: datetime) -> TakenMail:
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
def settle_mail(*, mail: TakenMail, dispute: Dispute | None, by: User, at: datetime) -> TakenMail:
    """Say what became of the mail: in this dispute, or (None) put aside. The first one wins, the second is told.

    Its files are added afterwards (`keep_files`), outside any lock.
    """
    mail = _lock(mail.pk, by)
    mail.dispute, mail.settled_by, mail.settled_at = dispute, by, at
    if dispute is None:
        mail.raw = b""
    mail.save()
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
    if mail.raw:
        raw = bytes(mail.raw)
        files = [(f"{title}.eml", raw), *((one.name, one.data) for one in read_eml(raw).files)]
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


@transaction.atomic
def open_from_mail(*, mail: TakenMail, by: User, at: datetime, **opening: Any) -> Dispute:
    """Open the dispute that the mail is about; when somebody settled the mail meanwhile, nothing is opened."""
    dispute = open_dispute(by=by, at=at, via=Via.MAIL, **opening)
    settle_mail(mail=mail, dispute=dispute, by=by, at=at)
    return dispute
