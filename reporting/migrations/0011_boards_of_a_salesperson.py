"""Tiles and a standard board about one salesperson."""

import django.contrib.postgres.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_promises_are_told"),
        ("reporting", "0010_boards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="board",
            name="board_tiles_are_known",
        ),
        migrations.RemoveConstraint(
            model_name="firstboard",
            name="first_board_is_one",
        ),
        migrations.AlterField(
            model_name="board",
            name="tiles",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("in_dispute", "In dispute"),
                        ("dispute_dso", "Dispute DSO"),
                        ("dso", "DSO"),
                        ("overdue", "Overdue"),
                        ("answer", "Median answer"),
                        ("freed", "Cash freed"),
                        ("asked", "Questions answered"),
                        ("waiting", "Waiting for the salesperson"),
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
        migrations.AlterField(
            model_name="firstboard",
            name="standard",
            field=models.CharField(
                blank=True,
                choices=[
                    ("finance", "Finance"),
                    ("credit", "Credit management"),
                    ("sales", "Sales"),
                    ("person", "One salesperson"),
                ],
                max_length=10,
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
                            "asked",
                            "waiting",
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
            model_name="firstboard",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("board", None), ("standard__in", ["finance", "credit", "sales", "person"])),
                    models.Q(("board__isnull", False), ("standard", "")),
                    _connector="OR",
                ),
                name="first_board_is_one",
            ),
        ),
    ]
