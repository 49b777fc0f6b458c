"""A hand-over keeps in mind which branches went along."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column, empty for what was passed on before."""

    dependencies = [("disputes", "0026_letters_of_routes")]
    operations = [
        migrations.AddField(
            model_name="handover",
            name="branches",
            field=models.JSONField(blank=True, db_default=[], default=list, editable=False),
        ),
    ]
