"""The conversation of a dispute in its evidence pack: every line with who wrote it, when, and for whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chat.models import Message
from disputes.models import Dispute
from disputes.services import add_pack_part


def messages_of(dispute: Dispute) -> Iterator[dict[str, Any]]:
    """The lines of the dispute's room, in order."""
    rows = (
        Message.objects.filter(room__dispute=dispute)
        .select_related("author", "contact", "party", "shared")
        .order_by("seq")
    )
    for one in rows.iterator(chunk_size=500):
        yield {
            "seq": one.seq,
            "kind": one.kind,
            "side": one.side,
            "party": one.party.name if one.party else "",
            "author": one.writer.name if one.writer else "",
            "at": one.created_at,
            "body": one.body,
            "shares": one.shared.seq if one.shared else None,
            "code": one.code,
            "data": one.data,
            "question": one.question_id,
        }


add_pack_part("messages", messages_of)
