"""A partner belongs to a partner company: a department outside, whose people are guests."""

from typing import Any

from django.db import migrations, models


def give_companies(apps: Any, schema_editor: Any) -> None:
    """Every partner of before becomes a company of their own: nobody sees more than they did."""
    department = apps.get_model("accounts", "Department")
    for one in apps.get_model("accounts", "Membership").objects.filter(role="partner").select_related("user"):
        name = (one.user.name or one.user.email)[:100]
        one.department, _made = department.objects.get_or_create(
            entity_id=one.entity_id, code=f"partner-{one.user_id}", defaults={"name": name, "outside": True}
        )
        one.save(update_fields=["department"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_reach")]

    operations = [
        migrations.AddField(
            model_name="department",
            name="outside",
            field=models.BooleanField(db_default=False, default=False, verbose_name="partner company"),
        ),
        migrations.RunPython(give_companies, migrations.RunPython.noop),
    ]
