"""Rejected rows that were corrected on the page come in with an import of their own, tied to the first."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0009_sources_of_imports")]
    operations = [
        migrations.AddField(
            model_name="importbatch",
            name="fixes",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="fixed_by",
                to="ledger.importbatch",
            ),
        ),
    ]
