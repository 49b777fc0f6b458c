"""Approvals, their rules, offers, requests to billing and promises among ourselves, as the API tells and takes them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from accounts.choices import Role
from accounts.models import Department, LegalEntity, User
from disputes import decisions
from disputes.choices import Resolution
from disputes.choices_outcome import OfferSide, Promised
from disputes.models import (
    Approval,
    ApprovalLimit,
    ApprovalRule,
    ApprovalVote,
    CreditRequest,
    CreditRequestLine,
    Dispute,
    InternalPromise,
    Offer,
    Tolerance,
)


class VoteOut(serializers.ModelSerializer[ApprovalVote]):
    """One person's yes or no; `counts_as` is the person in whose place they voted."""

    class Meta:
        model = ApprovalVote
        fields = ("user", "counts_as", "step", "yes", "note", "at")


class PartOut(serializers.Serializer[Any]):
    """What is given up of one invoice."""

    invoice = serializers.IntegerField()
    number = serializers.CharField()
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)


class ApprovalOut(serializers.ModelSerializer[Approval]):
    """An ending somebody asked for. `steps` are the roles whose yes is needed; `mine`: you may vote now."""

    votes = VoteOut(many=True, read_only=True)
    parts = PartOut(many=True, read_only=True)
    currency = serializers.CharField(source="dispute.currency", read_only=True)
    mine = serializers.SerializerMethodField()

    class Meta:
        model = Approval
        fields = (
            "id", "dispute", "purpose", "offer", "verdict", "resolution", "amount", "currency", "weighed", "note",
            "parts", "steps", "asked_by", "asked_at", "expires_on", "state", "ended_at", "ended_by", "ended_why",
            "votes", "mine",
        )  # fmt: skip

    @extend_schema_field(serializers.BooleanField())
    def get_mine(self, approval: Approval) -> bool:
        """Whether the asking person's voice is asked for."""
        waits: set[int] = self.context.get("mine") or set()
        return approval.pk in waits


class VoteIn(serializers.Serializer[Any]):
    """Yes or no; a no needs a note."""

    yes = serializers.BooleanField()
    note = serializers.CharField(max_length=4000, allow_blank=True, default="")


class LimitShape(serializers.ModelSerializer[ApprovalLimit]):
    """Up to `amount` alone: for a role, or for one person."""

    class Meta:
        model = ApprovalLimit
        fields = ("role", "user", "amount")


class RuleShape(serializers.ModelSerializer[ApprovalRule]):
    """Above `above`, `approvals` people of `role` must agree; for one resolution or for any."""

    class Meta:
        model = ApprovalRule
        fields = ("resolution", "above", "role", "approvals")


class ToleranceShape(serializers.ModelSerializer[Tolerance]):
    """Which small claims the system accepts by itself."""

    reasons = serializers.SlugRelatedField[Any](slug_field="code", many=True, read_only=True)

    class Meta:
        model = Tolerance
        fields = ("amount", "percent", "reasons", "active")


class RulesOut(serializers.ModelSerializer[LegalEntity]):
    """How much may be given up alone in a legal entity, and who must agree above that."""

    entity = serializers.IntegerField(source="pk", read_only=True)
    limits = serializers.SerializerMethodField()
    rules = serializers.SerializerMethodField()
    tolerance = serializers.SerializerMethodField()

    class Meta:
        model = LegalEntity
        fields = ("entity", "currency", "limits", "rules", "tolerance")

    @extend_schema_field(LimitShape(many=True))
    def get_limits(self, entity: LegalEntity) -> Any:
        """The limits, of roles and of people."""
        return LimitShape(decisions.book_of(entity).limits, many=True).data

    @extend_schema_field(RuleShape(many=True))
    def get_rules(self, entity: LegalEntity) -> Any:
        """The rules, in order."""
        return RuleShape(decisions.book_of(entity).rules, many=True).data

    @extend_schema_field(ToleranceShape(allow_null=True))
    def get_tolerance(self, entity: LegalEntity) -> Any:
        """The tolerance; nothing when small claims are decided by people."""
        row = Tolerance.objects.filter(entity=entity).first()
        return ToleranceShape(row).data if row else None


class LimitIn(serializers.Serializer[Any]):
    """A limit of a role or of a person."""

    role = serializers.ChoiceField(choices=Role.choices, required=False, allow_blank=True, default="")
    user = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.all(), required=False, allow_null=True, default=None
    )
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0)


@extend_schema_serializer(component_name="ApprovalRuleIn")
class RuleIn(serializers.Serializer[Any]):
    """A rule."""

    resolution = serializers.ChoiceField(
        choices=Resolution.choices, required=False, allow_blank=True, default=""
    )
    above = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0)
    role = serializers.ChoiceField(choices=[(r.value, r.label) for r in Role if r != Role.PARTNER])
    approvals = serializers.IntegerField(min_value=1, max_value=5, default=1)


