"""What a mail seems to be about: customer, invoices, amount and reason, each with how sure and why. Reads only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from disputes import guess as guessing
from disputes.draft import AMOUNT as AMOUNT_MODE
from disputes.draft import may_dispute
from disputes.guess import TO_CLASSIFY, Guess
from disputes.models import Reason, TakenMail
from disputes.services import Wrong, read_amount
from ledger.mentions import Mention, mentioned
from ledger.models import Contact, Customer, Invoice
from ledger.models.invoices import InvoiceQuerySet
from lib import formats
from lib.text import fold

SURE, LIKELY, PERHAPS = "sure", "likely", "perhaps"
MOST_INVOICES = 20
MOST_OPEN = 3000
# Addresses that anybody can have say nothing about the company.
ANYBODYS = frozenset(
    re.split(
        " ",
        "gmail.com googlemail.com hotmail.com outlook.com live.com yahoo.com yahoo.es yahoo.fr icloud.com gmx.de "
        "web.de orange.fr wanadoo.fr free.fr laposte.net sfr.fr telefonica.net",
    )
)
UNIT = r"(?:EUR|€|USD|\$|GBP|£|CHF|euros?)"
AMOUNT = re.compile(
    rf"(?<![\d.,/-])\d{{1,3}}(?:[., ]?\d{{3}})*[.,]\d{{2}}(?!\d|[./-]\d)(?:\s?{UNIT})?"
    rf"|(?<![\d.,/-])\d{{1,7}}\s?{UNIT}(?!\w)",
    re.IGNORECASE,
)
LONGEST_QUOTE = 160
LONGEST_STATEMENT = 4000


@dataclass(frozen=True, slots=True)
class Mark:
    """How sure something is, the sentence that says why, and the words it rests on."""

    sure: str
    why: str
    quote: str = ""


@dataclass(slots=True)
class Proposal:
    """The pre-filled form: what was found, and a mark for each part."""

    customer: Customer | None = None
    invoices: list[Invoice] = field(default_factory=list)
    amount: Decimal | None = None
    reason: str = ""
    marks: dict[str, Mark] = field(default_factory=dict)


def propose(user: User, mail: TakenMail, on: date) -> Proposal:
    """What a person would type after reading the mail. Only customers and invoices that they may dispute."""
    said = "\n".join(filter(None, [mail.subject, mail.text]))
    mine = may_dispute(user).filter(entity=mail.entity_id)
    found = Proposal()
    writers = _writers(mine, mail.address)
    mentions = _mentions(mine, said, {pk for pk, _mark in writers}, on)
    found.customer, mark = _customer(mine, writers, mentions, said)
    if found.customer is None:
        return found
    assert mark is not None
    found.marks["customer"] = mark
    theirs = [one for one in mentions if one.customer == found.customer.pk][:MOST_INVOICES]
    rows = mine.in_bulk([one.invoice for one in theirs])
    found.invoices = [rows[one.invoice] for one in theirs]
    if theirs:
        found.marks["invoices"] = Mark(
            SURE if theirs[0].level == 3 else LIKELY if theirs[0].level == 2 else PERHAPS,
            _("named in the e-mail"),
            ", ".join(one.words.strip() for one in theirs[:4]),
        )
    _amount(found, said)
    _reason(found, said)
    return found


def _writers(mine: InvoiceQuerySet, address: str) -> list[tuple[int, Mark]]:
    """The customers to whom the sender's address, or its company's domain, belongs."""
    if "@" not in address:
        return []
    customers = mine.order_by().values("customer")
    exact = Customer.objects.filter(pk__in=customers).filter(
        Q(email__iexact=address) | Q(pk__in=Contact.objects.filter(email__iexact=address).values("customer"))
    )
    found = [(pk, Mark(SURE, _("the sender is a contact"), address)) for pk in _keys(exact)]
    domain = address.rpartition("@")[2]
    if found or domain in ANYBODYS:
        return found
    ending = f"@{domain}"
    alike = Customer.objects.filter(pk__in=customers).filter(
        Q(email__iendswith=ending)
        | Q(pk__in=Contact.objects.filter(email__iendswith=ending).values("customer"))
    )
    return [(pk, Mark(LIKELY, _("the sender writes from its domain"), domain)) for pk in _keys(alike)]


def _keys(rows: QuerySet[Customer]) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True)[:5])


def _mentions(mine: InvoiceQuerySet, said: str, writers: set[int], on: date) -> list[Mention]:
    """The open invoices that the text names: of the probable writers, else of anybody whose number stands there."""
    rows = mine.open_as_of(on)
    if writers:
        near: list[Mention] = mentioned(
            said, rows.filter(customer__in=writers).order_by("pk")[:MOST_OPEN], writers, on
        )
        if near:
            return near
    words = set(re.findall(r"[\w./-]*\d[\w./-]*", said)[:300])
    ends = {re.findall(r"\d+", word)[-1].lstrip("0") for word in words}
    wanted = [end for end in ends if len(end) >= 3][:100]
    if not wanted:
        return []
    pattern = r"0*(" + "|".join(sorted(wanted)) + r")$"
    found = mentioned(said, rows.filter(number__regex=pattern).order_by("pk")[:MOST_OPEN], set(), on)
    return [one for one in found if one.level >= 2]


def _customer(
    mine: InvoiceQuerySet, writers: list[tuple[int, Mark]], mentions: list[Mention], said: str
) -> tuple[Customer | None, Mark | None]:
    """Who it is about: the one writer, else whose invoice it is, else whose name stands there."""
    named = [one.customer for one in mentions]
    for pk, mark in writers:
        if len(writers) == 1 or pk in named:
            return Customer.objects.select_related("entity").get(pk=pk), mark
    if named and (len(set(named)) == 1 or mentions[0].level == 3):
        words = mentions[0].words.strip()
        return Customer.objects.select_related("entity").get(pk=named[0]), Mark(
            LIKELY, _("its invoice is named"), words
        )
    plain = f" {fold(said)} "
    rows = Customer.objects.filter(pk__in=mine.order_by().values("customer"))
    for customer in rows.order_by("pk").only("pk", "name", "name_key")[:MOST_OPEN]:
        core = re.sub(
            r"[\s,.]+(s\.?\s?[al]\.?(\s?u\.?)?|sas|sarl|gmbh|ltd)\.?$", "", customer.name_key
        ).strip()
        if len(core) > 5 and f" {core}" in plain:
            whole = Customer.objects.select_related("entity").get(pk=customer.pk)
            return whole, Mark(PERHAPS, _("its name stands in the text"), customer.name)
    return None, None


def _amount(found: Proposal, said: str) -> None:
    """The first amount in the text that is less than what is open of the named invoices."""
    if len(found.invoices) != 1:
        return
    invoice = found.invoices[0]
    for match in AMOUNT.finditer(said):
        try:
            amount = read_amount(re.sub(r"[^\d.,]", "", match[0]).strip(".,"))
        except Wrong:
            continue
        if 0 < amount < invoice.amount - invoice.allocated:
            found.amount = amount
            found.marks["amount"] = Mark(PERHAPS, _("an amount in the e-mail"), _around(said, match))
            return


def _around(said: str, match: re.Match[str]) -> str:
    """The line in which it stands."""
    start, end = said.rfind("\n", 0, match.start()) + 1, said.find("\n", match.end())
    return " ".join(said[start : end if end >= 0 else len(said)].split())[:LONGEST_QUOTE]


def _reason(found: Proposal, said: str) -> None:
    assert found.customer is not None
    known = _codes(Reason.objects.filter(entity=found.customer.entity_id, active=True).exclude(route=None))
    guess: Guess = guessing.guess(said, known)
    if guess.reason == TO_CLASSIFY or guess.reason not in known:
        return
    found.reason = guess.reason
    sure = (
        SURE
        if guess.confidence >= Decimal("0.9")
        else LIKELY
        if guess.confidence >= Decimal("0.6")
        else PERHAPS
    )
    found.marks["reason"] = Mark(sure, _("the e-mail says so"), guess.quote)


def _codes(rows: Iterable[Reason]) -> list[str]:
    return [reason.code for reason in rows]


def as_form(found: Proposal, mail: TakenMail) -> dict[str, list[str]]:
    """The proposal as the values of the form of a new dispute."""
    values = {
        "mail": [str(mail.pk)],
        "statement": [mail.text[:LONGEST_STATEMENT]],
        "reason": [found.reason],
        "invoice": [str(invoice.pk) for invoice in found.invoices],
    }
    if found.customer is not None:
        values["customer"] = [str(found.customer.pk)]
    if found.amount is not None:
        pk = found.invoices[0].pk
        values |= {f"mode-{pk}": [AMOUNT_MODE], f"amount-{pk}": [formats.number(found.amount)]}
    return values
