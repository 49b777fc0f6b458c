"""Disputes beside a dispute: related ones (the same invoice, order or customer) and similar ones, each with why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from disputes import selectors
from disputes.models import Dispute, DisputeLine
from lib import formats

SHOWN = 6
LOOKED_AT = 200
SAME_PRODUCT = Decimal("0.5")


@dataclass(slots=True)
class Kin:
    """A dispute and what it has in common; `weight` orders them, the most telling first."""

    dispute: Dispute
    weight: Decimal
    why: list[str] = field(default_factory=list)


def related(user: User, dispute: Dispute) -> list[Kin]:
    """Disputes on the same invoices or orders, then others of the customer: open ones first, the newest first."""
    own = DisputeLine.objects.filter(dispute=dispute)
    invoices = set(own.values_list("invoice", flat=True))
    orders = set(own.exclude(invoice__order_reference="").values_list("invoice__order_reference", flat=True))
    seen = selectors.disputes_for(user).filter(customer=dispute.customer_id).exclude(pk=dispute.pk)
    rows = seen.select_related("reason", "stage", "customer").prefetch_related("lines__invoice")
    found: list[Kin] = []
    for other in rows.order_by("-pk")[:LOOKED_AT]:
        kin = Kin(other, Decimal(1) if other.is_open else Decimal(0))
        lines = other.lines.all()
        same = sorted({line.invoice.number for line in lines if line.invoice_id in invoices})
        order = sorted({line.invoice.order_reference for line in lines} & orders)
        if same:
            kin.why.append(_("the same invoice: %(number)s") % {"number": ", ".join(same[:2])})
            kin.weight += 4
        if order:
            kin.why.append(_("the same order: %(number)s") % {"number": ", ".join(order[:2])})
            kin.weight += 2
        kin.why += [] if kin.why else [_("the same customer")]
        found.append(kin)
    return sorted(found, key=lambda one: -one.weight)[:SHOWN]


def similar(user: User, dispute: Dispute) -> list[Kin]:
    """Disputes of the entity with the same reason whose statement or product is alike, closed ones too."""
    seen = selectors.disputes_for(user).filter(entity=dispute.entity_id, reason=dispute.reason_id)
    rows = seen.exclude(pk=dispute.pk).exclude(merged_into=dispute)
    found: dict[int, Kin] = {}
    for other, likeness in _alike(rows, dispute.statement):
        words = _("written alike: %(percent)s") % {"percent": formats.percent(likeness)}
        found[other.pk] = Kin(other, likeness, [words])
    for other, product in _same_product(rows, dispute):
        kin = found.setdefault(other.pk, Kin(other, Decimal(0)))
        kin.why.append(_("the same product: %(product)s") % {"product": product[:60]})
        kin.weight += SAME_PRODUCT
    return sorted(found.values(), key=lambda one: (-one.weight, -one.dispute.pk))[:SHOWN]


def _alike(rows: QuerySet[Dispute], statement: str) -> Iterable[tuple[Dispute, Decimal]]:
    """The disputes whose statement is written like this one, by trigrams (an index finds them)."""
    if not statement.strip():
        return []
    alike = rows.filter(statement__trigram_similar=statement)
    alike = alike.annotate(likeness=TrigramSimilarity("statement", statement)).order_by("-likeness", "-pk")
    shown = alike.select_related("reason", "stage", "customer", "outcome")[:SHOWN]
    return [(one, Decimal(str(round(one.likeness, 3)))) for one in shown]  # type: ignore[attr-defined]


def _same_product(rows: QuerySet[Dispute], dispute: Dispute) -> Iterable[tuple[Dispute, str]]:
    """The disputes about a line with the same description."""
    products = set(
        DisputeLine.objects.filter(dispute=dispute, invoice_line__isnull=False)
        .exclude(invoice_line__description="")
        .values_list("invoice_line__description", flat=True)
    )
    if not products:
        return []
    lines = DisputeLine.objects.filter(dispute__in=rows, invoice_line__description__in=products)
    pairs = lines.order_by("-dispute").values_list("dispute", "invoice_line__description")[:LOOKED_AT]
    product_of = dict(pairs)
    shown = rows.filter(pk__in=product_of).select_related("reason", "stage", "customer", "outcome")
    return [(one, product_of[one.pk]) for one in shown.order_by("-pk")[:SHOWN]]