class ToleranceIn(serializers.Serializer[Any]):
    """A tolerance; `reasons` are codes."""

    amount = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0)
    percent = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=0, max_value=100)
    reasons = serializers.ListField(child=serializers.SlugField(max_length=40), default=list)
    active = serializers.BooleanField(default=True)


class RulesIn(serializers.Serializer[Any]):
    """The whole set, which replaces the one before; `tolerance` stays as it is when it is left out."""

    limits = LimitIn(many=True)
    rules = RuleIn(many=True)
    tolerance = ToleranceIn(required=False, allow_null=True, default=None)


class OfferOut(serializers.ModelSerializer[Offer]):
    """What one side proposes."""

    currency = serializers.CharField(source="dispute.currency", read_only=True)

    class Meta:
        model = Offer
        fields = (
            "id", "dispute", "side", "amount", "currency", "rest_by", "valid_until", "note", "counters", "state",
            "made_by", "made_at", "answered_by", "answered_at", "answer_note",
        )  # fmt: skip


class OfferIn(serializers.Serializer[Any]):
    """An offer; an open one of the other side is countered by it."""

    dispute = serializers.PrimaryKeyRelatedField(queryset=Dispute.objects.none())
    side = serializers.ChoiceField(choices=OfferSide.choices, default=OfferSide.OURS)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)
    valid_until = serializers.DateField()
    rest_by = serializers.DateField(required=False, allow_null=True, default=None)
    note = serializers.CharField(max_length=4000, allow_blank=True, default="")


class RequestLineOut(serializers.ModelSerializer[CreditRequestLine]):
    """What was asked for of one invoice, and what came."""

    number = serializers.CharField(source="invoice.number", read_only=True)
    arrived = serializers.DecimalField(max_digits=14, decimal_places=2, read_only=True)

    class Meta:
        model = CreditRequestLine
        fields = ("invoice", "number", "amount", "arrived")


class CreditRequestOut(serializers.ModelSerializer[CreditRequest]):
    """What billing or the ERP was asked for."""

    lines = RequestLineOut(many=True, read_only=True)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, read_only=True)
    arrived = serializers.DecimalField(max_digits=14, decimal_places=2, read_only=True)
    currency = serializers.CharField(source="dispute.currency", read_only=True)

    class Meta:
        model = CreditRequest
        fields = (
            "id", "dispute", "kind", "verdict", "state", "amount", "arrived", "currency", "department", "expected_on",
            "number", "note", "requested_by", "requested_at", "ended_at", "ended_by", "lines",
        )  # fmt: skip


class IssuedIn(serializers.Serializer[Any]):
    """The number of the document, or nothing when what came in the ledger is right although it differs."""

    number = serializers.CharField(max_length=80, allow_blank=True, default="")
    note = serializers.CharField(max_length=4000, allow_blank=True, default="")


@extend_schema_serializer(component_name="InternalPromiseOut")
class PromiseOut(serializers.ModelSerializer[InternalPromise]):
    """A promise among ourselves."""

    class Meta:
        model = InternalPromise
        fields = (
            "id", "dispute", "keeper", "department", "what", "text", "due_on", "request", "state", "made_by",
            "made_at", "kept_at", "ended_at", "ended_by",
        )  # fmt: skip


@extend_schema_serializer(component_name="InternalPromiseIn")
class PromiseIn(serializers.Serializer[Any]):
    """A promise; yours when nobody is named."""

    dispute = serializers.PrimaryKeyRelatedField(queryset=Dispute.objects.none())
    what = serializers.ChoiceField(choices=Promised.choices)
    due_on = serializers.DateField()
    keeper = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.none(), required=False, allow_null=True, default=None
    )
    department = serializers.PrimaryKeyRelatedField(
        queryset=Department.objects.none(), required=False, allow_null=True, default=None
    )
    text = serializers.CharField(max_length=300, allow_blank=True, default="")


class OutcomeLetterOut(serializers.Serializer[Any]):
    """The letter about an outcome as it would go."""

    to = serializers.CharField()
    name = serializers.CharField()
    language = serializers.CharField()
    subject = serializers.CharField()
    body = serializers.CharField()


class OutcomeLetterIn(serializers.Serializer[Any]):
    """The letter as it goes."""

    to = serializers.EmailField()
    subject = serializers.CharField(max_length=300)
    body = serializers.CharField(max_length=10000)


class ToldIn(serializers.Serializer[Any]):
    """`otherwise`: the customer knows it already; `unneeded`: it needs no telling."""

    how = serializers.ChoiceField(choices=[("otherwise", "otherwise"), ("unneeded", "unneeded")])
