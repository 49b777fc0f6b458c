"""How urgent a dispute is, kept with it; its weights as data; an index for statements written alike."""

from decimal import Decimal

import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    """One topic: priority."""

    dependencies = [("accounts", "0003_books"), ("disputes", "0020_words_of_questions")]
    operations = [
        migrations.CreateModel(
            name="PriorityWeights",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "amount",
                    models.PositiveSmallIntegerField(
                        default=35,
                        validators=[django.core.validators.MaxValueValidator(100)],
                        verbose_name="points for the amount",
                    ),
                ),
                (
                    "age",
                    models.PositiveSmallIntegerField(
                        default=20,
                        validators=[django.core.validators.MaxValueValidator(100)],
                        verbose_name="points for the age",
                    ),
                ),
                (
                    "customer",
                    models.PositiveSmallIntegerField(
                        default=15,
                        validators=[django.core.validators.MaxValueValidator(100)],
                        verbose_name="points for the customer",
                    ),
                ),
                (
                    "deadline",
                    models.PositiveSmallIntegerField(
                        default=30,
                        validators=[django.core.validators.MaxValueValidator(100)],
                        verbose_name="points for the deadline",
                    ),
                ),
                (
                    "full_amount",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("20000"),
                        max_digits=14,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                        verbose_name="all points from this amount on",
                    ),
                ),
                (
                    "full_days",
                    models.PositiveSmallIntegerField(
                        default=60,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="all points from this age on (days)",
                    ),
                ),
                (
                    "full_balance",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("100000"),
                        max_digits=14,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                        verbose_name="all points from this balance of the customer on",
                    ),
                ),
                (
                    "near_hours",
                    models.PositiveSmallIntegerField(
                        default=72,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="a deadline counts from so many hours before",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="dispute",
            name="priority",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, editable=False, verbose_name="priority"
            ),
        ),
        migrations.AddField(
            model_name="dispute",
            name="priority_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="dispute",
            name="priority_parts",
            field=models.JSONField(blank=True, db_default={}, default=dict, editable=False),
        ),
        migrations.AddIndex(
            model_name="dispute",
            index=models.Index(
                condition=models.Q(("closed_at", None)),
                fields=["entity", "-priority", "id"],
                name="dispute_by_priority",
            ),
        ),
        migrations.AddIndex(
            model_name="dispute",
            index=models.Index(
                condition=models.Q(("closed_at", None)), fields=["priority_at"], name="dispute_priority_stale"
            ),
        ),
        migrations.AddIndex(
            model_name="dispute",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["statement"], name="dispute_statement_alike", opclasses=["gin_trgm_ops"]
            ),
        ),
        migrations.AddField(
            model_name="priorityweights",
            name="entity",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="priority_weights",
                to="accounts.legalentity",
            ),
        ),
        migrations.AddConstraint(
            model_name="priorityweights",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "amount__lte",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.Value(100), "-", models.F("age")
                                ),
                                "-",
                                models.F("customer"),
                            ),
                            "-",
                            models.F("deadline"),
                        ),
                    )
                ),
                name="priority_at_most_100",
                violation_error_message="The points must add up to at most 100.",
            ),
        ),
        migrations.AddConstraint(
            model_name="priorityweights",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("full_amount__gt", 0),
                    ("full_balance__gt", 0),
                    ("full_days__gt", 0),
                    ("near_hours__gt", 0),
                ),
                name="priority_full_is_something",
                violation_error_message="All points must be reached somewhere above zero.",
            ),
        ),
    ]
