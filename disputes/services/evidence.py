"""Adding files to a dispute, and deciding who sees them."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from disputes.choices import EvidenceSide, Via
from disputes.errors import FieldErrors, IllegalAct
from disputes.evidence import drawing, keeping
from disputes.evidence.keeping import Source, Vetted
from disputes.evidence.sides import SEEN_FROM, side_of
from disputes.lifecycle import Act
from disputes.models import Dispute, Evidence
from disputes.services.common import allow, lock, moment_for, tell, write
from disputes.services.searching import index_text

MOST_FILES = 500


def add_evidence(
    *,
    dispute: Dispute,
    file: Source | Vetted,
    name: str,
    by: User | None,
    at: datetime,
    via: str = Via.PAGE,
    note: str = "",
    side: str = EvidenceSide.INTERNAL,
) -> Evidence:
    """Keep a file in the dispute: bytes, a stream, or one vetted before (`vet` asks the scanner; hold no lock then).

    The same file twice is the same row, with `was_known` set. What a partner adds is the partner's. Raises
    EvidenceRefused (empty, too large, kind, infected, redacted before), ScannerAway, RoleMayNot.
    """
    if by is not None and side_of(by, dispute.entity_id) == EvidenceSide.PARTNER:
        side = EvidenceSide.PARTNER
    allow(dispute, Act.ADD_EVIDENCE, by)
    if side not in EvidenceSide.values:
        raise FieldErrors({"side": _("Choose who sees the file.")})
    vetted = file if isinstance(file, Vetted) else keeping.vet(file, name)
    key = keeping.store(dispute.pk, vetted.data)
    try:
        evidence = _record(dispute, vetted, key=key, by=by, at=at, via=via, note=note, side=side)
    except BaseException:
        keeping.destroy(key)
        raise
    if evidence.was_known:
        keeping.destroy(key)
    return evidence


@transaction.atomic
def _record(
    dispute: Dispute,
    vetted: Vetted,
    *,
    key: str,
    by: User | None,
    at: datetime,
    via: str,
    note: str,
    side: str,
) -> Evidence:
    dispute = lock(dispute.pk)
    allow(dispute, Act.ADD_EVIDENCE, by)
    known = _known(dispute, vetted.sha256, by, side)
    if known is not None:
        return known
    if Evidence.objects.filter(dispute=dispute).count() >= MOST_FILES:
        raise IllegalAct(
            _("A dispute keeps at most %(most)s files.") % {"most": MOST_FILES}, code="evidence_too_many"
        )
    evidence = Evidence(
        dispute=dispute,
        name=vetted.name,
        media_type=vetted.media_type,
        size=vetted.size,
        sha256=vetted.sha256,
        stored_as=key,
        side=side,
        note=note.strip()[:500],
        added_by=by,
        added_at=moment_for(dispute, at),
        via=via,
    )
    write(evidence)
    make_findable(evidence)
    tell(dispute, "evidence.added", by=by, at=evidence.added_at, data=facts(evidence))
    return evidence


def make_findable(evidence: Evidence) -> None:
    """The dispute is found by the name and note of its files, and by the words of those that are text."""
    is_text = not evidence.is_erased and drawing.is_text(evidence.kept_type)
    words = drawing.text_of(evidence.stored_as) if is_text else ""
    index_text(
        dispute_id=evidence.dispute_id,
        source=f"evidence:{evidence.pk}",
        text=f"{evidence.name} {evidence.note} {words}",
        side=evidence.side,
    )


def facts(evidence: Evidence) -> dict[str, object]:
    """A file as events tell it: the hash in the event's own chain is what proves it later."""
    return {
        "evidence": evidence.pk,
        "name": evidence.name,
        "media_type": evidence.media_type,
        "size": evidence.size,
        "sha256": evidence.sha256,
        "side": evidence.side,
        "via": evidence.via,
        "note": evidence.note,
    }


def _known(dispute: Dispute, sha256: str, by: User | None, side: str) -> Evidence | None:
    """The row of the same content, of those the adder may know of; a redacted one does not come back."""
    ours = by is not None and side_of(by, dispute.entity_id) == EvidenceSide.INTERNAL
    sides = SEEN_FROM[EvidenceSide.INTERNAL if ours else side]
    same = Evidence.objects.filter(dispute=dispute, sha256=sha256, side__in=sides).order_by("pk")
    known: Evidence | None = same.first()
    if known is None:
        return None
    if known.is_redacted:
        raise IllegalAct(
            _("This file was redacted in this dispute and does not come back."), code="evidence_redacted"
        )
    known.was_known = True
    return known


@transaction.atomic
def share_evidence(*, evidence: Evidence, side: str, by: User, at: datetime) -> Evidence:
    """Decide who sees a file: only us, or also the partner, or also the customer. Twice the same changes nothing."""
    dispute = lock(evidence.dispute_id)
    allow(dispute, Act.SHARE_EVIDENCE, by)
    evidence = Evidence.objects.locked().get(pk=evidence.pk)
    if side not in EvidenceSide.values:
        raise FieldErrors({"side": _("Choose who sees the file.")})
    if evidence.side == side:
        return evidence
    if Evidence.objects.filter(dispute=dispute, sha256=evidence.sha256, side=side).exists():
        raise IllegalAct(_("The same file is shared with them already."), code="evidence_shared")
    before, evidence.side = evidence.side, side
    evidence.save(update_fields=["side"])
    make_findable(evidence)
    data = {**facts(evidence), "before": before}
    tell(dispute, "evidence.shared", by=by, at=moment_for(dispute, at), data=data)
    return evidence
