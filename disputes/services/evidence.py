"""Adding files to a dispute, and deciding who sees them."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Department, User
from disputes.choices import EvidenceSide, Via
from disputes.errors import FieldErrors, IllegalAct
from disputes.evidence import drawing, keeping
from disputes.evidence.keeping import Source, Vetted
from disputes.evidence.sides import company_of, copies_q, side_of
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
    party: int | None = None,
) -> Evidence:
    """Keep a file in the dispute: bytes, a stream, or one vetted before (`vet` asks the scanner; hold no lock then).

    `party` is the one partner company it is for; without one, a file for partners is for all of them. The same file
    twice is the same row, with `was_known` set. What a partner adds is for their company. Raises EvidenceRefused
    (empty, too large, kind, infected, redacted before), ScannerAway, RoleMayNot.
    """
    if by is not None and side_of(by, dispute.entity_id) == EvidenceSide.PARTNER:
        side, party = EvidenceSide.PARTNER, company_of(by, dispute.entity_id)
    allow(dispute, Act.ADD_EVIDENCE, by)
    _check_audience(dispute, side, party)
    vetted = file if isinstance(file, Vetted) else keeping.vet(file, name)
    key = keeping.store(dispute.pk, vetted.data)
    try:
        evidence = _record(dispute, vetted, key=key, by=by, at=at, via=via, note=note, side=side, party=party)
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
    party: int | None,
) -> Evidence:
    dispute = lock(dispute.pk)
    allow(dispute, Act.ADD_EVIDENCE, by)
    known = _known(dispute, vetted.sha256, by, side, party)
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
        party_id=party,
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
        party=evidence.party_id,
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
        "party": evidence.party_id,
        "company": evidence.party.name if evidence.party else "",
        "via": evidence.via,
        "note": evidence.note,
    }


def _check_audience(dispute: Dispute, side: str, party: int | None) -> None:
    if side not in EvidenceSide.values:
        raise FieldErrors({"side": _("Choose who sees the file.")})
    if party is None:
        return
    companies = Department.objects.filter(pk=party, entity=dispute.entity_id, outside=True)
    if side != EvidenceSide.PARTNER or not companies.exists():
        raise FieldErrors({"party": _("Choose a partner company of this legal entity.")})


def _known(dispute: Dispute, sha256: str, by: User | None, side: str, party: int | None) -> Evidence | None:
    """The row of the same content, of those the adder may know of; a redacted one does not come back."""
    ours = by is not None and side_of(by, dispute.entity_id) == EvidenceSide.INTERNAL
    seen = copies_q(EvidenceSide.INTERNAL if ours else side, party)
    known: Evidence | None = (
        Evidence.objects.filter(seen, dispute=dispute, sha256=sha256).order_by("pk").first()
    )
    if known is None:
        return None
    if known.is_redacted:
        raise IllegalAct(
            _("This file was redacted in this dispute and does not come back."), code="evidence_redacted"
        )
    known.was_known = True
    return known


@transaction.atomic
def share_evidence(
    *, evidence: Evidence, side: str, by: User, at: datetime, party: int | None = None
) -> Evidence:
    """Decide who sees a file: only us, or also one partner company (`party`) or all of them, or also the customer.

    Twice the same changes nothing.
    """
    dispute = lock(evidence.dispute_id)
    allow(dispute, Act.SHARE_EVIDENCE, by)
    evidence = Evidence.objects.locked().get(pk=evidence.pk)
    _check_audience(dispute, side, party)
    if (evidence.side, evidence.party_id) == (side, party):
        return evidence
    same = Evidence.objects.filter(dispute=dispute, sha256=evidence.sha256, side=side, party=party)
    if same.exists():
        raise IllegalAct(_("The same file is shared with them already."), code="evidence_shared")
    # A guest who may hear of it now must not learn from it that another company had it before.
    before = {} if side == EvidenceSide.PARTNER else {"before": evidence.side}
    evidence.side, evidence.party_id = side, party
    evidence.save(update_fields=["side", "party"])
    make_findable(evidence)
    data = {**facts(evidence), **before}
    tell(dispute, "evidence.shared", by=by, at=moment_for(dispute, at), data=data)
    return evidence
