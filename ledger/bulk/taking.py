"""Takes one bulk call in: one transaction, under the lock that imports into the legal entity take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rest_framework import serializers

from ledger.bulk.reading import Row, read_rows
from ledger.bulk.sheet import Call, Sheet
from ledger.errors import LedgerError
from ledger.intake.write import lock_entity
from lib.errors import DomainError

LIMIT = 10_000
Taker = Callable[[Sheet, Iterable[Row]], None]


class TooManyRows(DomainError):
    """The call has more rows than one call may have. Doors answer 413."""

    status = 413


class NoRows(DomainError):
    """The call has no rows. Doors answer 422."""

    status = 422


def take_rows(
    *, call: Call, rows: Sequence[object], shape: serializers.Serializer[Any], taker: Taker
) -> dict[str, Any]:
    """What became of each row. Raises TooManyRows, NoRows; LedgerError when others write the same all the time."""
    if len(rows) > LIMIT:
        sentence = ngettext(
            "A call has at most %(limit)s rows; this one has %(count)s row.",
            "A call has at most %(limit)s rows; this one has %(count)s rows. Send them in several calls.",
            len(rows),
        )
        raise TooManyRows(sentence % {"limit": LIMIT, "count": len(rows)}, code="too_many_rows")
    if not rows:
        raise NoRows(_("Send a list of rows, or an object with “rows”."), code="no_rows")
    try:
        return _take(call, rows, shape, taker)
    except IntegrityError:
        # Somebody wrote the same row meanwhile, through another door. Nothing of ours is in; now it is known.
        pass
    try:
        return _take(call, rows, shape, taker)
    except IntegrityError as error:
        raise LedgerError(
            _("Some of these rows are being written by somebody else. Send the call again."), code="busy"
        ) from error


@transaction.atomic
def _take(
    call: Call, rows: Sequence[object], shape: serializers.Serializer[Any], taker: Taker
) -> dict[str, Any]:
    lock_entity(call.entity.pk)
    sheet = Sheet(call, rows, list(shape.fields))
    taker(sheet, read_rows(sheet, shape))
    return sheet.close()
