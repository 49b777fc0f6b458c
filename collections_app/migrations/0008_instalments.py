"""Agreements on instalments; lines of notices know by which day they ask."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What was asked before was asked by the invoice's own date. Lines of ended notices are otherwise never changed.
DUE = """
ALTER TABLE collections_app_noticeline DISABLE TRIGGER line_guard;
UPDATE collections_app_noticeline l SET due_on = i.due_on FROM ledger_invoice i WHERE i.id = l.invoice_id;
ALTER TABLE collections_app_noticeline ENABLE TRIGGER line_guard;
SET CONSTRAINTS ALL IMMEDIATE;
"""
GUARD = """
-- The instalments, and the parts of invoices, add up to the agreement when the transaction ends.
CREATE FUNCTION collections_app_instalments_add_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_plan bigint := CASE TG_TABLE_NAME WHEN 'collections_app_instalmentplan'
        THEN (to_jsonb(NEW) ->> 'id')::bigint ELSE (to_jsonb(NEW) ->> 'plan_id')::bigint END;
    wanted numeric;
    odd boolean;
BEGIN
    SELECT amount INTO wanted FROM collections_app_instalmentplan WHERE id = of_plan;
    SELECT EXISTS (
        SELECT 1 FROM (
            SELECT number, due_on, upto, sum(amount) OVER days AS so_far, lag(due_on) OVER days AS day_before,
                   row_number() OVER days AS place
            FROM collections_app_instalment WHERE plan_id = of_plan WINDOW days AS (ORDER BY number)
        ) rows WHERE upto <> so_far OR number <> place OR day_before >= due_on
    ) INTO odd;
    IF odd OR wanted IS DISTINCT FROM (SELECT sum(amount) FROM collections_app_instalment WHERE plan_id = of_plan)
       OR wanted IS DISTINCT FROM (SELECT sum(amount) FROM collections_app_instalmentinvoice WHERE plan_id = of_plan)
       OR EXISTS (SELECT 1 FROM collections_app_instalmentinvoice c
                  JOIN ledger_invoice i ON i.id = c.invoice_id JOIN collections_app_instalmentplan p ON p.id = c.plan_id
                  WHERE c.plan_id = of_plan AND (i.customer_id <> p.customer_id OR i.currency <> p.currency)) THEN
        RAISE EXCEPTION 'instalments_add_up: the instalments and the invoices add up to the agreement'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'instalments_add_up';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER plan_adds_up AFTER INSERT ON collections_app_instalmentplan
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION collections_app_instalments_add_up();
CREATE CONSTRAINT TRIGGER instalment_adds_up AFTER INSERT ON collections_app_instalment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION collections_app_instalments_add_up();
CREATE CONSTRAINT TRIGGER covered_adds_up AFTER INSERT ON collections_app_instalmentinvoice
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION collections_app_instalments_add_up();

