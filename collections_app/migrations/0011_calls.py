"""Calls to customers, flags of contacts that are the wrong ones, customers put off."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARD = """
-- A call that ended stays as it was written down; only the dispute it led to is added when it is opened.
CREATE FUNCTION collections_app_call_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free text[] := ARRAY['contact_id'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'call_is_never_removed: a call is never removed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'call_is_never_removed';
    END IF;
    IF OLD.dispute_id IS NULL THEN
        free := array_append(free, 'dispute_id');
    END IF;
    IF OLD.status <> 'planned' AND to_jsonb(OLD) - free IS DISTINCT FROM to_jsonb(NEW) - free THEN
        RAISE EXCEPTION 'call_ended_is_final: a call that ended is not changed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'call_ended_is_final';
    END IF;
    IF OLD.customer_id <> NEW.customer_id OR OLD.entity_id <> NEW.entity_id OR OLD.key IS DISTINCT FROM NEW.key THEN
        RAISE EXCEPTION 'call_stays_with_its_customer: plan another call instead'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'call_stays_with_its_customer';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER call_guard BEFORE UPDATE OR DELETE ON collections_app_call
    FOR EACH ROW EXECUTE FUNCTION collections_app_call_guard();
"""
BACKWARD = """
DROP TRIGGER call_guard ON collections_app_call;
DROP FUNCTION collections_app_call_guard();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_promises_are_told"),
        ("collections_app", "0010_drafts_and_releases"),
        ("disputes", "0032_files_for_one_company"),
        ("ledger", "0013_keys_without_their_own_index"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Call",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("overdue", "Overdue and not disputed"),
                            ("broken", "Promise broken"),
                            ("oversight", "A small amount, perhaps an oversight"),
                            ("before_due", "A large amount falls due"),
                            ("call_back", "Asked to be called back"),
                            ("no_answer", "Nobody answered last time"),
                            ("contact", "Who pays the invoices there?"),
                            ("other", "Something else"),
                        ],
                        max_length=20,
                        verbose_name="reason",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("planned", "Planned"), ("done", "Done"), ("cancelled", "Cancelled")],
                        default="planned",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("key", models.CharField(blank=True, max_length=120, null=True, unique=True)),
                ("due_on", models.DateField(verbose_name="day")),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("about", models.CharField(blank=True, max_length=300, verbose_name="about")),
                ("planned_at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("promise", "They promise to pay"),
                            ("dispute", "They dispute it"),
                            ("call_back", "Call back at"),
                            ("no_answer", "No answer"),
                            ("message", "Left a message"),
                            ("wrong_contact", "Wrong contact"),
                            ("paid", "Already paid, they say"),
                            ("refused", "They refuse to pay"),
                        ],
                        default="",
                        max_length=15,
                        verbose_name="outcome",
                    ),
                ),
                ("notes", models.TextField(blank=True, verbose_name="notes")),
                ("seconds", models.PositiveIntegerField(blank=True, null=True, verbose_name="seconds")),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("promise_act", models.UUIDField(blank=True, null=True)),
                (
                    "assigned_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calls",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="calls",
                        to="ledger.contact",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calls",
                        to="ledger.customer",
                    ),
                ),
                (
                    "dispute",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calls",
                        to="disputes.dispute",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calls",
                        to="accounts.legalentity",
                    ),
                ),
                (
                    "follows",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followed_by",
                        to="collections_app.call",
                    ),
                ),
                (
                    "instalments",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calls",
                        to="collections_app.instalmentplan",
                    ),
                ),
                (
                    "planned_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calls",
                        to="collections_app.step",
                    ),
                ),
            ],
            options={
                "verbose_name": "call",
                "verbose_name_plural": "calls",
                "ordering": ("due_on", "id"),
            },
        ),
        migrations.CreateModel(
            name="ContactFlag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
                ("flagged_at", models.DateTimeField()),
                ("cleared_at", models.DateTimeField(blank=True, null=True)),
                (
                    "call",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="collections_app.call",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="flags", to="ledger.contact"
                    ),
                ),
                (
                    "flagged_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "flag of a contact",
                "verbose_name_plural": "flags of contacts",
            },
        ),
        migrations.CreateModel(
            name="Rest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("until", models.DateField(verbose_name="until")),
                ("set_at", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rests",
                        to="ledger.customer",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rests",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "put off",
                "verbose_name_plural": "put off",
            },
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(fields=["customer", "-id"], name="call_by_customer"),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                condition=models.Q(("status", "planned")),
                fields=["entity", "due_on", "customer"],
                name="call_planned",
            ),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                condition=models.Q(("status", "done")),
                fields=["customer", "-ended_at"],
                name="call_last_contact",
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["planned", "done", "cancelled"])),
                name="call_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("ended_by", None), ("outcome", ""), ("status", "planned")),
                    models.Q(
                        ("ended_at__isnull", False),
                        ("ended_by__isnull", False),
                        (
                            "outcome__in",
                            [
                                "promise",
                                "dispute",
                                "call_back",
                                "no_answer",
                                "message",
                                "wrong_contact",
                                "paid",
                                "refused",
                            ],
                        ),
                        ("status", "done"),
                    ),
                    models.Q(("ended_at__isnull", False), ("outcome", ""), ("status", "cancelled")),
                    _connector="OR",
                ),
                name="call_done_has_an_outcome",
                violation_error_message="Say what came of the call.",
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "promise"), _negated=True),
                    ("promise_act__isnull", False),
                    ("instalments__isnull", False),
                    _connector="OR",
                ),
                name="call_promise_has_its_promise",
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("instalments", None), ("promise_act", None)),
                    ("outcome", "promise"),
                    _connector="OR",
                ),
                name="call_promise_only_of_a_promise",
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(("dispute", None), ("outcome", "dispute"), _connector="OR"),
                name="call_dispute_only_of_a_dispute",
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(("follows", models.F("id")), _negated=True), name="call_follows_another"
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "cancelled"), _negated=True),
                fields=("follows",),
                name="call_followed_by_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="contactflag",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cleared_at", None)),
                fields=("contact",),
                name="contact_flag_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="rest",
            constraint=models.UniqueConstraint(fields=("customer", "user"), name="rest_once_per_person"),
        ),
        migrations.RunSQL(GUARD, BACKWARD),
    ]
