"""What the evidence panel of a dispute shows one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q

from accounts.choices import Role
from accounts.models import Department, User
from disputes import selectors
from disputes.choices import EvidenceSide
from disputes.evidence import drawing, keeping, kinds
from disputes.evidence.sides import audience, key_of
from disputes.forms_evidence import ACCEPT
from disputes.guests import is_guest
from disputes.lifecycle import Act
from disputes.models import Dispute, Evidence

SHOWN = 12
ICONS = (("image/", "image"), ("audio/", "audio-lines"), ("video/", "video"), ("message/", "mail"))


@dataclass(frozen=True, slots=True)
class Row:
    """A file of the list. `origin` names the dispute it came with, when that is another one."""

    one: Evidence
    icon: str
    drawn: bool
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """The files, newest first, and what the person may do about them."""

    rows: list[Row]
    total: int
    more: bool
    may_add: bool
    may_keep: bool
    may_pack: bool
    is_guest: bool
    sides: list[tuple[str, str]]
    accept: str
    most_bytes: int
    too_large: str


def panel(dispute: Dispute, user: User, at: datetime, most: int | None = SHOWN) -> Shown | None:
    """The newest files of the dispute and of those merged into it; None when there is nothing to see or to do.

    All of them with `most=None`.
    """
    files = selectors.evidence_for(user).filter(dispute__in=whole(dispute))
    total = files.count()
    acts = selectors.acts_for(dispute, user)
    if not total and Act.ADD_EVIDENCE not in acts:
        return None
    rows = [row(one, dispute) for one in files.order_by("-pk")[:most]]
    guest = is_guest(user, dispute.entity_id)
    return Shown(
        rows=rows,
        total=total,
        more=total > len(rows),
        may_add=Act.ADD_EVIDENCE in acts,
        may_keep=Act.REDACT_EVIDENCE in acts,
        may_pack=Act.MAKE_PACK in acts,
        is_guest=guest,
        sides=[] if guest or Act.ADD_EVIDENCE not in acts else audiences(dispute),
        accept=ACCEPT,
        most_bytes=settings.EVIDENCE_MAX_BYTES,
        too_large=keeping.too_large(),
    )


def audiences(dispute: Dispute, given: int | None = None) -> list[tuple[str, str]]:
    """For whom a file of the dispute can be: each partner company that takes part in it by name, or all of them;
    `given` is one that has it already."""
    here = Q(memberships__role=Role.PARTNER, memberships__user__participations__dispute=dispute)
    companies = Department.objects.filter(here | Q(pk=given), entity=dispute.entity_id, outside=True)
    found: list[tuple[str, str]] = []
    for side in EvidenceSide:
        if side == EvidenceSide.PARTNER:
            found += [(key_of(side, one.pk), audience(side, one.name)) for one in companies.distinct()]
        found.append((side.value, audience(side)))
    return found


def whole(dispute: Dispute) -> set[int]:
    """The dispute and all that were merged into it, also by way of others."""
    found, fresh = {dispute.pk}, {dispute.pk}
    while fresh:
        fresh = set(Dispute.objects.filter(merged_into__in=fresh).values_list("pk", flat=True)) - found
        found |= fresh
    return found


def row(one: Evidence, shown_in: Dispute | None = None) -> Row:
    """A file with its icon, in the list of a dispute."""
    kind = one.kept_type
    icon = next((icon for start, icon in ICONS if kind.startswith(start)), "file-text")
    if kind in (kinds.CSV, f"{kinds.OFFICE}spreadsheetml.sheet", "application/vnd.ms-excel"):
        icon = "file-spreadsheet"
    origin = one.dispute.ref if shown_in is not None and one.dispute_id != shown_in.pk else ""
    return Row(one, "eraser" if one.is_erased else icon, drawing.is_drawn(kind) and not one.is_erased, origin)
