"""The files of messages: what a page shows of one, and where its bytes lie."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chat.models import Attachment
from chat.selectors import Standing, messages_for
from disputes.evidence import drawing, kinds
from disputes.models import Evidence

ICONS = (("image/", "image"), ("audio/", "audio-lines"), ("video/", "video"), ("message/", "mail"))


@dataclass(frozen=True, slots=True)
class Shown:
    """A file under a message. `stored_as` is empty when its content was destroyed."""

    pk: int
    name: str
    media_type: str
    size: int
    sha256: str
    stored_as: str

    @property
    def is_drawn(self) -> bool:
        """Whether there is a picture of it."""
        return bool(self.stored_as) and drawing.is_drawn(self.media_type)

    @property
    def icon(self) -> str:
        """The drawing beside its name."""
        if not self.stored_as:
            return "eraser"
        return next((icon for start, icon in ICONS if self.media_type.startswith(start)), "file-text")

    @property
    def kind(self) -> str:
        """What people call files of this type."""
        return kinds.kind_words(self.media_type)


def shown(one: Attachment) -> Shown:
    """A file as it is kept now; load `evidence` beforehand."""
    proof: Evidence | None = one.evidence
    if proof is None:
        return Shown(one.pk, one.name, one.media_type, one.size, one.sha256, one.stored_as)
    return Shown(one.pk, proof.name, proof.kept_type, proof.kept_size, proof.kept_sha256, proof.stored_as)


def files_of(message_ids: Iterable[int]) -> dict[int, list[Shown]]:
    """The files of messages, in the order in which they came."""
    found: dict[int, list[Shown]] = {}
    for one in Attachment.objects.filter(message__in=message_ids).select_related("evidence").order_by("pk"):
        found.setdefault(one.message_id, []).append(shown(one))
    return found


def file_for(place: Standing, seq: int, number: int) -> Shown | None:
    """A file of a message that the person may see."""
    seen = messages_for(place).filter(seq=seq, deleted_at=None)
    one = Attachment.objects.filter(pk=number, message__in=seen).select_related("evidence").first()
    return shown(one) if one else None
