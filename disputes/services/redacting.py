"""Redaction with a trace: the bytes of a file go for good, the row keeps what they were, who took them away and why."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from disputes.errors import FieldErrors, IllegalAct
from disputes.evidence import keeping
from disputes.evidence.keeping import Source, Vetted
from disputes.lifecycle import Act
from disputes.models import Dispute, Evidence
from disputes.services.common import allow, lock, moment_for, tell
from disputes.services.evidence import facts, make_findable

LEAST_REASON = 5


def redact_evidence(
    *,
    evidence: Evidence,
    reason: str,
    by: User,
    at: datetime,
    replacement: Source | Vetted | None = None,
    name: str = "",
) -> Evidence:
    """Put a redacted version in the place of a file, or nothing. Every copy of it in the dispute goes with it.

    The original is destroyed after the commit (the listener of `evidence.redacted` does it, until it is gone). A
    redacted version may be redacted again; what was erased stays erased.
    """
    allow(evidence.dispute, Act.REDACT_EVIDENCE, by)
    reason = reason.strip()[:500]
    if len(reason) < LEAST_REASON:
        raise FieldErrors({"reason": _("Say why, so that others understand it later.")})
    vetted = None
    if replacement is not None:
        vetted = (
            replacement
            if isinstance(replacement, Vetted)
            else keeping.vet(replacement, name or evidence.name)
        )
    stored: list[str] = []
    try:
        return _redact(evidence, reason, vetted, by=by, at=at, stored=stored)
    except BaseException:
        for key in stored:
            keeping.destroy(key)
        raise


@transaction.atomic
def _redact(
    evidence: Evidence, reason: str, vetted: Vetted | None, *, by: User, at: datetime, stored: list[str]
) -> Evidence:
    dispute = lock(evidence.dispute_id)
    allow(dispute, Act.REDACT_EVIDENCE, by)
    rows = Evidence.objects.filter(dispute=dispute, sha256=evidence.sha256).exclude(stored_as="").locked()
    copies = list(rows)
    if evidence.pk not in [one.pk for one in copies]:
        raise IllegalAct(_("This file is erased already."), code="evidence_erased")
    if vetted is not None and vetted.sha256 in {one.kept_sha256 for one in copies} | {evidence.sha256}:
        raise FieldErrors({"file": _("This is the file itself: choose its redacted version.")})
    for copy in copies:
        _take_away(dispute, copy, reason, vetted, by=by, at=moment_for(dispute, at), stored=stored)
    return next(one for one in copies if one.pk == evidence.pk)


def _take_away(
    dispute: Dispute,
    copy: Evidence,
    reason: str,
    vetted: Vetted | None,
    *,
    by: User,
    at: datetime,
    stored: list[str],
) -> None:
    gone = {"key": copy.stored_as, "sha256": copy.kept_sha256}
    if copy.redacted_at is not None:
        at = max(at, copy.redacted_at + timedelta(microseconds=1))
    copy.redacted_by, copy.redacted_at, copy.redaction_reason = by, at, reason
    copy.stored_as, copy.now_type, copy.now_size, copy.now_sha256 = "", "", 0, ""
    if vetted is not None:
        copy.stored_as = keeping.store(dispute.pk, vetted.data)
        stored.append(copy.stored_as)
        copy.now_type, copy.now_size, copy.now_sha256 = vetted.media_type, vetted.size, vetted.sha256
    copy.save()
    make_findable(copy)
    data = {
        **facts(copy),
        "reason": reason,
        "gone": gone,
        "erased": vetted is None,
        "now_type": copy.now_type,
        "now_size": copy.now_size,
        "now_sha256": copy.now_sha256,
    }
    tell(dispute, "evidence.redacted", by=by, at=at, data=data)
