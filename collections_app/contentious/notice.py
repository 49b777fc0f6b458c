"""The formal notice of a legal file as a letter: words, tables, paper; read-only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils import translation

from collections_app.contentious.claim import Claim
from collections_app.models import LegalFile, NoticeLine
from collections_app.paying.terms import Terms, terms_of
from collections_app.services.letters import Recipient, pay_words, recipient_of
from ledger import references
from ledger.models import Contact
from lib import formats
from mailroom.choices import Channel
from mailroom.rendering import Table, Value
from mailroom.services import Paper, Rendered, render, text_for

KIND = "contentious.notice"
WORDS = Path(__file__).parent.parent / "catalogue" / "contentious.yaml"


@cache
def _words() -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return loaded


def words_in(language: str) -> dict[str, Any]:
    """The words of claims in a language, English where there are none."""
    return _words().get(language) or _words()["en"]


@dataclass(frozen=True, slots=True)
class FormalNotice:
    """What is written to whom: the claim of a day, and the last day to pay it."""

    file: LegalFile
    claim: Claim
    deadline: date
    recipient: Recipient

    @property
    def terms(self) -> Terms:
        """How to pay it: by transfer, for the page to pay on knows of no interest."""
        found = terms_of(
            entity=self.file.entity,
            customer_id=self.file.customer_id,
            numbers=[one.invoice.number for one in self.claim.standing],
            amount=self.claim.total,
            currency=self.claim.currency,
            on=self.claim.on,
            notice_id=None,
        )
        return replace(found, url="")


def notice_of(file: LegalFile, claim: Claim, deadline: date) -> FormalNotice:
    """The notice to whoever gets the customer's reminders."""
    contacts = Contact.objects.filter(customer=file.customer_id).order_by("-is_billing", "pk")
    return FormalNotice(file, claim, deadline, recipient_of(file.customer, contacts.first()))


def written(notice: FormalNotice, channel: Channel) -> Rendered:
    """The letter in the recipient's language."""
    entity = notice.file.entity
    text = text_for(kind=KIND, language=notice.recipient.language, entity=entity, channel=channel)
    with translation.override(text.language):
        values = _values(notice, text.language, channel)
    return render(text=text, entity=entity, values=values)


def paper_of(notice: FormalNotice) -> Paper:
    """What it needs to stand on paper, as registered mail."""
    reference = references.shown(notice.terms.reference)
    claim = notice.claim
    return Paper(notice.recipient.postal, claim.on, reference, claim.total, claim.currency, registered=True)


def _values(notice: FormalNotice, language: str, channel: Channel) -> dict[str, Value]:
    claim, file, terms, words = notice.claim, notice.file, notice.terms, words_in(language)
    reminded = NoticeLine.objects.filter(
        invoice__in=[one.invoice.pk for one in claim.lines], counts=True, step_days__gt=0
    )
    return {
        "recipient": notice.recipient.name,
        "customer": file.customer.name,
        "entity": file.entity.name,
        "date": formats.day(claim.on, "long"),
        "file": file.ref,
        "registered": "1" if channel == Channel.POST else "",
        "claimed": _table(claim, words),
        "principal": formats.money(claim.principal, claim.currency),
        "interest": formats.money(claim.interest, claim.currency),
        "costs": formats.money(claim.costs, claim.currency),
        "total": formats.money(claim.total, claim.currency),
        "today": formats.day(claim.on, "long"),
        "deadline": formats.day(notice.deadline, "long"),
        "iban": terms.iban_shown,
        "reference": references.shown(terms.reference),
        "pay": terms.box(pay_words(language)),
        "pay_url": terms.url,
        "reminded": "1" if reminded.exists() else "",
        "law": words["law"][file.law],
        "next": words["next"][file.law],
    }


def _table(claim: Claim, words: dict[str, Any]) -> Table:
    def money(amount: Any) -> str:
        return formats.money(amount, claim.currency)

    return Table(
        head=tuple(words[name] for name in ("invoice", "due_on", "late", "principal", "interest", "costs")),
        rows=tuple(
            (
                one.invoice.number,
                formats.day(one.invoice.due_on),
                str(one.late),
                money(one.principal),
                money(one.interest),
                money(one.costs),
            )
            for one in claim.standing
        ),
        right=frozenset({2, 3, 4, 5}),
        foot=(words["total"], "", "", money(claim.principal), money(claim.interest), money(claim.costs)),
    )
