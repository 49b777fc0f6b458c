"""Proposals as they are kept beside a transaction, and in words. The shape:

{"options": [{"customer", "confidence", "exact", "reasons": [{"code", "params"}], "parts": [[invoice, amount]],
"credits": [[credit note, invoice, amount]], "lessened": [[invoice, amount, why]], "short": [[invoice, amount]]}],
"marks": [[from, to]], "applied": {...}}; amounts are strings.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from ledger.bank.matching import Proposal, Reason
from ledger.errors import LedgerError
from lib import formats

FIGURES = frozenset({"missing", "amount"})
WORDS: dict[str, Promise] = {
    "customer_reference": _(
        "The payer quotes the reference of our letters to this customer (%(reference)s)."
    ),
    "known_account": _("This account paid for this customer before (%(account)s)."),
    "known_name": _("This payer paid for this customer before (%(name)s)."),
    "name_like": _("The payer's name is like %(name)s."),
    "only_the_amount": _("Only the amount tells: no other open invoice has it."),
    "named_is_paid": _("The text names %(number)s, which is paid already."),
    "amount_agrees": _("The amount agrees to the cent."),
    "adds_up_together": _("Several payments that name these invoices add up to them exactly."),
    "note_taken": _("The payer took credit note %(number)s along."),
    "some_of_named": _("Some of the named invoices add up to the amount."),
    "part_of_one": _("Less was paid: %(missing)s %(currency)s are missing."),
    "part_of_several": _(
        "Less was paid than the named invoices ask for: %(missing)s %(currency)s are missing."
    ),
    "charges_told": _("The bank says that %(amount)s %(currency)s of charges were taken off."),
    "discount": _("A cash discount of %(percent)s %% explains the missing %(amount)s %(currency)s."),
    "small": _("The difference of %(amount)s %(currency)s is within what may be written off."),
    "fee": _("The difference of %(amount)s %(currency)s may be a bank fee."),
    "rest_adds_up": _("With %(numbers)s it adds up exactly."),
    "paid_more": _("%(amount)s %(currency)s more than asked for: they stay on the customer's account."),
    "amount_of_one": _("Exactly the open amount of %(number)s."),
    "amount_of_several": _("Exactly the open amount of %(number)s, but of others too."),
    "all_open": _("Exactly everything that is open."),
    "all_due": _("Exactly everything that is due."),
    "one_less_note": _("Exactly %(number)s less credit note %(note)s."),
    "oldest_first": _("The amount fits no invoice: the oldest first."),
    "nothing_open": _("The customer has nothing open in this currency: the money stays on the account."),
}
COUNTED: dict[str, Any] = {
    "names": ngettext_lazy("The payer names %(numbers)s.", "The payer names %(numbers)s.", "count"),
    "names_end": ngettext_lazy(
        "The payer writes the end of %(numbers)s.", "The payer writes the ends of %(numbers)s.", "count"
    ),
    "oldest_add_up": ngettext_lazy(
        "The oldest invoice is exactly the amount.",
        "The %(count)s oldest invoices add up to the amount.",
        "count",
    ),
    "some_add_up": ngettext_lazy(
        "One open invoice is exactly the amount.",
        "%(count)s open invoices add up to the amount.",
        "count",
    ),
}


def words(code: str, params: Mapping[str, Any]) -> str:
    """A reason in the active language."""
    template = WORDS.get(code) or COUNTED.get(code) or code
    shown = dict(params)
    for name in FIGURES & set(shown):
        shown[name] = formats.number(Decimal(str(shown[name])), 2)
    if "name" in shown:
        shown["name"] = str(shown["name"]).rstrip(".")  # the sentence ends with one
    try:
        return str(template % shown)
    except (KeyError, ValueError, TypeError):
        return str(template)


def as_data(proposals: Iterable[Proposal], marks: Iterable[tuple[int, int]] = ()) -> dict[str, Any]:
    """What is stored."""
    return {"options": [_option(one) for one in proposals], "marks": [list(mark) for mark in marks]}


def _option(one: Proposal) -> dict[str, Any]:
    return {
        "customer": one.customer,
        "confidence": one.confidence,
        "exact": one.exact,
        "reasons": [{"code": reason.code, "params": reason.params} for reason in one.reasons],
        "parts": [[pk, str(amount)] for pk, amount in one.parts],
        "credits": [[note, pk, str(amount)] for note, pk, amount in one.credits],
        "lessened": [[pk, str(amount), why] for pk, amount, why in one.lessened],
        "short": [[pk, str(amount)] for pk, amount in one.short],
    }


def chosen(proposal: Mapping[str, Any], place: int) -> Proposal:
    """The kept option at this place. Raises LedgerError when the matching has replaced it meanwhile."""
    options = proposal.get("options", [])
    if not 0 <= place < len(options):
        raise LedgerError(_("This proposal is no longer there. Look again."), code="no_proposal")
    return from_option(options[place])


def from_option(option: Mapping[str, Any]) -> Proposal:
    """The proposal that was stored."""
    return Proposal(
        customer=option["customer"],
        confidence=option["confidence"],
        exact=option["exact"],
        reasons=tuple(Reason(reason["code"], reason["params"]) for reason in option["reasons"]),
        parts=tuple((pk, Decimal(amount)) for pk, amount in option["parts"]),
        credits=tuple((note, pk, Decimal(amount)) for note, pk, amount in option["credits"]),
        lessened=tuple((pk, Decimal(amount), why) for pk, amount, why in option["lessened"]),
        short=tuple((pk, Decimal(amount)) for pk, amount in option["short"]),
    )
