"""Opens legal files and takes them from step to step; each step is a row, an event of the file's own chain."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from accounts import policy
from accounts.choices import Role
from accounts.models import LegalEntity, User
from collections_app.choices_contentious import FileAct, FileEnd, FileStatus, Law
from collections_app.contentious import lifecycle
from collections_app.contentious.parties import LONGEST, facts_of, fields_of
from collections_app.decision.open_items import open_items
from collections_app.errors import ContentiousError
from collections_app.models import LegalFile, LegalFileLine
from collections_app.services.contentious_steps import Said, hold_file, keep_document, keep_step, say
from disputes.services.limits import book_of
from ledger.models import Customer, Invoice
from ledger.selectors import worth
from lib.errors import NotAllowed
from lib.money import ZERO

A, S = FileAct, FileStatus


def law_of(customer: Customer) -> str:
    """The law a file starts with: that of the debtor's country, where a court is."""
    country = customer.country or customer.entity.country
    return country if country in (Law.ES, Law.FR) else Law.OTHER


@transaction.atomic
def open_file(
    *,
    customer: Customer,
    currency: str,
    invoices: Collection[int],
    law: str,
    by: User,
    on: date,
    at: datetime,
    note: str = "",
) -> LegalFile:
    """Open a legal file over overdue, undisputed, unpromised invoices of one customer and currency.

    Locks the invoices, so that none comes into two files. Raises ContentiousError naming the first that cannot.
    """
    mine = Invoice.objects.filter(pk__in=invoices, customer=customer, currency=currency, kind="invoice")
    locked = list(mine.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    if not locked or len(locked) != len(set(invoices)):
        raise ContentiousError(_("Choose overdue invoices of this customer."), code="file_invoices")
    parts = _free(customer, currency, locked, on)
    entity = LegalEntity.objects.select_for_update(no_key=True).get(pk=customer.entity_id)
    last = LegalFile.objects.filter(entity=entity, year=on.year).aggregate(last=Max("number"))["last"] or 0
    file = LegalFile(
        entity=entity,
        customer=customer,
        currency=currency,
        law=law,
        year=on.year,
        number=last + 1,
        principal=sum(parts.values(), ZERO),
        opened_by=by,
        opened_on=on,
        opened_at=at,
    )
    file.full_clean()
    file.save()
    LegalFileLine.objects.bulk_create(
        LegalFileLine(file=file, invoice_id=pk, principal=amount, opened_on=on)
        for pk, amount in parts.items()
    )
    keep_step(file, A.OPEN, Said(note=note), by=by, on=on, at=at)
    return file


def _free(customer: Customer, currency: str, wanted: list[int], on: date) -> dict[int, Decimal]:
    """What is open of each; refuses what is not late, disputed, promised or in another file."""
    pursued = LegalFileLine.objects.filter(invoice__in=wanted, closed_on=None).select_related("file")
    for line in pursued:
        sentence = _("This invoice is in another legal file.")
        raise ContentiousError(f"{line.file.ref}: {sentence}", code="file_invoice_pursued")
    items = {one.invoice_id: one for one in open_items(customer, on) if one.currency == currency}
    for pk in wanted:
        item = items.get(pk)
        if item is None or item.late <= 0:
            raise ContentiousError(_("Choose overdue invoices of this customer."), code="file_invoices")
        facts = {"number": item.number}
        if item.disputed:
            raise ContentiousError(
                _("%(number)s is in dispute: settle it first.") % facts, code="file_invoice_disputed"
            )
        if item.promised:
            raise ContentiousError(
                _("%(number)s is promised for a day to come.") % facts, code="file_invoice_promised"
            )
    return {pk: items[pk].open for pk in wanted}


@transaction.atomic
def act(*, file_id: int, act: str, said: Said, by: User, on: date, at: datetime) -> LegalFile:
    """Take one step. Raises ContentiousError when the file does not stand there or something is missing, NotAllowed for
    who may not, or may not alone. A report with a `key` that was taken already changes nothing."""
    file = hold_file(file_id)
    if said.key and file.steps.filter(key=said.key).exists():
        return file
    move = lifecycle.check(file.status, act)
    if not policy.may(by, move.action, file.entity_id):
        raise NotAllowed(_("Your role does not allow this."), code="role_may_not")
    _not_missing(file, move, said, on)
    if move.weighs and not may_take_out(file, by, on):
        sentence = _("Above your limit: a second person agrees first.")
        raise NotAllowed(sentence, code="file_needs_second")
    _apply(file, FileAct(act), said, by, on, at)
    if move.target:
        file.status = move.target
    file.full_clean()
    file.save()
    if file.status == S.CLOSED:
        file.lines.filter(closed_on=None).update(closed_on=on)
    keep_step(file, FileAct(act), said, by=by, on=on, at=at)
    return file


def take_step(
    *, file_id: int, act_name: str, said: Said, by: User, on: date, at: datetime, upload: Any = None
) -> LegalFile:
    """`act`, with a document that is vetted and stored first; it is gone again when the step is refused."""
    document = keep_document(file_id, upload, str(upload.name)) if upload else None
    try:
        return act(file_id=file_id, act=act_name, said=replace(said, document=document), by=by, on=on, at=at)
    except BaseException:
        if document:
            default_storage.delete(document.stored_as)
        raise


@transaction.atomic
def set_facts(*, file_id: int, facts: Mapping[str, str], by: User, at: datetime) -> LegalFile:
    """Keep what a person typed for the papers; what says the same as the books is left to the books."""
    file = hold_file(file_id)
    if not policy.may(by, lifecycle.ACT, file.entity_id):
        raise NotAllowed(_("Your role does not allow this."), code="role_may_not")
    if file.status == S.CLOSED:
        raise ContentiousError(_("This file is closed."), code="file_closed")
    names = {one.name for one in fields_of(file)}
    kept = {name: value.strip()[:LONGEST] for name, value in facts.items() if name in names}
    book = facts_of(LegalFile(entity=file.entity, customer=file.customer, law=file.law, court=file.court))
    file.facts = file.facts | kept
    file.facts = {name: value for name, value in file.facts.items() if value and value != book.get(name)}
    file.save(update_fields=["facts"])
    say(file, "contentious.facts", by, at, {"facts": sorted(kept)})
    return file


def _not_missing(file: LegalFile, move: lifecycle.Move, said: Said, on: date) -> None:
    sentences = {
        "note": _("Say what happened."),
        "deadline": _("Say until when the formal notice gives time to pay."),
        "tracking": _("Give the tracking number."),
        "agency": _("Name the agency."),
        "court": _("Name the court."),
        "end": _("Say how the file ended."),
    }
    for name in move.needs:
        if not getattr(said, name):
            raise ContentiousError(sentences[name], code=f"file_{name}")
    if said.on and not file.opened_on <= said.on <= on:
        raise ContentiousError(_("This day is before the file was opened, or to come."), code="file_day")


def _apply(file: LegalFile, act: FileAct, said: Said, by: User, on: date, at: datetime) -> None:
    """What an act writes into the file beside its state."""
    if act == A.NOTIFY:
        file.deadline, file.tracking = said.deadline, ""
    elif act == A.TRACK:
        file.tracking = said.tracking
    elif act == A.HAND_OVER:
        file.agency, file.agency_reference = said.agency, said.agency_reference
        file.commission = said.commission
    elif act == A.SECOND:
        _second(file, by, on, at)
    elif act == A.CLOSE:
        if said.end == FileEnd.PAID and _still_open(file):
            raise ContentiousError(_("Something is still open of its invoices."), code="file_not_paid")
        file.end, file.end_note = said.end, said.note
        file.closed_on, file.closed_at = on, at
    if act in (A.FILE, A.ORDER, A.REPORT) and (said.court or said.court_reference):
        file.court = said.court or file.court
        file.court_reference = said.court_reference or file.court_reference
    if said.agency_reference and file.agency:
        file.agency_reference = said.agency_reference


def _still_open(file: LegalFile) -> bool:
    return file.lines.filter(invoice__allocated__lt=F("invoice__amount")).exists()


def _second(file: LegalFile, by: User, on: date, at: datetime) -> None:
    if file.opened_by_id == by.pk:
        sentence = _("Who opened the file cannot be the second person.")
        raise NotAllowed(sentence, code="file_second_own")
    if not may_second(file, by, on):
        raise NotAllowed(_("Your role does not allow this."), code="role_may_not")
    file.second_by, file.second_at = by, at


def may_second(file: LegalFile, by: User, on: date) -> bool:
    """Whether this person may agree beside who opened it: the highest role the entity's rules name, or an admin."""
    if file.opened_by_id == by.pk or not policy.may(by, lifecycle.ACT, file.entity_id):
        return False
    steps = book_of(file.entity).steps("", _weighed(file, on))
    return bool(policy.scope(by).roles_in(file.entity_id) & {steps[-1], Role.ADMIN.value})


def may_take_out(file: LegalFile, by: User, on: date) -> bool:
    """Whether the claim may leave the house: agreed by two people, or within the person's own limit."""
    if file.second_by_id is not None:
        return True
    weighed = _weighed(file, on)
    alone = book_of(file.entity).alone(by, policy.scope(by).roles_in(file.entity_id))
    return weighed is not None and weighed <= alone


def _weighed(file: LegalFile, on: date) -> Decimal | None:
    home = file.entity.currency
    return file.principal if file.currency == home else worth(file.principal, file.currency, home, on)
