"""Proposals that a person makes, or changes: other amounts, and what becomes of the rest of a short payment."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext as _

from ledger.bank.cash import rules_of
from ledger.bank.matching import CERTAIN, DISCOUNT, FEE, SMALL, Proposal
from ledger.errors import LedgerError
from ledger.models import BankTransaction, Customer, Invoice
from lib.money import q

KEEP, DISPUTE = "keep", "dispute"
LET_OFF = (DISCOUNT, FEE, SMALL)
RESTS = (KEEP, DISPUTE, *LET_OFF)
# A payer who says so pays a part on purpose: nothing to dispute.
PART_WORDS = (
    "a cuenta",
    "pago parcial",
    "parcial",
    "acompte",
    "partiel",
    "anzahlung",
    "abschlag",
    "teilzahlung",
    "part payment",
    "partial",
    "on account",
    "acconto",
    "plazo",
    "rate ",
)


def by_hand(
    *, transaction: BankTransaction, customer: Customer, amounts: Mapping[int, Decimal], rest: str = KEEP
) -> Proposal:
    """The customer's invoices with the amount that a person gives each; `rest` is what becomes of what they lack."""
    wanted = {pk: q(amount, transaction.currency) for pk, amount in amounts.items() if amount > 0}
    papers = Invoice.objects.invoices().filter(
        pk__in=wanted, customer=customer, entity_id=transaction.entity_id, currency=transaction.currency
    )
    opens = {paper.pk: paper.amount - paper.allocated for paper in papers}
    if len(opens) < len(wanted):
        raise LedgerError(
            _("The invoices must be of this customer and in this currency."), code="other_customer"
        )
    if any(wanted[pk] > left for pk, left in opens.items()):
        raise LedgerError(_("More would be placed on an invoice than is open."), code="more_than_left")
    parts = tuple(sorted(wanted.items()))
    short = tuple((pk, opens[pk] - amount) for pk, amount in parts if opens[pk] > amount)
    return with_rest(transaction, Proposal(customer.pk, CERTAIN, (), parts=parts, short=short), rest)


def with_rest(transaction: BankTransaction, proposal: Proposal, rest: str) -> Proposal:
    """The proposal with what is missing let off as `rest` says, when the entity allows that much."""
    if rest not in LET_OFF or not proposal.short:
        return proposal
    missing = sum((amount for _pk, amount in proposal.short), Decimal(0))
    if missing > most_let_off(transaction, proposal, rest):
        raise LedgerError(
            _("%(amount)s %(currency)s is more than may be let off this way.")
            % {"amount": missing, "currency": transaction.currency},
            code="beyond_tolerance",
        )
    lessened = proposal.lessened + tuple((pk, amount, rest) for pk, amount in proposal.short)
    return replace(proposal, lessened=lessened, short=())


def most_let_off(transaction: BankTransaction, proposal: Proposal, rest: str) -> Decimal:
    """How much the entity lets pass for this reason."""
    rules = rules_of(transaction.entity)
    if rest == DISCOUNT:
        asked = proposal.placed + sum((amount for _pk, amount in proposal.short), Decimal(0))
        return q(asked * rules.discount_percent / 100, transaction.currency)
    told = transaction.charges or Decimal(0)
    return max(rules.fee, told) if rest == FEE else rules.small


def likely_rest(transaction: BankTransaction, proposal: Proposal) -> str:
    """What most probably becomes of the rest: a dispute when the payer named the invoices and paid most of them."""
    codes = {reason.code for reason in proposal.reasons}
    if not codes & {"part_of_one", "part_of_several"}:
        return KEEP
    text = transaction.text.casefold()
    missing = sum((amount for _pk, amount in proposal.short), Decimal(0))
    on_purpose = any(word in text for word in PART_WORDS) or missing >= proposal.placed
    return KEEP if on_purpose else DISPUTE
