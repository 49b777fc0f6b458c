"""Questions put off move to the room of disputes, whose inbox hides them too."""

from typing import Any

from django.db import migrations


def move(apps: Any, schema_editor: Any) -> None:
    """Every pop-up that was put off."""
    put_off = apps.get_model("disputes", "PutOff")
    rows = apps.get_model("chat", "Snooze").objects.order_by("pk").iterator(chunk_size=1000)
    put_off.objects.bulk_create(
        (put_off(question_id=row.question_id, user_id=row.user_id, until=row.until) for row in rows),
        batch_size=1000,
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0004_messages_are_found"),
        ("disputes", "0018_passed_on_and_later"),
    ]

    operations = [
        migrations.RunPython(move, migrations.RunPython.noop),
        migrations.DeleteModel(name="Snooze"),
    ]
