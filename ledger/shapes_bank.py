"""Shapes of the API of bank statements and their transactions. No rules."""

from typing import Any

from rest_framework import serializers

from accounts.models import LegalEntity
from ledger.bank.by_hand import KEEP, RESTS
from ledger.bank.limits import limits_of
from ledger.bank.proposals import words
from ledger.intake.sentences import sentence
from ledger.models import BankStatement, BankTransaction, Customer, Payment


class BankStatementOut(serializers.ModelSerializer[BankStatement]):
    """A bank statement; `why` says in words why it is held."""

    why = serializers.SerializerMethodField()

    class Meta:
        model = BankStatement
        fields = (
            "id",
            "entity",
            "batch",
            "format",
            "account",
            "number",
            "currency",
            "opened_on",
            "closed_on",
            "opening",
            "closing",
            "credits",
            "debits",
            "entries",
            "difference",
            "status",
            "held_for",
            "why",
            "decided_by",
            "decided_at",
            "recorded_at",
        )

    def get_why(self, row: BankStatement) -> str:
        """The sentence of `held_for`."""
        return sentence(row.held_for, row.held_facts) if row.held_for else ""


class BankTransactionOut(serializers.ModelSerializer[BankTransaction]):
    """A movement on the account. `proposals` are what it may be for, surest first; `accept` takes their place."""

    proposals = serializers.SerializerMethodField()

    class Meta:
        model = BankTransaction
        fields = (
            "id",
            "entity",
            "statement",
            "entry",
            "part",
            "booked_on",
            "value_on",
            "amount",
            "currency",
            "party_name",
            "party_account",
            "text",
            "reference",
            "end_to_end_id",
            "mandate_id",
            "bank_reference",
            "code",
            "documents",
            "charges",
            "returned",
            "return_reason",
            "status",
            "payment",
            "payment_return",
            "proposals",
            "decided_by",
            "decided_at",
            "note",
        )

    def get_proposals(self, row: BankTransaction) -> list[dict[str, Any]]:
        """Each with its reasons as codes and in words."""
        return [
            {
                **option,
                "reasons": [
                    {**reason, "words": words(reason["code"], reason["params"])}
                    for reason in option["reasons"]
                ],
            }
            for option in row.proposal.get("options", [])
        ]


class _Rest(serializers.Serializer[Any]):
    rest = serializers.ChoiceField(RESTS, default=KEEP, help_text="What becomes of what an invoice lacks.")
    dispute_reason = serializers.CharField(max_length=60, default="", allow_blank=True)
    note = serializers.CharField(max_length=250, default="", allow_blank=True)


class AcceptIn(_Rest):
    """Which proposal: its place in `proposals`."""

    proposal = serializers.IntegerField(min_value=0, max_value=20, default=0)


class PartIn(serializers.Serializer[Any]):
    """An invoice and what it gets."""

    invoice = serializers.IntegerField(min_value=1)
    amount = serializers.DecimalField(14, 2, min_value=0)


class AllocateIn(_Rest):
    """The customer and the amounts of their invoices; what is not placed stays on the account."""

    customer = serializers.PrimaryKeyRelatedField(queryset=Customer.objects.none())
    parts = PartIn(many=True, default=list)


class BankAssignIn(serializers.Serializer[Any]):
    """Whose money it is."""

    customer = serializers.PrimaryKeyRelatedField(queryset=Customer.objects.none())
    note = serializers.CharField(max_length=250, default="", allow_blank=True)


class ReturnIn(serializers.Serializer[Any]):
    """The payment that the bank took back."""

    payment = serializers.PrimaryKeyRelatedField(queryset=Payment.objects.none())


class BankNoteIn(serializers.Serializer[Any]):
    """A few words why."""

    note = serializers.CharField(max_length=250, default="", allow_blank=True)


class ReasonIn(serializers.Serializer[Any]):
    """A few words why; needed."""

    note = serializers.CharField(max_length=500, min_length=3)


class CashLimitsIn(serializers.Serializer[Any]):
    """Cash discount in percent within days after issue; bank fees and small differences up to an amount."""

    discount_percent = serializers.DecimalField(5, 2, min_value=0, max_value=20)
    discount_days = serializers.IntegerField(min_value=0, max_value=120)
    fee = serializers.DecimalField(6, 2, min_value=0, max_value=1000)
    small = serializers.DecimalField(5, 2, min_value=0, max_value=100)


class CashLimitsOut(serializers.ModelSerializer[LegalEntity]):
    """The limits of one legal entity."""

    limits = serializers.SerializerMethodField()

    class Meta:
        model = LegalEntity
        fields = ("id", "code", "currency", "limits")

    def get_limits(self, entity: LegalEntity) -> dict[str, str]:
        """Amounts as strings."""
        return {name: str(value) for name, value in limits_of(entity).items()}
