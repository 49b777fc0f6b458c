"""The table of searchable text: every room puts its words about a dispute here, in the transaction that writes them."""

from collections.abc import Iterable

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, F, Func, Value

from disputes.choices import Side
from disputes.models import Dispute, SearchText
from lib.text import fold

LONGEST = 20_000
OWN, CUSTOMER = "dispute", "customer"
GUESTS: ArrayField[list[int], list[int]] = ArrayField(BigIntegerField())


def index_text(
    *,
    dispute_id: int,
    source: str,
    text: str,
    side: Side | str = Side.INTERNAL,
    guests: Iterable[int] | None = None,
    party: int | None = None,
) -> None:
    """Make a text findable; `source` names it ("message:12"), and the same source again replaces it.

    `side` is for whom it was written; `guests` are the outsiders who were there to read it, when not all of that
    side may; `party` is the one partner company that may. A text without words is taken out.
    """
    folded = fold(text)[:LONGEST]
    if not folded:
        drop_text(dispute_id=dispute_id, source=source)
        return
    row = SearchText(
        dispute_id=dispute_id,
        source=source,
        side=side,
        guests=None if guests is None else sorted(guests),
        party_id=party,
        text=folded,
    )
    SearchText.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["dispute", "source"],
        update_fields=["side", "guests", "party", "text"],
    )


def drop_text(*, dispute_id: int, source: str) -> None:
    """Nobody finds the dispute by this text any more."""
    SearchText.objects.filter(dispute=dispute_id, source=source).delete()


def open_texts(dispute_id: int, sources: Iterable[str], *, guest: int) -> None:
    """An outsider may find the dispute by these texts too."""
    rows = SearchText.objects.filter(dispute=dispute_id, source__in=list(sources), guests__isnull=False)
    rows.exclude(guests__contains=[guest]).update(
        guests=Func(F("guests"), Value(guest), function="array_append", output_field=GUESTS)
    )


def close_texts(dispute_id: int, start: str, *, guest: int) -> None:
    """An outsider finds the dispute by no text any more whose source begins like this."""
    rows = SearchText.objects.filter(dispute=dispute_id, source__startswith=start)
    rows.filter(guests__contains=[guest]).update(
        guests=Func(F("guests"), Value(guest), function="array_remove", output_field=GUESTS)
    )


def index_dispute(dispute: Dispute) -> None:
    """The words of the dispute itself: its customer, the numbers of its invoices, what the customer says.

    Whoever reads the dispute reads these. A customer's later names follow by a trigger.
    """
    numbers = dispute.lines.order_by("invoice__number").values_list("invoice__number", flat=True).distinct()
    words = " ".join([*numbers, dispute.statement])
    for source, text in ((OWN, words), (CUSTOMER, dispute.customer.name)):
        index_text(dispute_id=dispute.pk, source=source, text=text)
