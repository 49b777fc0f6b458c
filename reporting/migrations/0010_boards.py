"""Boards of the dashboard. Whether the tiles of one are all different, a function says: a check may not look into arrays."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ALL_DIFFERENT = """
CREATE FUNCTION reporting_all_different(text[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT count(DISTINCT one) = count(*) FROM unnest($1) AS one
$$;
"""
GONE = "DROP FUNCTION reporting_all_different(text[]);"


class Migration(migrations.Migration):
    """Two tables, and the function their check needs."""

    dependencies = [
        ("accounts", "0010_promises_are_told"),
        ("reporting", "0009_customers_marked"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(ALL_DIFFERENT, GONE),
        migrations.CreateModel(
            name="Board",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("shared", models.BooleanField(default=False, verbose_name="shared")),
                (
                    "tiles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("in_dispute", "In dispute"),
                                ("dispute_dso", "Dispute DSO"),
                                ("dso", "DSO"),
                                ("overdue", "Overdue"),
                                ("answer", "Median answer"),
                                ("freed", "Cash freed"),
                                ("aging", "Aging"),
                                ("pareto", "Reasons for disputes"),
                                ("waterfall", "DSO by part"),
                                ("series", "DSO month by month"),
                                ("flow", "Disputes opened and solved"),
                                ("stages", "Where open disputes stand"),
                                ("hours", "When questions are answered"),
                            ],
                            max_length=20,
                        ),
                        size=None,
                        verbose_name="tiles",
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="boards",
                        to="accounts.legalentity",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="boards",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "board",
                "verbose_name_plural": "boards",
                "ordering": ("name", "pk"),
            },
        ),
        migrations.CreateModel(
            name="FirstBoard",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "standard",
                    models.CharField(
                        blank=True,
                        choices=[("finance", "Finance"), ("credit", "Credit management"), ("sales", "Sales")],
                        max_length=10,
                    ),
                ),
                (
                    "board",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="reporting.board",
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="first_board",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "first board",
            },
        ),
        migrations.AddConstraint(
            model_name="board",
            constraint=models.UniqueConstraint(
                fields=("owner", "entity", "name"),
                name="board_name_once_per_owner",
                violation_error_message="You have a board of this name already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="board",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True),
                name="board_has_a_name",
                violation_error_message="Give the board a name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="board",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "tiles__contained_by",
                        [
                            "in_dispute",
                            "dispute_dso",
                            "dso",
                            "overdue",
                            "answer",
                            "freed",
                            "aging",
                            "pareto",
                            "waterfall",
                            "series",
                            "flow",
                            "stages",
                            "hours",
                        ],
                    )
                ),
                name="board_tiles_are_known",
                violation_error_message="Choose tiles from the list.",
            ),
        ),
        migrations.AddConstraint(
            model_name="board",
            constraint=models.CheckConstraint(
                condition=models.Q(("tiles__len__gte", 1)),
                name="board_has_tiles",
                violation_error_message="Choose at least one tile.",
            ),
        ),
        migrations.AddConstraint(
            model_name="board",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Func(
                        models.F("tiles"),
                        function="reporting_all_different",
                        output_field=models.BooleanField(),
                    )
                ),
                name="board_tiles_come_once",
                violation_error_message="Each tile comes once.",
            ),
        ),
        migrations.AddConstraint(
            model_name="firstboard",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("board", None), ("standard__in", ["finance", "credit", "sales"])),
                    models.Q(("board__isnull", False), ("standard", "")),
                    _connector="OR",
                ),
                name="first_board_is_one",
            ),
        ),
    ]
