"""Routes with parallel branches, alerts and letters; the branches that run; rules that choose a route; drafts."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """One topic: the tables."""

    dependencies = [
        ("accounts", "0003_books"),
        ("disputes", "0010_search"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BranchRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("done", "Done"), ("cancelled", "Cancelled")],
                        default="open",
                        max_length=20,
                    ),
                ),
                (
                    "holder_side",
                    models.CharField(
                        choices=[
                            ("ours", "Us"),
                            ("customer", "The customer"),
                            ("partner", "A partner"),
                            ("system", "The system"),
                        ],
                        max_length=20,
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("result", models.CharField(blank=True, max_length=200, verbose_name="result")),
                ("note", models.TextField(blank=True, max_length=4000, verbose_name="note")),
            ],
            options={
                "verbose_name": "branch",
                "ordering": ("started_at", "branch__position", "pk"),
            },
        ),
        migrations.CreateModel(
            name="RouteRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                (
                    "amount_from",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="from this amount",
                    ),
                ),
                (
                    "amount_to",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="below this amount",
                    ),
                ),
                ("currency", models.CharField(blank=True, max_length=3, verbose_name="currency")),
                (
                    "segment",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("strategic", "Strategic"),
                            ("key", "Key account"),
                            ("standard", "Standard"),
                            ("risky", "Risky"),
                        ],
                        max_length=20,
                        verbose_name="segment",
                    ),
                ),
                (
                    "country",
                    models.CharField(blank=True, max_length=2, verbose_name="country of the customer"),
                ),
                (
                    "via",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("page", "page"),
                            ("popup", "pop-up"),
                            ("chat", "chat"),
                            ("api", "API"),
                            ("mail", "e-mail"),
                            ("import", "import"),
                            ("system", "system"),
                            ("answer", "e-invoice answer"),
                            ("short_payment", "short payment"),
                        ],
                        max_length=20,
                        verbose_name="source",
                    ),
                ),
                ("active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "rule of routes",
                "ordering": ("entity", "position", "pk"),
            },
        ),
        migrations.CreateModel(
            name="StageAlert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=1)),
                ("minutes", models.IntegerField()),
                ("to", models.CharField(max_length=30)),
                ("hand_over", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ("minutes", "position"),
            },
        ),
        migrations.CreateModel(
            name="StageBranch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=40, verbose_name="code")),
                ("labels", models.JSONField(default=dict, verbose_name="labels")),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "holder_kind",
                    models.CharField(
                        choices=[
                            ("coordinator", "The coordinator"),
                            ("salesperson", "The customer's salesperson"),
                            ("role", "A role"),
                            ("department", "A department"),
                            ("person", "A named person"),
                            ("customer", "The customer"),
                            ("partner", "A partner"),
                            ("system", "The system"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "holder_role",
                    models.CharField(
                        blank=True,
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
                    ),
                ),
                ("deadline_minutes", models.PositiveIntegerField(null=True)),
            ],
            options={
                "ordering": ("position",),
            },
        ),
        migrations.CreateModel(
            name="StageSend",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=1)),
                ("text", models.CharField(max_length=60, verbose_name="text")),
                (
                    "to",
                    models.CharField(
                        choices=[
                            ("customer", "The customer"),
                            ("salesperson", "The customer's salesperson"),
                            ("coordinator", "The coordinator"),
                        ],
                        max_length=20,
                    ),
                ),
            ],
            options={
                "ordering": ("position",),
            },
        ),
        migrations.AlterModelOptions(
            name="questiontemplate",
            options={"ordering": ("position", "pk")},
        ),
        migrations.AddField(
            model_name="questiontemplate",
            name="position",
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name="route",
            name="active",
            field=models.BooleanField(db_default=True, default=True, verbose_name="active"),
        ),
        migrations.AddField(
            model_name="routeversion",
            name="activated_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="routeversion",
            name="activated_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="routeversion",
            name="labels",
            field=models.JSONField(blank=True, default=dict, verbose_name="labels"),
        ),
        migrations.AddField(
            model_name="routeversion",
            name="made_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="routeversion",
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
            model_name="stage",
            name="joins_by",
            field=models.SlugField(blank=True, db_default="", default="", max_length=40),
        ),
        migrations.AddField(
            model_name="stage",
            name="wait_for",
            field=models.CharField(
                blank=True,
                choices=[("all", "All of them are done"), ("any", "One of them is done")],
                db_default="",
                default="",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="stage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("joins_by", ""), ("wait_for", "")),
                    models.Q(("wait_for__in", ["all", "any"]), models.Q(("joins_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="stage_waits_iff_it_joins",
            ),
        ),
        migrations.AddField(
            model_name="branchrun",
            name="dispute",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="branch_runs", to="disputes.dispute"
            ),
        ),
        migrations.AddField(
            model_name="branchrun",
            name="done_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="branchrun",
            name="holder_department",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.department",
            ),
        ),
        migrations.AddField(
            model_name="branchrun",
            name="holder_user",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="routerule",
            name="entity",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="route_rules",
                to="accounts.legalentity",
            ),
        ),
        migrations.AddField(
            model_name="routerule",
            name="reason",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="disputes.reason",
                verbose_name="reason",
            ),
        ),
        migrations.AddField(
            model_name="routerule",
            name="route",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rules",
                to="disputes.route",
                verbose_name="route",
            ),
        ),
        migrations.AddField(
            model_name="stagealert",
            name="stage",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="alerts", to="disputes.stage"
            ),
        ),
        migrations.AddField(
            model_name="stagebranch",
            name="department",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.department",
            ),
        ),
        migrations.AddField(
            model_name="stagebranch",
            name="person",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="stagebranch",
            name="stage",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="branches", to="disputes.stage"
            ),
        ),
        migrations.AddField(
            model_name="branchrun",
            name="branch",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="runs", to="disputes.stagebranch"
            ),
        ),
        migrations.AddField(
            model_name="questiontemplate",
            name="branch",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="questions",
                to="disputes.stagebranch",
            ),
        ),
        migrations.AddField(
            model_name="stagesend",
            name="stage",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="sends", to="disputes.stage"
            ),
        ),
        migrations.AddIndex(
            model_name="routerule",
            index=models.Index(
                condition=models.Q(("active", True)),
                fields=["entity", "position"],
                name="route_rule_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="routerule",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_from", None), ("amount_from__gte", 0), _connector="OR"),
                name="route_rule_amount_not_negative",
                violation_error_message="The amount cannot be negative.",
            ),
        ),
        migrations.AddConstraint(
            model_name="routerule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount_to", None),
                    ("amount_from", None),
                    ("amount_to__gt", models.F("amount_from")),
                    _connector="OR",
                ),
                name="route_rule_amounts_in_order",
                violation_error_message="The upper amount must be more than the lower one.",
            ),
        ),
        migrations.AddConstraint(
            model_name="routerule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount_from", None), ("amount_to", None)),
                    models.Q(("currency", ""), _negated=True),
                    _connector="OR",
                ),
                name="route_rule_amount_has_a_currency",
                violation_error_message="Say the currency of the amounts.",
            ),
        ),
        migrations.AddConstraint(
            model_name="stagealert",
            constraint=models.UniqueConstraint(
                fields=("stage", "minutes", "to"), name="alert_unique_per_stage"
            ),
        ),
        migrations.AddConstraint(
            model_name="stagealert",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("to__in", ["holder", "coordinator", "lead", "credit_manager"]),
                    ("to__regex", "^role:[a-z_]+$"),
                    _connector="OR",
                ),
                name="alert_goes_to_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="stagebranch",
            constraint=models.UniqueConstraint(fields=("stage", "code"), name="branch_code_unique_per_stage"),
        ),
        migrations.AddConstraint(
            model_name="stagebranch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("department", None),
                        ("holder_kind", "role"),
                        ("person", None),
                        models.Q(("holder_role", ""), _negated=True),
                    ),
                    models.Q(
                        ("department__isnull", False),
                        ("holder_kind", "department"),
                        ("holder_role", ""),
                        ("person", None),
                    ),
                    models.Q(
                        ("department", None),
                        ("holder_kind", "person"),
                        ("holder_role", ""),
                        ("person__isnull", False),
                    ),
                    models.Q(
                        ("department", None),
                        ("holder_kind__in", ["coordinator", "salesperson", "customer", "partner", "system"]),
                        ("holder_role", ""),
                        ("person", None),
                    ),
                    _connector="OR",
                ),
                name="branch_names_its_holder",
            ),
        ),
        migrations.AddIndex(
            model_name="branchrun",
            index=models.Index(
                condition=models.Q(("state", "open")),
                fields=["holder_user", "due_at"],
                name="branch_run_of_person",
            ),
        ),
        migrations.AddIndex(
            model_name="branchrun",
            index=models.Index(
                condition=models.Q(("state", "open")),
                fields=["holder_department", "due_at"],
                name="branch_run_of_department",
            ),
        ),
        migrations.AddConstraint(
            model_name="branchrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")),
                fields=("dispute", "branch"),
                name="branch_runs_once_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="branchrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("state", "open")),
                    models.Q(("ended_at__isnull", False), ("state__in", ["done", "cancelled"])),
                    _connector="OR",
                ),
                name="branch_ended_iff_dated",
            ),
        ),
        migrations.AddConstraint(
            model_name="branchrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at", None), ("ended_at__gte", models.F("started_at")), _connector="OR"
                ),
                name="branch_ends_after_it_starts",
            ),
        ),
        migrations.AddConstraint(
            model_name="branchrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("holder_department", None), ("holder_side", "ours"), ("holder_user__isnull", False)
                    ),
                    models.Q(
                        ("holder_department__isnull", False), ("holder_side", "ours"), ("holder_user", None)
                    ),
                    models.Q(("holder_department", None), ("holder_side", "partner")),
                    models.Q(
                        ("holder_department", None),
                        ("holder_side__in", ["customer", "system"]),
                        ("holder_user", None),
                    ),
                    _connector="OR",
                ),
                name="branch_has_exactly_one_holder",
            ),
        ),
        migrations.AddConstraint(
            model_name="branchrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "done"),
                    models.Q(("done_by", None), ("note", ""), ("result", "")),
                    _connector="OR",
                ),
                name="branch_result_only_when_done",
            ),
        ),
        migrations.AddConstraint(
            model_name="stagesend",
            constraint=models.UniqueConstraint(fields=("stage", "text", "to"), name="send_unique_per_stage"),
        ),
        migrations.AddConstraint(
            model_name="stagesend",
            constraint=models.CheckConstraint(
                condition=models.Q(("to__in", ["customer", "salesperson", "coordinator"])),
                name="send_goes_to_somebody",
            ),
        ),
    ]