-- An agreement moves forward only, and stays as it was made. Its invoices are free again when it ends.
CREATE FUNCTION collections_app_instalments_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed boolean;
    free text[] := ARRAY['status', 'decided_by_id', 'decided_at', 'agreed_on', 'agreed_at', 'agreed_by_id', 'ended_on',
                         'ended_at', 'reason', 'contact_id', 'letter_id'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'instalments_are_never_removed: an agreement is never removed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'instalments_are_never_removed';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.status NOT IN ('waiting', 'proposed') THEN
            RAISE EXCEPTION 'instalments_begin_proposed: an agreement begins with a proposal'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'instalments_begin_proposed';
        END IF;
        RETURN NEW;
    END IF;
    allowed := CASE OLD.status
        WHEN 'waiting' THEN NEW.status IN ('waiting', 'proposed', 'refused', 'cancelled')
        WHEN 'proposed' THEN NEW.status IN ('proposed', 'running', 'cancelled')
        WHEN 'running' THEN NEW.status IN ('running', 'fulfilled', 'broken', 'cancelled')
        ELSE NEW.status = OLD.status END;
    IF NOT allowed THEN
        RAISE EXCEPTION 'instalments_status_moves_forward: % cannot become %', OLD.status, NEW.status
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'instalments_status_moves_forward';
    END IF;
    IF OLD.status = 'waiting' AND NEW.status = 'proposed' AND NEW.decided_by_id IS NULL THEN
        RAISE EXCEPTION 'instalments_wait_for_their_approval: nobody approved them'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'instalments_wait_for_their_approval';
    END IF;
    IF to_jsonb(OLD) - free IS DISTINCT FROM to_jsonb(NEW) - free THEN
        RAISE EXCEPTION 'instalments_stay_as_made: make a new agreement instead'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'instalments_stay_as_made';
    END IF;
    IF NEW.status = 'running' AND OLD.status <> 'running' AND EXISTS (
        SELECT 1 FROM collections_app_promise p JOIN collections_app_instalmentinvoice c USING (invoice_id)
        WHERE c.plan_id = NEW.id AND p.status = 'made') THEN
        RAISE EXCEPTION 'instalments_replace_promises: a promise for one of the invoices still runs'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'instalments_replace_promises';
    END IF;
    IF NEW.status NOT IN ('waiting', 'proposed', 'running') AND OLD.status <> NEW.status THEN
        UPDATE collections_app_instalmentinvoice SET live = false WHERE plan_id = NEW.id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER instalments_guard BEFORE INSERT OR UPDATE OR DELETE ON collections_app_instalmentplan
    FOR EACH ROW EXECUTE FUNCTION collections_app_instalments_guard();

CREATE FUNCTION collections_app_instalment_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- `live` follows the agreement, from within its own guard; `missed_at` is set once.
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - ARRAY['live', 'missed_at'] = to_jsonb(NEW) - ARRAY['live', 'missed_at']
        AND (to_jsonb(OLD) -> 'live' IS NOT DISTINCT FROM to_jsonb(NEW) -> 'live' OR pg_trigger_depth() > 1)
        AND (to_jsonb(OLD) ->> 'missed_at' IS NULL
             OR to_jsonb(OLD) ->> 'missed_at' = to_jsonb(NEW) ->> 'missed_at') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'instalment_stays_as_agreed: make a new agreement instead'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'instalment_stays_as_agreed';
END $$;
CREATE TRIGGER instalment_stays BEFORE UPDATE OR DELETE ON collections_app_instalment
    FOR EACH ROW EXECUTE FUNCTION collections_app_instalment_stays();
CREATE TRIGGER covered_stays BEFORE UPDATE OR DELETE ON collections_app_instalmentinvoice
    FOR EACH ROW EXECUTE FUNCTION collections_app_instalment_stays();

-- A running agreement and a running promise never say different things about one invoice.
CREATE FUNCTION collections_app_promise_beside() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'made' AND EXISTS (
        SELECT 1 FROM collections_app_instalmentinvoice c JOIN collections_app_instalmentplan p ON p.id = c.plan_id
        WHERE c.invoice_id = NEW.invoice_id AND p.status = 'running') THEN
        RAISE EXCEPTION 'promise_not_beside_instalments: this invoice is paid in instalments'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'promise_not_beside_instalments';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER promise_beside BEFORE INSERT OR UPDATE OF status ON collections_app_promise
    FOR EACH ROW EXECUTE FUNCTION collections_app_promise_beside();
"""
BACKWARD = """
DROP TRIGGER promise_beside ON collections_app_promise;
DROP FUNCTION collections_app_promise_beside();
DROP TRIGGER covered_stays ON collections_app_instalmentinvoice;
DROP TRIGGER instalment_stays ON collections_app_instalment;
DROP FUNCTION collections_app_instalment_stays();
DROP TRIGGER instalments_guard ON collections_app_instalmentplan;
DROP FUNCTION collections_app_instalments_guard();
DROP TRIGGER covered_adds_up ON collections_app_instalmentinvoice;
DROP TRIGGER instalment_adds_up ON collections_app_instalment;
DROP TRIGGER plan_adds_up ON collections_app_instalmentplan;
DROP FUNCTION collections_app_instalments_add_up();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_promises_are_told"),
        ("collections_app", "0007_promises_of_several"),
        ("ledger", "0013_keys_without_their_own_index"),
        ("mailroom", "0005_letters_of_a_thread"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Instalment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("due_on", models.DateField(verbose_name="by")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="amount")),
                ("upto", models.DecimalField(decimal_places=2, max_digits=14)),
                ("missed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "instalment",
                "verbose_name_plural": "instalments",
                "ordering": ("plan", "number"),
            },
        ),
        migrations.CreateModel(
            name="InstalmentInvoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                ("open_before", models.DecimalField(decimal_places=2, max_digits=14)),
                ("live", models.BooleanField(default=True)),
            ],
            options={
                "verbose_name": "invoice in instalments",
                "verbose_name_plural": "invoices in instalments",
                "ordering": ("plan", "invoice__due_on", "invoice_id"),
            },
        ),
        migrations.CreateModel(
            name="InstalmentPlan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="amount")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "To approve"),
                            ("proposed", "To be agreed"),
                            ("running", "Running"),
                            ("fulfilled", "Paid in full"),
                            ("broken", "Broken"),
                            ("cancelled", "Cancelled"),
                            ("refused", "Not approved"),
                        ],
                        default="proposed",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("made_on", models.DateField()),
                ("made_at", models.DateTimeField()),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
                (
                    "source",
                    models.CharField(
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
                ("said_by", models.CharField(blank=True, max_length=150, verbose_name="who said it")),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("agreed_on", models.DateField(blank=True, null=True)),
                ("agreed_at", models.DateTimeField(blank=True, null=True)),
                ("ended_on", models.DateField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
            ],
            options={
                "verbose_name": "agreement on instalments",
                "verbose_name_plural": "agreements on instalments",
                "ordering": ("-id",),
            },
        ),
        migrations.RemoveConstraint(
            model_name="noticeline",
            name="notice_line_each_step_once_per_invoice",
        ),
        migrations.RemoveIndex(
            model_name="noticeline",
            name="notice_line_asked",
        ),
        migrations.AddField(
            model_name="noticeline",
            name="due_on",
            field=models.DateField(null=True),
        ),
        migrations.RunSQL(DUE, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="noticeline",
            name="due_on",
            field=models.DateField(),
        ),
        migrations.AddIndex(
            model_name="noticeline",
            index=models.Index(
                condition=models.Q(("counts", True)),
                fields=["invoice"],
                include=("due_on", "step_days", "on"),
                name="notice_line_asked",
            ),
        ),
        migrations.AddConstraint(
            model_name="noticeline",
            constraint=models.UniqueConstraint(
                condition=models.Q(("counts", True)),
                fields=("invoice", "due_on", "step_days"),
                name="notice_line_each_step_once_per_invoice",
            ),
        ),
        migrations.AddField(
            model_name="instalmentinvoice",
            name="invoice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="instalment_invoices",
                to="ledger.invoice",
            ),
        ),
        migrations.AddField(
            model_name="instalmentplan",
            name="agreed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="instalmentplan",
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
            model_name="instalmentplan",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="instalment_plans",
                to="ledger.customer",
            ),
        ),
        migrations.AddField(
            model_name="instalmentplan",
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
            model_name="instalmentplan",
            name="entity",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="instalment_plans",
                to="accounts.legalentity",
            ),
        ),
        migrations.AddField(
            model_name="instalmentplan",
            name="letter",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="mailroom.letter",
            ),
        ),
        migrations.AddField(
            model_name="instalmentplan",
            name="made_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="instalmentinvoice",
            name="plan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="invoices",
                to="collections_app.instalmentplan",
            ),
        ),
        migrations.AddField(
            model_name="instalment",
            name="plan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="instalments",
                to="collections_app.instalmentplan",
            ),
        ),
        migrations.AddIndex(
            model_name="instalmentplan",
            index=models.Index(fields=["customer", "-id"], name="instalments_by_customer"),
        ),
        migrations.AddIndex(
            model_name="instalmentplan",
            index=models.Index(
                condition=models.Q(("status", "running")), fields=["entity", "id"], name="instalments_running"
            ),
        ),
        migrations.AddConstraint(
            model_name="instalmentplan",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="instalments_amount_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="instalmentplan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        ["waiting", "proposed", "running", "fulfilled", "broken", "cancelled", "refused"],
                    )
                ),
                name="instalments_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="instalmentplan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended_at", None),
                        ("ended_on", None),
                        ("status__in", ("waiting", "proposed", "running")),
                    ),
                    models.Q(
                        models.Q(("status__in", ("waiting", "proposed", "running")), _negated=True),
                        ("ended_at__isnull", False),
                        ("ended_on__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="instalments_ended_iff_dated",
            ),
        ),
        migrations.AddConstraint(
            model_name="instalmentplan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("agreed_at", None),
                        ("agreed_on", None),
                        models.Q(("status__in", ["running", "fulfilled", "broken"]), _negated=True),
                    ),
                    models.Q(
                        ("agreed_at__isnull", False),
                        ("agreed_on__isnull", False),
                        models.Q(("status__in", ["waiting", "proposed", "refused"]), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="instalments_run_once_agreed",
            ),
        ),
        migrations.AddConstraint(
            model_name="instalmentplan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["cancelled", "refused"]), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="instalments_taken_back_say_why",
                violation_error_message="Say why the agreement no longer holds.",
            ),
        ),
        migrations.AddConstraint(
            model_name="instalmentplan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("decided_by", None)),
                    models.Q(
                        models.Q(("decided_by", models.F("made_by")), _negated=True),
                        ("decided_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="instalments_maker_does_not_approve",
                violation_error_message="Somebody else has to approve what you asked for.",
            ),
        ),
        migrations.AddConstraint(
            model_name="instalmentinvoice",
            constraint=models.UniqueConstraint(
                fields=("plan", "invoice"), name="instalments_invoice_once_per_plan"
            ),
        ),
        migrations.AddConstraint(
            model_name="instalmentinvoice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("live", True)),
                fields=("invoice",),
                name="instalments_one_live_per_invoice",
                violation_error_message="There is already an agreement on instalments for this invoice.",
            ),
        ),
        migrations.AddConstraint(
            model_name="instalmentinvoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0), ("amount__lte", models.F("open_before"))),
                name="instalments_part_within_open",
                violation_error_message="Agree on more than zero and at most what is open.",
            ),
        ),
        migrations.AddConstraint(
            model_name="instalment",
            constraint=models.UniqueConstraint(
                fields=("plan", "number"), name="instalment_number_once_per_plan"
            ),
        ),
        migrations.AddConstraint(
            model_name="instalment",
            constraint=models.UniqueConstraint(
                fields=("plan", "due_on"),
                name="instalment_day_once_per_plan",
                violation_error_message="Two instalments cannot have the same day.",
            ),
        ),
        migrations.AddConstraint(
            model_name="instalment",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0), ("number__gte", 1), ("upto__gte", models.F("amount"))),
                name="instalment_amount_positive",
                violation_error_message="Each instalment is more than zero.",
            ),
        ),
        migrations.RunSQL(GUARD, BACKWARD),
    ]
