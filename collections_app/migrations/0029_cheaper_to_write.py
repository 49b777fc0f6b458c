"""A notice is written for less: fewer indexes, and no keys to what is never removed; see 0030."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_promises_are_told"),
        ("collections_app", "0028_fewer_indexes"),
        ("ledger", "0016_guard_of_invoice_contacts"),
        ("mailroom", "0010_one_click"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="notice",
            name="notice_one_per_customer_contact_currency_day_and_invoice",
        ),
        migrations.RemoveConstraint(
            model_name="notice",
            name="notice_one_under_way_per_customer_currency_and_invoice",
        ),
        migrations.RemoveConstraint(
            model_name="notice",
            name="notice_one_under_way_per_contact_and_currency",
        ),
        migrations.RemoveIndex(
            model_name="notice",
            name="notice_under_way",
        ),
        migrations.RemoveIndex(
            model_name="notice",
            name="notice_by_customer",
        ),
        migrations.AlterField(
            model_name="notice",
            name="call",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="collections_app.call",
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="entity",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notices",
                to="accounts.legalentity",
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="letter",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="mailroom.letter",
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="run",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="collections_app.run",
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="step",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="collections_app.step",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                fields=("customer", "on", "currency", "contact", "invoice"),
                name="notice_one_per_customer_day_currency_contact_and_invoice",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                models.F("customer"),
                models.F("currency"),
                models.F("invoice"),
                models.Case(models.When(grouping="contact", then="contact")),
                condition=models.Q(("status__in", ("to_approve", "decided", "queued", "sending"))),
                name="notice_one_under_way_per_customer_currency_and_part",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("letter__isnull", False)),
                fields=("letter",),
                name="notice_one_per_letter",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("call__isnull", False)), fields=("call",), name="notice_one_per_call"
            ),
        ),
    ]
