"""What lies beside the disputes: files, macros for everybody, an offer, disputes with one cause."""

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from typing import Any

from demo.cast import House
from demo.dice import words
from demo.quiet import hear
from disputes import services
from disputes.choices import Status
from disputes.models import Dispute
from lib.money import q
from reporting import services as reporting

PROVEN = ("delivery", "quantity", "quality")
OFFERED = ("price", "quality", "quantity")
ONE_CAUSE = 3


def lay_out(house: House, disputes: list[Dispute], now: datetime) -> None:
    """Put it there, on the evening before."""
    said: dict[str, Any] = words("talk")[house.language]["desk"]
    working = [dispute for dispute in disputes if dispute.status == Status.IN_PROGRESS]
    for name, nap in zip(said["macros"], ("tomorrow", "week"), strict=True):
        steps = [{"do": "assign", "user": services.ME}, {"do": "snooze", "for": nap}]
        services.save_macro(entity=house.entity, by=house.manager, name=name, steps=steps, shared=True)
    for dispute in [one for one in working if one.reason.code in PROVEN][:4]:
        _prove(house, dispute, said, now)
    offered = next((one for one in working if one.reason.code in OFFERED), None)
    if offered is not None:
        _offer(house, offered, said["offer"], now)
    _put_together(house, working, said["mass"], now)
    _count(house, now)
    hear()


def _count(house: House, now: datetime) -> None:
    """Everybody sees their own points, and the team has a goal for the month."""
    first = now.date().replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    reporting.set_rules(entity=house.entity, mode="personal", by=house.manager, at=now)
    for kind, target in (("in_time", Decimal(80)), ("freed", Decimal(25_000))):
        reporting.set_goal(
            entity=house.entity,
            kind=kind,
            target=target,
            first_day=first,
            last_day=last,
            by=house.manager,
            at=now,
        )


def _prove(house: House, dispute: Dispute, said: dict[str, Any], now: datetime) -> None:
    """The delivery note from logistics, and what the customer wrote."""
    line = dispute.lines.select_related("invoice").earliest("pk")
    facts = {"invoice": line.invoice.number, "customer": dispute.customer.name, "day": f"{now:%d/%m/%Y}"}
    services.add_evidence(
        dispute=dispute,
        file=said["note"].format(**facts).encode(),
        name=said["note_name"].format(**facts),
        by=house.experts["logistics"],
        at=now,
    )
    mail = EmailMessage()
    mail["From"], mail["To"] = dispute.customer.email, house.manager.email
    mail["Subject"], mail["Date"] = said["mail"].format(**facts), now
    mail.set_content(dispute.statement or said["mail"].format(**facts))
    services.add_evidence(
        dispute=dispute,
        file=mail.as_bytes(),
        name=f"{facts['invoice']}.eml",
        by=house.manager,
        at=now,
        side="customer",
    )


def _offer(house: House, dispute: Dispute, note: str, now: datetime) -> None:
    """Half of it, for two weeks."""
    services.make_offer(
        dispute=dispute,
        amount=q(dispute.amount / 2),
        valid_until=(now + timedelta(days=14)).date(),
        by=house.manager,
        at=now,
        note=note,
    )


def _put_together(house: House, working: list[Dispute], title: str, now: datetime) -> None:
    """Some disputes with the most common reason have one cause."""
    common = Counter(dispute.reason.code for dispute in working).most_common(1)
    alike = [one for one in working if common and one.reason.code == common[0][0]][:ONE_CAUSE]
    if len(alike) > 1:
        services.open_mass(
            entity=house.entity,
            title=title,
            disputes=alike,
            by=house.manager,
            at=now,
            cause=alike[0].reason,
        )
