"""Sends the formal notice of a legal file: by registered post, by e-mail, or both; and looks again before printing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from collections_app.choices_contentious import FileAct, FileStatus
from collections_app.contentious.claim import claim_of
from collections_app.contentious.notice import KIND, FormalNotice, notice_of, paper_of, written
from collections_app.errors import ContentiousError
from collections_app.models import LegalFile
from collections_app.services.contentious import act
from collections_app.services.contentious_steps import STREAM, Said, hold_file
from collections_app.services.enclosing import PDF, documents_of
from lib import formats
from mailroom.choices import Channel, LetterStatus
from mailroom.envelope import usable
from mailroom.models import Letter
from mailroom.paper.address import whole
from mailroom.services import Draft, File, queue_letter, sheet_of, withdraw_letter

CHANNELS = (Channel.POST, Channel.EMAIL)


@transaction.atomic
def send_formal_notice(
    *,
    file_id: int,
    deadline: date,
    channels: Collection[str],
    by: User,
    on: date,
    at: datetime,
    expected: Decimal | None = None,
    note: str = "",
) -> LegalFile:
    """Write the notice into the outbox and take the file to *notified*, in one transaction.

    `expected` is the total the person saw: another one is refused. Raises ContentiousError when nothing is claimed, the
    day is not to come, or there is no address for a channel.
    """
    file = hold_file(file_id)
    claim = claim_of(file, on)
    if deadline <= on:
        raise ContentiousError(_("The last day to pay lies ahead."), code="file_deadline")
    if not claim.principal:
        raise ContentiousError(_("Nothing is left to claim: close the file."), code="file_nothing_left")
    if expected is not None and claim.total != expected:
        sentence = _("It is %(amount)s now: something changed meanwhile. Look at it again.")
        shown = formats.money(claim.total, claim.currency)
        raise ContentiousError(sentence % {"amount": shown}, code="changed_meanwhile")
    notice = notice_of(file, claim, deadline)
    chosen = [Channel(one) for one in channels if one in CHANNELS]
    _reachable(notice, chosen)
    number = file.steps.filter(act=FileAct.NOTIFY).count() + 1
    letters = {channel: queue_letter(draft=_draft(notice, channel, number), at=at) for channel in chosen}
    said = Said(note=note, deadline=deadline, letters=(letters.get(Channel.EMAIL), letters.get(Channel.POST)))
    return act(file_id=file.pk, act=FileAct.NOTIFY, said=said, by=by, on=on, at=at)


def _reachable(notice: FormalNotice, channels: Collection[Channel]) -> None:
    if not channels:
        raise ContentiousError(_("Choose how the notice goes."), code="file_channel")
    if Channel.POST in channels and not whole(notice.recipient.postal):
        sentence = _(
            "The customer has no whole postal address (street, postcode and town). Complete it first."
        )
        raise ContentiousError(sentence, code="file_no_postal")
    if Channel.EMAIL in channels and not usable(notice.recipient.address):
        raise ContentiousError(_("The customer has no usable e-mail address."), code="file_no_email")


def _draft(notice: FormalNotice, channel: Channel, number: int) -> Draft:
    """The letter; an e-mail takes the same on paper and the invoices along."""
    file, recipient = notice.file, notice.recipient
    words = written(notice, channel)
    paper, files = paper_of(notice), tuple[File, ...]()
    if channel == Channel.EMAIL:
        sheet = sheet_of(entity=file.entity, words=words, paper=paper)
        invoices = documents_of([one.invoice.pk for one in notice.claim.standing])
        files = (File(f"{file.ref}.pdf", PDF, made={"sheet": sheet}), *invoices)
    return Draft(
        entity=file.entity,
        key=f"legal-file:{file.pk}:{number}:{channel}",
        kind=KIND,
        channel=channel,
        paper=paper if channel == Channel.POST else None,
        files=files,
        to_address="" if channel == Channel.POST else recipient.address,
        to_name=recipient.name or file.customer.name,
        words=words,
        about_stream=STREAM,
        about_id=file.pk,
    )


def look_again(letter: Letter, at: datetime) -> Letter | None:
    """Before it is printed: nothing goes when nothing is left or the file is closed; else it asks for what is open now.

    Runs in the transaction of the batch.
    """
    file = hold_file(letter.about_id or 0)
    last = file.steps.filter(act=FileAct.NOTIFY).order_by("-seq").first()
    if file.status == FileStatus.CLOSED or last is None or last.paper_letter_id != letter.pk:
        withdraw_letter(key=letter.key)
        return None
    claim = claim_of(file, last.on)
    if not claim.principal or file.deadline is None:
        withdraw_letter(key=letter.key)
        return None
    number = int(letter.key.split(":")[2])
    with translation.override(letter.language):
        fresh = queue_letter(draft=_draft(notice_of(file, claim, file.deadline), Channel.POST, number), at=at)
    return fresh if fresh.status == LetterStatus.TRAY else None
