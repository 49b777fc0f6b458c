from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("disputes", "0005_codes_as_data")]

    operations = [migrations.RemoveField(model_name="reason", name="former_codes")]
