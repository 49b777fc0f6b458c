"""The shapes of legal files in the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from collections_app.choices_contentious import FileAct, FileEnd, FileStatus, Law
from collections_app.contentious.claim import Claim
from collections_app.contentious.parties import LONGEST
from collections_app.models import LegalFile, LegalStep
from ledger.models import Customer

MOST = 1000


def money(**more: Any) -> serializers.DecimalField:
    """An amount."""
    return serializers.DecimalField(max_digits=14, decimal_places=2, **more)


class LegalStepOut(serializers.ModelSerializer[LegalStep]):
    """A step: `amount` is what was collected, `document` the name of the file kept with it."""

    act = serializers.ChoiceField(FileAct.choices)
    status = serializers.ChoiceField(FileStatus.choices)
    document = serializers.CharField(source="name")

    class Meta:
        model = LegalStep
        fields = (
            "seq",
            "act",
            "status",
            "on",
            "at",
            "by",
            "note",
            "amount",
            "letter",
            "paper_letter",
            "document",
            "sha256",
        )


class LegalFileOut(serializers.ModelSerializer[LegalFile]):
    """A legal file; `left` is what is open of its invoices now."""

    ref = serializers.CharField()
    law = serializers.ChoiceField(Law.choices)
    status = serializers.ChoiceField(FileStatus.choices)
    left = money()
    invoices = serializers.SerializerMethodField()
    steps = LegalStepOut(many=True)

    class Meta:
        model = LegalFile
        fields = (
            "id",
            "ref",
            "entity",
            "customer",
            "currency",
            "law",
            "status",
            "principal",
            "left",
            "facts",
            "deadline",
            "tracking",
            "agency",
            "agency_reference",
            "commission",
            "court",
            "court_reference",
            "opened_by",
            "opened_on",
            "second_by",
            "end",
            "end_note",
            "closed_on",
            "invoices",
            "steps",
        )

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_invoices(self, row: LegalFile) -> list[int]:
        """The keys of its invoices."""
        return [line.invoice_id for line in row.lines.all()]


class LegalFileIn(serializers.Serializer[Any]):
    """Overdue invoices of a customer to pursue; without a law that of the debtor's country."""

    customer: Any = serializers.PrimaryKeyRelatedField(queryset=Customer.objects.none())
    currency = serializers.RegexField(r"^[A-Z]{3}\Z")
    invoices = serializers.ListField(child=serializers.IntegerField(), allow_empty=False, max_length=MOST)
    law = serializers.ChoiceField(Law.choices, required=False)
    note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class LegalNoticeIn(serializers.Serializer[Any]):
    """The formal notice: the last day to pay, and by which channels it goes."""

    deadline = serializers.DateField()
    channels = serializers.ListField(child=serializers.ChoiceField(["post", "email"]), allow_empty=False)
    expected = money(required=False, help_text="Refused when the claim is another total.")
    note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class LegalActIn(serializers.Serializer[Any]):
    """A step; which fields it needs is in the documentation. A `key` makes a retry harmless."""

    act = serializers.ChoiceField([one for one in FileAct.choices if one[0] not in ("open", "notify")])
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)
    on = serializers.DateField(required=False)
    amount = money(required=False)
    tracking = serializers.CharField(max_length=60, required=False)
    agency = serializers.CharField(max_length=150, required=False)
    agency_reference = serializers.CharField(max_length=60, required=False)
    commission = serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=0, max_value=100, required=False
    )
    court = serializers.CharField(max_length=200, required=False)
    court_reference = serializers.CharField(max_length=60, required=False)
    end = serializers.ChoiceField([one for one in FileEnd.choices if one[0]], required=False)
    key = serializers.CharField(max_length=64, required=False)
    document = serializers.FileField(required=False)


class LegalFactsIn(serializers.Serializer[Any]):
    """What papers need and the books do not have, by name."""

    facts = serializers.DictField(child=serializers.CharField(max_length=LONGEST, allow_blank=True))


class LegalReportIn(serializers.Serializer[Any]):
    """What an agency says: `reference` ours or theirs, `status` in its words."""

    reference = serializers.CharField(max_length=60)
    status = serializers.CharField(max_length=100)
    date = serializers.DateField()
    amount = money(required=False, allow_null=True, min_value=0)
    note = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class LegalReportsIn(serializers.Serializer[Any]):
    """Reports about the files of an entity."""

    entity = serializers.CharField(max_length=40, help_text="The code of the legal entity.")
    reports = serializers.ListField(child=LegalReportIn(), allow_empty=False, max_length=MOST)


class LegalRejectOut(serializers.Serializer[Any]):
    """A row that was not taken; `line` counts from 1."""

    line = serializers.IntegerField()
    code = serializers.CharField()
    sentence = serializers.CharField()
    reference = serializers.CharField()


class LegalReportsOut(serializers.Serializer[Any]):
    """What became of the rows."""

    taken = serializers.IntegerField()
    known = serializers.IntegerField()
    rejects = LegalRejectOut(many=True)


class LegalClaimLineOut(serializers.Serializer[Any]):
    """What is claimed of one invoice."""

    invoice = serializers.IntegerField(source="invoice.pk")
    number = serializers.CharField(source="invoice.number")
    due_on = serializers.DateField(source="invoice.due_on")
    paid = money()
    open = money()
    disputed = money()
    principal = money()
    interest = money()
    costs = money()


class LegalClaimOut(serializers.Serializer[Claim]):
    """What a file claims today; `missing` are the facts that the court file lacks."""

    currency = serializers.CharField()
    on = serializers.DateField()
    principal = money()
    interest = money()
    costs = money()
    total = money()
    disputed = money()
    provisional = serializers.BooleanField()
    lines = LegalClaimLineOut(many=True)
    missing = serializers.SerializerMethodField()
    acts = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_missing(self, _claim: Claim) -> list[str]:
        """Names of facts."""
        return list(self.context["missing"])

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_acts(self, _claim: Claim) -> list[str]:
        """What the person may do now."""
        return list(self.context["acts"])
