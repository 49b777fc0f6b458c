"""What was decided and sent, with the decision as it was taken."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Q, When
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.models import LegalEntity, User
from collections_app.choices import UNENDED, Door, Grouping, NoticeStatus, Reason, Why
from collections_app.models.calls import Call
from collections_app.models.plans import Plan, Step
from ledger.models import Contact, Customer, Invoice
from lib.money import ZERO
from mailroom.models import Letter

S = NoticeStatus


class Run(models.Model):
    """One time that the day's notices were decided for an entity."""

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="+")
    on = models.DateField(_("day"))
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="+")
    door = models.CharField(max_length=10, choices=Door.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    decided = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        # The last run of an entity.
        indexes = [models.Index(fields=["entity", "-id"], name="run_by_entity")]

    def __str__(self) -> str:
        return f"{self.entity_id} {self.on}"


class NoticeQuerySet(models.QuerySet["Notice"]):
    """The words in which notices are asked for."""

    def visible_to(self, user: User | AnonymousUser) -> NoticeQuerySet:
        """The notices of the entities in which the person may read plans."""
        return self.filter(policy.rows(user, "plan.read"))


class Notice(models.Model):
    """One message to one customer on one day: about everything that is due then (`grouping`), about one invoice of it,
    or about what its contact deals with.

    `invoice_ids` and `decided_amount` are the decision of the day; `asked` and the lines are the decision taken
    again at the moment of sending, which is what the letter says.
    """

    # A hundred thousand are written at once, and what each key and index costs is paid for each of them. What is never
    # removed (the run with its entity, a step in force) is looked up once per statement by a trigger, without a key of
    # its own; a key that an index below begins with, or that is mostly empty, has no own index.
    run = models.ForeignKey(Run, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    entity = models.ForeignKey(
        LegalEntity, models.PROTECT, related_name="notices", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="notices", db_index=False)
    # The contact row may go, the notice stays; who it went to is on the letter.
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="+")
    currency = models.CharField(max_length=3)
    on = models.DateField(_("day"))
    step = models.ForeignKey(Step, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    invoice_ids = ArrayField(models.BigIntegerField())
    # What tells it from the customer's other messages of the day.
    grouping = models.CharField(
        max_length=10, choices=Grouping.choices, default=Grouping.CUSTOMER, db_default=Grouping.CUSTOMER.value
    )
    # Of a plan that writes one message for each invoice.
    invoice = models.ForeignKey(
        Invoice, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    decided_amount = models.DecimalField(max_digits=14, decimal_places=2)
    asked = models.DecimalField(_("asked"), max_digits=14, decimal_places=2)
    status = models.CharField(_("status"), max_length=10, choices=S.choices)
    reason = models.CharField(max_length=20, choices=Reason.choices, blank=True, default="")
    letter = models.ForeignKey(
        Letter, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # Of a step that is a call: there is nothing to deliver, a collector calls.
    call = models.ForeignKey(Call, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    decided_at = models.DateTimeField()
    # Of one that a person had to release.
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    released_at = models.DateTimeField(null=True, blank=True)
    # Not sent earlier: the customer's hours.
    not_before = models.DateTimeField(null=True, blank=True)
    # What stood beside the decision: money of the customer not yet placed, and how new the bank's word was.
    on_account = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO)
    bank_on = models.DateField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            # A customer is of one entity. It is also how a customer's notices are found.
            models.UniqueConstraint(
                fields=["customer", "on", "currency", "contact", "invoice"],
                nulls_distinct=False,
                name="notice_one_per_customer_day_currency_contact_and_invoice",
            ),
            # At most one message to a customer, about an invoice, or to a contact about what they deal with is under
            # way: two days cannot overtake each other. It is also how the sweeper finds what is still to be sent.
            models.UniqueConstraint(
                "customer",
                "currency",
                "invoice",
                Case(When(grouping=Grouping.CONTACT, then="contact")),
                condition=Q(status__in=UNENDED),
                nulls_distinct=False,
                name="notice_one_under_way_per_customer_currency_and_part",
            ),
            models.UniqueConstraint(
                fields=["letter"], condition=Q(letter__isnull=False), name="notice_one_per_letter"
            ),
            models.UniqueConstraint(
                fields=["call"], condition=Q(call__isnull=False), name="notice_one_per_call"
            ),
            models.CheckConstraint(
                condition=Q(grouping=Grouping.INVOICE, invoice__isnull=False)
                | Q(grouping__in=[Grouping.CUSTOMER, Grouping.CONTACT], invoice=None),
                name="notice_names_its_invoice_iff_grouped_so",
            ),
            models.CheckConstraint(
                condition=Q(invoice=None) | Q(invoice_ids__len=1), name="notice_of_an_invoice_names_no_other"
            ),
            models.CheckConstraint(condition=Q(status__in=S.values), name="notice_status_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=UNENDED, ended_at=None)
                | Q(~Q(status__in=UNENDED), ended_at__isnull=False),
                name="notice_ended_iff_dated",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[S.WITHDRAWN, S.FAILED]) | ~Q(reason=""),
                name="notice_not_sent_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(status=S.SENT)
                | Q(letter__isnull=False, call=None, asked__gt=0)
                | Q(letter=None, call__isnull=False, asked__gt=0),
                name="notice_sent_has_a_letter_or_a_call",
            ),
        ]
        indexes = [
            # The page of the day, and superseding what was left of earlier days.
            models.Index(fields=["entity", "-on", "-id"], name="notice_by_day"),
            # What waits for a person's yes.
            models.Index(
                fields=["entity", "-asked"], condition=Q(status=S.TO_APPROVE), name="notice_to_approve"
            ),
            # What left on a day, whatever day it was decided for.
            models.Index(fields=["entity", "ended_at"], condition=Q(status=S.SENT), name="notice_by_leaving"),
            # What a deletion asks for.
            models.Index(fields=["invoice"], condition=Q(invoice__isnull=False), name="notice_of_an_invoice"),
            models.Index(
                fields=["released_by"], condition=Q(released_by__isnull=False), name="notice_released_by"
            ),
        ]

    def __str__(self) -> str:
        return f"notice:{self.pk}"

    @property
    def part(self) -> int:
        """What tells it from the customer's other messages of the day: its invoice, its contact, or nothing (0)."""
        if self.grouping == Grouping.CONTACT:
            return self.contact_id or 0
        return self.invoice_id or 0

    @property
    def letter_key(self) -> str:
        """The key of its letter: one letter per notice, for ever."""
        return f"notice:{self.pk}"


class NoticeLine(models.Model):
    """What was decided about one invoice when its notice was sent: the facts, the amount asked, and why.

    While `counts`, this invoice has had this step; a line of a notice that did not go out does not count.
    """

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="lines")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="notice_lines")
    step = models.ForeignKey(Step, models.PROTECT, null=True, blank=True, related_name="+")
    # The step's place relative to the due date; outlives the version of the plan it came from.
    step_days = models.SmallIntegerField(null=True, blank=True)
    # The step this invoice had been asked at before, for the words of the letter.
    last_days = models.SmallIntegerField(null=True, blank=True)
    # Steps whose day went by unused (a worker was down, a hold): they are not caught up.
    skipped_days = ArrayField(models.SmallIntegerField(), default=list)
    on = models.DateField()
    # The day it is asked for by: the invoice's, or that of the instalment it is paid in.
    due_on = models.DateField()
    days_late = models.IntegerField()
    open = models.DecimalField(max_digits=14, decimal_places=2)
    disputed = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO)
    promised = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO)
    asked = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO)
    why = models.CharField(max_length=20, choices=Why.choices)
    counts = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("notice line")
        verbose_name_plural = _("notice lines")
        ordering = ("-days_late", "id")
        constraints = [
            models.UniqueConstraint(fields=["notice", "invoice"], name="notice_line_invoice_once_per_notice"),
            models.UniqueConstraint(
                fields=["invoice", "due_on", "step_days"],
                condition=Q(counts=True),
                name="notice_line_each_step_once_per_invoice",
            ),
            models.CheckConstraint(
                condition=Q(why=Why.ASKED, asked=F("open") - F("disputed") - F("promised"), asked__gt=0)
                | Q(~Q(why=Why.ASKED), asked=0, counts=False),
                name="notice_line_asks_open_less_disputed_less_promised",
            ),
            models.CheckConstraint(
                condition=Q(
                    open__gte=0, disputed__gte=0, promised__gte=0, disputed__lte=F("open") - F("promised")
                ),
                name="notice_line_parts_within_open",
            ),
            models.CheckConstraint(
                condition=Q(counts=False) | Q(step__isnull=False, step_days__isnull=False),
                name="notice_line_that_counts_has_a_step",
            ),
        ]
        indexes = [
            # What was asked before: the last step of each invoice.
            models.Index(
                fields=["invoice"],
                include=["due_on", "step_days", "on"],
                condition=Q(counts=True),
                name="notice_line_asked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id}: {self.invoice_id} {self.why}"
