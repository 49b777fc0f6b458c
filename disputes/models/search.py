"""What people find disputes by: one table of folded text, whatever room the words come from."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q

from accounts.models import Department
from disputes.choices import Side
from disputes.models.dispute import Dispute


class SearchText(models.Model):
    """Words about one dispute: of the dispute itself, of a message, of a piece of evidence. Stored folded.

    `side` is for whom they were written. `guests` names the outsiders of that side who were there to read them;
    empty when every outsider of the side may, or every one of the partner company `party`.
    """

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="search_texts")
    source = models.CharField(max_length=60)
    side = models.CharField(max_length=10, choices=Side.choices, default=Side.INTERNAL)
    guests = ArrayField(models.BigIntegerField(), null=True, blank=True)
    party = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dispute", "source"], name="search_text_once_per_source"),
            models.CheckConstraint(condition=~Q(text=""), name="search_text_says_something"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="search_text_side_is_known"),
            models.CheckConstraint(
                condition=Q(party=None) | Q(side=Side.PARTNER), name="search_text_company_is_a_partner"
            ),
        ]
        indexes = [
            # The search box of the queue: any part of any word.
            GinIndex(OpClass("text", "gin_trgm_ops"), name="search_text_trgm"),
        ]

    def __str__(self) -> str:
        return f"{self.dispute_id}: {self.source}"
