"""One table of searchable text, filled with the words of the disputes there are."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

from lib.text import fold

SIDES = [("internal", "Only your team"), ("partner", "Partner"), ("customer", "Customer")]

# A customer who is called something else is found by the new name. The key is folded by the ledger already.
FOLLOW = """
CREATE FUNCTION disputes_follow_customer_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE disputes_searchtext SET text = NEW.name_key
        WHERE source = 'customer' AND NEW.name_key <> ''
          AND dispute_id IN (SELECT id FROM disputes_dispute WHERE customer_id = NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER disputes_customer_name AFTER UPDATE OF name_key ON ledger_customer
    FOR EACH ROW WHEN (OLD.name_key IS DISTINCT FROM NEW.name_key) EXECUTE FUNCTION disputes_follow_customer_name();
"""
FORGET = """
DROP TRIGGER disputes_customer_name ON ledger_customer;
DROP FUNCTION disputes_follow_customer_name();
"""
NAMES = """
INSERT INTO disputes_searchtext (dispute_id, source, side, text)
SELECT d.id, 'customer', 'internal', c.name_key
FROM disputes_dispute d JOIN ledger_customer c ON c.id = d.customer_id WHERE c.name_key <> ''
"""
BATCH = 1000


def batches(rows: Any) -> Iterator[list[Any]]:
    """The rows, some at a time."""
    found = rows.order_by("pk").iterator(chunk_size=BATCH)
    while some := list(islice(found, BATCH)):
        yield some


def fill(apps: Any, schema_editor: Any) -> None:
    """The words of the disputes themselves."""
    dispute, text = apps.get_model("disputes", "Dispute"), apps.get_model("disputes", "SearchText")
    for some in batches(dispute.objects):
        numbers: dict[int, list[str]] = {}
        lines = apps.get_model("disputes", "DisputeLine").objects.filter(dispute__in=[one.pk for one in some])
        for key, number in lines.values_list("dispute", "invoice__number").distinct():
            numbers.setdefault(key, []).append(number)
        words = [(one.pk, fold(" ".join([*sorted(numbers.get(one.pk, [])), one.statement]))) for one in some]
        text.objects.bulk_create(
            text(dispute_id=key, source="dispute", side="internal", text=said) for key, said in words if said
        )


class Migration(migrations.Migration):
    dependencies = [("disputes", "0009_merged_and_split"), ("ledger", "0001_ledger")]

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name="SearchText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=60)),
                ("side", models.CharField(choices=SIDES, default="internal", max_length=10)),
                (
                    "guests",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, null=True, size=None
                    ),
                ),
                ("text", models.TextField()),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="search_texts",
                        to="disputes.dispute",
                    ),
                ),
            ],
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunSQL(NAMES, migrations.RunSQL.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="searchtext",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass("text", "gin_trgm_ops"), name="search_text_trgm"
            ),
        ),
        migrations.AddConstraint(
            model_name="searchtext",
            constraint=models.UniqueConstraint(
                fields=("dispute", "source"), name="search_text_once_per_source"
            ),
        ),
        migrations.AddConstraint(
            model_name="searchtext",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="search_text_says_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="searchtext",
            constraint=models.CheckConstraint(
                condition=models.Q(("side__in", ["internal", "partner", "customer"])),
                name="search_text_side_is_known",
            ),
        ),
        migrations.RunSQL(FOLLOW, FORGET),
    ]
