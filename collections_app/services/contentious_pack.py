"""Makes the evidence pack of a legal file, and the hand-over to an agency; its root stands in the file's chain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.models import User
from collections_app.contentious import lifecycle
from collections_app.contentious.claim import claim_of
from collections_app.contentious.handover import bundle
from collections_app.contentious.pack import Sealed, build
from collections_app.errors import ContentiousError
from collections_app.models import LegalFile
from collections_app.services.contentious_steps import hold_file, say
from disputes import services as disputes
from disputes.choices import CLOSED
from disputes.evidence.pack.build import Pack
from disputes.models import Dispute
from lib.errors import NotAllowed


@dataclass(frozen=True, slots=True)
class HandOver:
    """A ZIP for an agency (a file without a name, gone when closed), with the root of the pack in it."""

    file: IO[bytes]
    name: str
    root: str
    size: int


def make_pack(*, file_id: int, by: User, on: date, at: datetime) -> Pack:
    """Everything that proves the claim, in one ZIP, as of `on`. Raises NotAllowed for who may not act on the file.

    The packs of the disputes about its invoices that ended go in whole; no lock is held while files are copied.
    """
    file = _allowed(file_id, by)
    with ExitStack() as closing:
        sealed = []
        for one in _settled(file):
            made = disputes.make_pack(dispute=one, by=by, at=at)
            closing.callback(made.file.close)
            sealed.append(Sealed(made.name, made.file, made.root))
        pack = _built(file.pk, sealed, by, on, at)
    try:
        _note(file.pk, pack, by, at)
    except BaseException:
        pack.file.close()
        raise
    return pack


def hand_over_zip(*, file_id: int, by: User, on: date, at: datetime) -> HandOver:
    """The claim as a table and a workbook beside its pack. Raises ContentiousError without an agency."""
    file = _allowed(file_id, by)
    if not file.agency:
        raise ContentiousError(_("Hand the file over to an agency first."), code="file_agency")
    pack = make_pack(file_id=file_id, by=by, on=on, at=at)
    out, size = bundle(file, claim_of(file, on), pack)
    return HandOver(out, f"hand-over-{file.ref}.zip", pack.root, size)


def _allowed(file_id: int, by: User) -> LegalFile:
    file = LegalFile.objects.select_related("entity", "customer", "customer__entity").get(pk=file_id)
    if not policy.may(by, lifecycle.ACT, file.entity_id):
        raise NotAllowed(_("Your role does not allow this."), code="role_may_not")
    return file


def _settled(file: LegalFile) -> Iterator[Dispute]:
    """The disputes about its invoices that ended, the oldest first."""
    ids = file.lines.values("invoice_id")
    found = Dispute.objects.filter(lines__invoice__in=ids, status__in=CLOSED).distinct()
    return iter(found.select_related("entity", "customer").order_by("pk"))


@transaction.atomic
def _built(file_id: int, sealed: list[Sealed], by: User, on: date, at: datetime) -> Pack:
    if not connection.savepoint_ids:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    file = LegalFile.objects.select_related("entity", "customer", "customer__entity").get(pk=file_id)
    return build(file, claim_of(file, on), sealed, by=by, at=at)


@transaction.atomic
def _note(file_id: int, pack: Pack, by: User, at: datetime) -> None:
    file = hold_file(file_id)
    facts = {"root": pack.root, "seal": pack.seal, "files": pack.files, "size": pack.size}
    say(file, "contentious.pack", by, at, facts)
