"""Answers of customers' systems as the pages show them: in words, with what became of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from disputes.choices import Deed, Via
from disputes.models import Dispute, Told
from ledger import answer_words
from ledger.models import InvoiceAnswer

WHY: dict[str, Promise] = {
    "nothing_open": gettext_lazy("Nothing of the invoice is open any more."),
    "nothing_contested": gettext_lazy("The message leaves nothing of the invoice out."),
    "no_dispute": gettext_lazy("There was no open dispute to note it in."),
    "no_effect": gettext_lazy("This status changes nothing."),
    "not_an_invoice": gettext_lazy("It is about a credit note."),
    "not_comparable": gettext_lazy("The payment is in another currency than the invoice."),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One answer: what it says in words, and what became of it."""

    answer: InvoiceAnswer
    status: str
    tone: str
    reasons: list[answer_words.Told]
    deed: str
    why: str
    dispute: Dispute | None


def shown(answers: Iterable[InvoiceAnswer]) -> list[Shown]:
    """The answers with what became of them. One query for all of them."""
    rows = list(answers)
    told = Told.objects.filter(source__in=[f"answer:{answer.pk}" for answer in rows]).select_related(
        "dispute"
    )
    known = {row.source: row for row in told}
    return [_shown(answer, known.get(f"answer:{answer.pk}")) for answer in rows]


def _shown(answer: InvoiceAnswer, told: Told | None) -> Shown:
    if told is None:
        deed = _("The invoice is not recorded yet.") if answer.invoice_id is None else _("Being taken up.")
        return Shown(answer, *_words(answer), deed, "", None)
    why = str(WHY.get(told.why, "")) if told.deed == Deed.NOTHING else ""
    return Shown(answer, *_words(answer), str(Deed(told.deed).label), why, told.dispute)


def _words(answer: InvoiceAnswer) -> tuple[str, str, list[answer_words.Told]]:
    return (
        answer_words.status_words(answer.standard, answer.status_code),
        answer_words.tone(answer.status_code),
        answer_words.reasons_told(answer.standard, answer.reasons),
    )


def answers_of(dispute: Dispute) -> list[Shown]:
    """The answers that went into a dispute, in the order they came."""
    sources = Told.objects.filter(dispute=dispute, via=Via.ANSWER).values_list("source", flat=True)
    ids = [int(source.partition(":")[2]) for source in sources]
    if not ids:
        return []
    return shown(InvoiceAnswer.objects.filter(pk__in=ids).select_related("invoice").order_by("pk"))
