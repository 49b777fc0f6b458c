"""What is told from below (answers of customers' systems, short payments): kept once, put into the right dispute."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts import policy
from accounts.models import Event, LegalEntity, User
from disputes.choices import Deed
from disputes.models import Dispute, DisputeLine, Reason, Told
from disputes.services import catalogue
from disputes.services.common import STREAM, moment_for, tell
from ledger.models import Invoice

TO_CLASSIFY = "to_classify"


@dataclass(frozen=True, slots=True)
class Source:
    """Where something was told: the door, a key that never repeats, the invoice and the moment."""

    via: str
    key: str
    invoice: Invoice
    at: datetime
    facts: dict[str, Any] = field(default_factory=dict)


def told_before(key: str, invoice_id: int) -> Told | None:
    """What became of it when it was heard the first time. The caller holds the lock of the invoice."""
    return Told.objects.filter(source=key, invoice=invoice_id).first()


def keep(
    source: Source, deed: Deed, dispute: Dispute | None = None, *, why: str = "", unmapped: str = ""
) -> Told:
    """Keep what became of it, and write it into the dispute's timeline."""
    told = Told.objects.create(
        entity_id=source.invoice.entity_id,
        via=source.via,
        source=source.key,
        invoice=source.invoice,
        dispute=dispute,
        deed=deed,
        why=why,
        unmapped=unmapped,
        at=source.at,
    )
    if dispute is not None:
        note(dispute, source, deed)
    return told


def note(dispute: Dispute, source: Source, deed: Deed) -> None:
    """A line in the dispute's timeline: what was told, in facts that need no looking up."""
    data = {
        "via": source.via,
        "source": source.key,
        "deed": deed,
        "invoice": source.invoice.pk,
        "number": source.invoice.number,
        "currency": source.invoice.currency,
        **source.facts,
    }
    tell(dispute, "dispute.told", by=None, at=moment_for(dispute, source.at), data=data)


def live_disputes(invoice: Invoice) -> list[Dispute]:
    """The open disputes that dispute a part of the invoice, the newest first."""
    ids = DisputeLine.objects.filter(invoice=invoice, closed_on=None).values("dispute")
    return list(Dispute.objects.active().filter(pk__in=ids).select_related("reason").order_by("-pk"))


def untouched(dispute: Dispute) -> bool:
    """Whether no person has done anything in the dispute: everything in it came by itself."""
    return not Event.objects.filter(stream=STREAM, object_id=dispute.pk, actor__isnull=False).exists()


def opener(user: User | None, entity_id: int) -> User | None:
    """The person as the one who opens the dispute; None (the system) when their role does not let them."""
    return user if user is not None and policy.may(user, "dispute.open", entity_id) else None


def usable_reason(entity: LegalEntity, code: str) -> Reason:
    """The entity's reason of this code, or the one for what must still be classified. Installs the catalogue once."""
    found = _reasons(entity)
    if TO_CLASSIFY not in found:
        catalogue.install(entity)
        found = _reasons(entity)
    return found.get(code) or found.get(TO_CLASSIFY) or next(iter(found.values()))


def _reasons(entity: LegalEntity) -> dict[str, Reason]:
    rows = Reason.objects.filter(entity=entity, active=True, route__versions__current=True)
    return {reason.code: reason for reason in rows}
