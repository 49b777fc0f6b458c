"""What the bank says: statements and their transactions. Money of a customer becomes a payment from here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts import policy
from ledger.choices import StatementStatus, TransactionStatus

if TYPE_CHECKING:
    from accounts.models import User


class BankStatementQuerySet(models.QuerySet["BankStatement"]):
    """The words in which statements are asked for."""

    def visible_to(self, user: User | AnonymousUser) -> BankStatementQuerySet:
        """The statements the person may see."""
        return self.filter(policy.rows(user, "ledger.import"))


class BankStatement(models.Model):
    """One statement of one account. Held until its figures add up or a person says that they may not."""

    entity = models.ForeignKey("accounts.LegalEntity", models.PROTECT, related_name="bank_statements")
    batch = models.ForeignKey(
        "ledger.ImportBatch", models.SET_NULL, null=True, blank=True, related_name="bank_statements"
    )
    format = models.CharField(_("format"), max_length=30)
    # IBAN, or the bank's own number, without blanks.
    account = models.CharField(_("account"), max_length=80)
    number = models.CharField(_("statement number"), max_length=120, blank=True)
    # A digest of what makes this statement itself; the same one twice is the same row.
    identity = models.CharField(max_length=64)
    currency = models.CharField(_("currency"), max_length=3)
    opened_on = models.DateField(_("from"), null=True, blank=True)
    closed_on = models.DateField(_("to"), null=True, blank=True)
    opening = models.DecimalField(_("opening balance"), max_digits=20, decimal_places=5, null=True)
    closing = models.DecimalField(_("closing balance"), max_digits=20, decimal_places=5, null=True)
    credits = models.DecimalField(_("credits"), max_digits=20, decimal_places=5)
    debits = models.DecimalField(_("debits"), max_digits=20, decimal_places=5)
    entries = models.PositiveIntegerField(_("entries"))
    # Opening plus entries less closing; empty when a balance is not given.
    difference = models.DecimalField(_("difference"), max_digits=20, decimal_places=5, null=True)
    status = models.CharField(_("status"), max_length=12, choices=StatementStatus.choices)
    # Why it is held: a code of sentences.py and what its sentence needs.
    held_for = models.CharField(max_length=40, blank=True)
    held_facts = models.JSONField(default=dict)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField()

    objects = BankStatementQuerySet.as_manager()

    class Meta:
        verbose_name = _("bank statement")
        verbose_name_plural = _("bank statements")
        constraints = [
            models.UniqueConstraint(fields=["entity", "identity"], name="statement_unique_per_entity"),
            models.CheckConstraint(
                condition=Q(credits__gte=0) & Q(debits__gte=0), name="statement_sums_have_no_sign"
            ),
            models.CheckConstraint(
                condition=Q(difference=None)
                | Q(difference=F("opening") + F("credits") - F("debits") - F("closing")),
                name="statement_difference_is_what_it_says",
            ),
            # Nothing of an unbalanced statement is booked unless a person (or the command's switch) said so.
            models.CheckConstraint(
                condition=~Q(status="booked") | Q(difference=None) | Q(difference=0) | ~Q(decided_at=None),
                name="statement_booked_when_balanced_or_decided",
            ),
        ]
        indexes = [models.Index(fields=["entity", "-recorded_at", "-id"], name="statement_by_time")]

    def __str__(self) -> str:
        return f"{self.account} {self.number}".strip()


class BankTransactionQuerySet(models.QuerySet["BankTransaction"]):
    """The words in which bank transactions are asked for."""

    def visible_to(self, user: User | AnonymousUser) -> BankTransactionQuerySet:
        """The transactions the person may see."""
        return self.filter(policy.rows(user, "ledger.import"))


class BankTransaction(models.Model):
    """One movement of money on our account. An entry of a statement has one, a batch entry several (`part`)."""

    entity = models.ForeignKey(
        "accounts.LegalEntity", models.PROTECT, related_name="bank_transactions", db_index=False
    )
    statement = models.ForeignKey(BankStatement, models.CASCADE, related_name="transactions", db_index=False)
    entry = models.PositiveIntegerField()
    part = models.PositiveIntegerField(default=1)
    booked_on = models.DateField(_("booked on"))
    value_on = models.DateField(_("value date"), null=True, blank=True)
    # More than zero came in.
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=5)
    currency = models.CharField(_("currency"), max_length=3)
    # The same movement in another file is the same movement: a digest, with a running number among equals.
    identity = models.CharField(max_length=64)
    # The same for the entry it is a part of: one file gives the sum of a batch, another its parts.
    entry_identity = models.CharField(max_length=64, blank=True)
    party_name = models.CharField(_("payer"), max_length=250, blank=True)
    party_account = models.CharField(_("payer's account"), max_length=60, blank=True)
    text = models.TextField(_("remittance text"), blank=True)
    reference = models.CharField(_("structured reference"), max_length=140, blank=True)
    end_to_end_id = models.CharField(_("end-to-end id"), max_length=140, blank=True)
    mandate_id = models.CharField(_("mandate"), max_length=140, blank=True)
    bank_reference = models.CharField(_("bank's reference"), max_length=140, blank=True)
    code = models.CharField(_("transaction code"), max_length=40, blank=True)
    # Documents that the payer names: [{"number", "amount", "issued_on"}].
    documents = models.JSONField(default=list)
    charges = models.DecimalField(_("charges"), max_digits=20, decimal_places=5, null=True, blank=True)
    returned = models.BooleanField(default=False)
    return_reason = models.CharField(max_length=20, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=TransactionStatus.choices)
    payment = models.ForeignKey(
        "ledger.Payment", models.PROTECT, null=True, blank=True, related_name="transactions"
    )
    # What the matching proposes: shape in ledger/bank/matching.py.
    proposal = models.JSONField(default=dict)
    # The payment that this movement takes back.
    payment_return = models.ForeignKey(
        "ledger.PaymentReturn", models.PROTECT, null=True, blank=True, related_name="transactions"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(_("note"), max_length=250, blank=True)

    objects = BankTransactionQuerySet.as_manager()

    class Meta:
        verbose_name = _("bank transaction")
        verbose_name_plural = _("bank transactions")
        constraints = [
            models.UniqueConstraint(fields=["entity", "identity"], name="transaction_unique_per_entity"),
            models.UniqueConstraint(
                fields=["statement", "entry", "part"], name="transaction_place_in_statement"
            ),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="transaction_currency"),
            # Decided in favour of a customer, and only then, it has its payment.
            models.CheckConstraint(
                condition=Q(status__in=["allocated", "part", "returned"], payment__isnull=False)
                | (~Q(status__in=["allocated", "part", "returned"]) & Q(payment=None)),
                name="transaction_payment_fits_its_status",
            ),
        ]
        indexes = [
            # The work page: what waits for a person, oldest first.
            models.Index(
                fields=["entity", "status", "booked_on", "id"],
                condition=Q(status__in=["proposed", "unmatched"]),
                name="transaction_to_do",
            ),
            # A returned collection looks for the payment it takes back.
            models.Index(
                fields=["entity", "end_to_end_id"],
                condition=~Q(end_to_end_id=""),
                name="transaction_by_end_to_end",
            ),
            # The same entry in another file; overlapping statements of one account.
            models.Index(fields=["entity", "entry_identity"], name="transaction_by_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.booked_on} {self.amount} {self.currency}"


class KnownPayer(models.Model):
    """Who paid for whom: learned from every match that was accepted. One payer may pay for several customers."""

    entity = models.ForeignKey("accounts.LegalEntity", models.PROTECT, related_name="+")
    customer = models.ForeignKey("ledger.Customer", models.CASCADE, related_name="payers")
    # The payer's account, or empty when the bank does not tell; the name as `fold` has it.
    account = models.CharField(_("payer's account"), max_length=60, blank=True)
    name_key = models.CharField(max_length=250, blank=True)
    times = models.PositiveIntegerField(default=1)
    last_on = models.DateField()

    class Meta:
        verbose_name = _("known payer")
        verbose_name_plural = _("known payers")
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "account", "name_key", "customer"], name="payer_unique_per_customer"
            ),
            models.CheckConstraint(condition=~Q(account="", name_key=""), name="payer_is_known_by_something"),
        ]
        indexes = [
            # The payers of a batch of transactions.
            models.Index(fields=["entity", "name_key"], name="payer_by_name"),
        ]

    def __str__(self) -> str:
        return self.account or self.name_key
