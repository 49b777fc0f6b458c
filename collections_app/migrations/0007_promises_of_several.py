"""Promises of several invoices in one act, with limits and approval; who collects from whom."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARD = """
-- A promise moves forward only: it waits, runs, ends. What was said stays as it was said.
CREATE FUNCTION collections_app_promise_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed boolean;
    free text[] := ARRAY['status', 'decided_by_id', 'decided_at', 'settled_at', 'reason', 'contact_id'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'promise_is_never_removed: a promise is never removed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'promise_is_never_removed';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.status NOT IN ('made', 'waiting') THEN
            RAISE EXCEPTION 'promise_begins_running: a promise begins running or waiting'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'promise_begins_running';
        END IF;
        RETURN NEW;
    END IF;
    allowed := CASE OLD.status
        WHEN 'waiting' THEN NEW.status IN ('waiting', 'made', 'refused', 'replaced', 'cancelled')
        WHEN 'made' THEN NEW.status IN ('made', 'kept', 'broken', 'replaced', 'cancelled')
        ELSE NEW.status = OLD.status END;
    IF NOT allowed THEN
        RAISE EXCEPTION 'promise_status_moves_forward: % cannot become %', OLD.status, NEW.status
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'promise_status_moves_forward';
    END IF;
    IF OLD.status = 'waiting' AND NEW.status = 'made' AND NEW.decided_by_id IS NULL THEN
        RAISE EXCEPTION 'promise_waits_for_its_approval: nobody approved it'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'promise_waits_for_its_approval';
    END IF;
    IF OLD.offer IS NULL THEN
        free := array_append(free, 'offer');
    END IF;
    IF to_jsonb(OLD) - free IS DISTINCT FROM to_jsonb(NEW) - free THEN
        RAISE EXCEPTION 'promise_stays_as_said: what was promised is not changed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'promise_stays_as_said';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER promise_guard BEFORE INSERT OR UPDATE OR DELETE ON collections_app_promise
    FOR EACH ROW EXECUTE FUNCTION collections_app_promise_guard();
"""
BACKWARD = """
DROP TRIGGER promise_guard ON collections_app_promise;
DROP FUNCTION collections_app_promise_guard();
"""
# Each promise made before was an act of its own.
ACTS = "UPDATE collections_app_promise SET act = gen_random_uuid()"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_partner_company_guards"),
        ("collections_app", "0006_interest_guards"),
        ("ledger", "0013_keys_without_their_own_index"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Portfolio",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="portfolio",
                        serialize=False,
                        to="ledger.customer",
                    ),
                ),
                ("set_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "portfolio",
                "verbose_name_plural": "portfolios",
            },
        ),
        migrations.CreateModel(
            name="PromiseLimit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("admin", "Administrator"),
                            ("credit_manager", "Credit manager"),
                            ("collector", "Collector"),
                            ("sales", "Salesperson"),
                            ("expert", "Expert"),
                            ("finance", "Finance"),
                            ("partner", "Partner"),
                        ],
                        max_length=20,
                        verbose_name="role",
                    ),
                ),
                (
                    "days",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="days at most"),
                ),
                (
                    "amount",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="amount at most"
                    ),
                ),
            ],
            options={
                "verbose_name": "limit of promises",
                "verbose_name_plural": "limits of promises",
                "ordering": ("entity", "role"),
            },
        ),
        migrations.CreateModel(
            name="PromiseRules",
            fields=[
                (
                    "entity",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="promise_rules",
                        serialize=False,
                        to="accounts.legalentity",
                    ),
                ),
                ("grace_days", models.PositiveSmallIntegerField(default=3, verbose_name="days of grace")),
                (
                    "whole_comes_back",
                    models.BooleanField(
                        default=True, verbose_name="a missed instalment brings back the whole"
                    ),
                ),
                ("set_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "rules of promises",
                "verbose_name_plural": "rules of promises",
            },
        ),
        migrations.RemoveConstraint(
            model_name="promise",
            name="promise_settled_iff_dated",
        ),
        migrations.AddField(
            model_name="promise",
            name="act",
            field=models.UUIDField(default=uuid.uuid4, editable=False),
        ),
        migrations.AddField(
            model_name="promise",
            name="contact",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="ledger.contact",
            ),
        ),
        migrations.AddField(
            model_name="promise",
            name="decided_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="promise",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="promise",
            name="reason",
            field=models.CharField(blank=True, max_length=300, verbose_name="reason"),
        ),
        migrations.AddField(
            model_name="promise",
            name="said_by",
            field=models.CharField(blank=True, max_length=150, verbose_name="who said it"),
        ),
        migrations.AddField(
            model_name="promise",
            name="source",
            field=models.CharField(
                choices=[
                    ("phone", "By phone"),
                    ("mail", "By e-mail"),
                    ("chat", "In a conversation"),
                    ("portal", "On the customer's page"),
                    ("visit", "On a visit"),
                ],
                default="phone",
                max_length=10,
                verbose_name="how",
            ),
        ),
        migrations.AlterField(
            model_name="promise",
            name="status",
            field=models.CharField(
                choices=[
                    ("made", "Promised"),
                    ("waiting", "To approve"),
                    ("kept", "Kept"),
                    ("broken", "Broken"),
                    ("replaced", "Replaced"),
                    ("cancelled", "Cancelled"),
                    ("refused", "Not approved"),
                ],
                default="made",
                max_length=10,
                verbose_name="status",
            ),
        ),
        migrations.AddIndex(
            model_name="promise",
            index=models.Index(fields=["act"], name="promise_by_act"),
        ),
        migrations.AddConstraint(
            model_name="promise",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "waiting")),
                fields=("invoice",),
                name="promise_one_waiting_per_invoice",
                violation_error_message="A promise for this invoice already waits for its approval.",
            ),
        ),
        migrations.AddConstraint(
            model_name="promise",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_at", None), ("status__in", ("made", "waiting"))),
                    models.Q(
                        models.Q(("status__in", ("made", "waiting")), _negated=True),
                        ("settled_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="promise_settled_iff_dated",
            ),
        ),
        migrations.AddConstraint(
            model_name="promise",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["cancelled", "refused"]), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="promise_taken_back_says_why",
                violation_error_message="Say why the promise no longer holds.",
            ),
        ),
        migrations.AddConstraint(
            model_name="promise",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("decided_by", None)),
                    models.Q(
                        models.Q(("decided_by", models.F("made_by")), _negated=True),
                        ("decided_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="promise_maker_does_not_approve",
                violation_error_message="Somebody else has to approve what you asked for.",
            ),
        ),
        migrations.AddField(
            model_name="portfolio",
            name="collector",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="portfolio",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="portfolio",
            name="set_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="promiselimit",
            name="entity",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="promise_limits",
                to="accounts.legalentity",
            ),
        ),
        migrations.AddField(
            model_name="promiserules",
            name="set_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="promiselimit",
            constraint=models.UniqueConstraint(fields=("entity", "role"), name="promise_limit_once_per_role"),
        ),
        migrations.AddConstraint(
            model_name="promiselimit",
            constraint=models.CheckConstraint(
                condition=models.Q(("days__isnull", False), ("amount__isnull", False), _connector="OR"),
                name="promise_limit_limits_something",
                violation_error_message="Give a number of days, an amount, or both.",
            ),
        ),
        migrations.AddConstraint(
            model_name="promiselimit",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount", None), ("amount__gte", 0), _connector="OR"),
                name="promise_limit_not_negative",
                violation_error_message="A limit is zero or more.",
            ),
        ),
        migrations.AddConstraint(
            model_name="promiserules",
            constraint=models.CheckConstraint(
                condition=models.Q(("grace_days__lte", 30)),
                name="promise_rules_grace_is_short",
                violation_error_message="At most 30 days of grace.",
            ),
        ),
        migrations.RunSQL(ACTS, migrations.RunSQL.noop),
        migrations.RunSQL(GUARD, BACKWARD),
    ]
