"""E-mails taken in by hand, and the draft of a new dispute that each person has."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_books"),
        ("disputes", "0022_mass_disputes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="NewDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("data", models.JSONField(default=dict)),
                ("saved_at", models.DateTimeField()),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="new_dispute_draft",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TakenMail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("identity", models.CharField(max_length=250)),
                ("address", models.CharField(blank=True, max_length=250, verbose_name="address")),
                ("sender", models.CharField(blank=True, max_length=250, verbose_name="sender")),
                ("subject", models.CharField(blank=True, max_length=250, verbose_name="subject")),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("text", models.TextField(blank=True, verbose_name="text")),
                ("files", models.JSONField(blank=True, default=list)),
                ("raw", models.BinaryField(blank=True, default=bytes)),
                ("taken_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "dispute",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mails",
                        to="disputes.dispute",
                    ),
                ),
                (
                    "entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="taken_mails",
                        to="accounts.legalentity",
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "e-mail",
                "ordering": ("-pk",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("settled_at", None)),
                        fields=["entity", "-id"],
                        name="taken_mail_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("entity", "identity"),
                        name="taken_mail_once_per_entity",
                        violation_error_message="This e-mail was taken in already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("dispute", None), ("settled_at", None), ("settled_by", None)),
                            models.Q(("settled_at__isnull", False), ("settled_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="taken_mail_settled_by_somebody",
                    ),
                ],
            },
        ),
    ]
