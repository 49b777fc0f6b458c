"""A plan may write one message for each contact, about what they deal with."""

from django.conf import settings
from django.db import migrations, models

# What was about one invoice says so. Notices that ended are otherwise never changed.
KINDS = """
ALTER TABLE collections_app_notice DISABLE TRIGGER notice_guard;
UPDATE collections_app_notice SET grouping = 'invoice' WHERE invoice_id IS NOT NULL;
ALTER TABLE collections_app_notice ENABLE TRIGGER notice_guard;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_promises_are_told"),
        ("collections_app", "0026_words_of_granted"),
        ("ledger", "0016_guard_of_invoice_contacts"),
        ("mailroom", "0009_customers_page"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="notice",
            name="notice_one_under_way_per_customer_currency_and_invoice",
        ),
        migrations.AddField(
            model_name="notice",
            name="grouping",
            field=models.CharField(
                choices=[
                    ("customer", "One message for everything that is due"),
                    ("invoice", "One message for each invoice"),
                    ("contact", "One message for each contact, about what they deal with"),
                ],
                db_default="customer",
                default="customer",
                max_length=10,
            ),
        ),
        migrations.RunSQL(KINDS, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="planversion",
            name="grouping",
            field=models.CharField(
                choices=[
                    ("customer", "One message for everything that is due"),
                    ("invoice", "One message for each invoice"),
                    ("contact", "One message for each contact, about what they deal with"),
                ],
                default="customer",
                max_length=10,
                verbose_name="messages",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("status__in", ("to_approve", "decided", "queued", "sending")),
                    models.Q(("grouping", "contact"), _negated=True),
                ),
                fields=("customer", "currency", "invoice"),
                name="notice_one_under_way_per_customer_currency_and_invoice",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("grouping", "contact"), ("status__in", ("to_approve", "decided", "queued", "sending"))
                ),
                fields=("customer", "currency", "contact"),
                name="notice_one_under_way_per_contact_and_currency",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("grouping", "invoice"), ("invoice__isnull", False)),
                    models.Q(("grouping__in", ["customer", "contact"]), ("invoice", None)),
                    _connector="OR",
                ),
                name="notice_names_its_invoice_iff_grouped_so",
            ),
        ),
    ]
