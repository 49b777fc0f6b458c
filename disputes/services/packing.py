"""Making an evidence pack, and saying so in the dispute's own chain."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from disputes.evidence.pack import build, parts
from disputes.evidence.pack.build import Pack
from disputes.lifecycle import Act
from disputes.models import Dispute
from disputes.services.common import allow, lock, moment_for, tell


def make_pack(*, dispute: Dispute, by: User, at: datetime) -> Pack:
    """Everything about the dispute in one ZIP, in the active language; its root goes into the dispute's chain.

    The rows are read as of one moment; no lock is held while files are copied.
    """
    allow(dispute, Act.MAKE_PACK, by)
    pack = _build(dispute, by, at)
    try:
        _note(dispute, pack, by=by, at=at)
    except BaseException:
        pack.file.close()
        raise
    return pack


@transaction.atomic
def _build(dispute: Dispute, by: User, at: datetime) -> Pack:
    if not connection.savepoint_ids:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    related = ("entity", "customer", "reason", "coordinator", "outcome__decided_by")
    whole = Dispute.objects.select_related(*related).get(pk=dispute.pk)
    return build.build(whole, by=by, at=at)


@transaction.atomic
def _note(dispute: Dispute, pack: Pack, *, by: User, at: datetime) -> None:
    dispute = lock(dispute.pk)
    data = {"root": pack.root, "seal": pack.seal, "files": pack.files, "size": pack.size}
    tell(dispute, "pack.made", by=by, at=moment_for(dispute, at), data=data)


def add_pack_part(name: str, build: Callable[[Dispute], Iterable[dict[str, Any]]]) -> None:
    """A room above fills its slot in every pack: `name`.json with the rows that `build` gives for a dispute."""
    parts.add_part(name, build)
