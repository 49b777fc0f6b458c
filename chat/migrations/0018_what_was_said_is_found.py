"""What was said before messages could be searched is found too; only what stands in its room is pinned."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db import migrations

from lib.text import fold

BATCH = 1000
LONGEST = 20_000

PINS = """
CREATE FUNCTION chat_check_pin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM chat_message
                   WHERE id = NEW.message_id AND deleted_at IS NULL AND kind <> 'system') THEN
        RAISE EXCEPTION 'pin_on_what_was_said: message %', NEW.message_id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'pin_on_what_was_said';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chat_pin_said BEFORE INSERT OR UPDATE ON chat_pin FOR EACH ROW EXECUTE FUNCTION chat_check_pin();
"""
UNDO = "DROP TRIGGER chat_pin_said ON chat_pin; DROP FUNCTION chat_check_pin();"


def batches(rows: Any) -> Iterator[list[Any]]:
    """The rows, some at a time."""
    found = rows.order_by("pk").iterator(chunk_size=BATCH)
    while some := list(islice(found, BATCH)):
        yield some


def fill(apps: Any, schema_editor: Any) -> None:
    """The words of every message, folded."""
    text = apps.get_model("chat", "SaidText")
    said = (
        apps.get_model("chat", "Message").objects.exclude(kind="system").exclude(body="").only("pk", "body")
    )
    for some in batches(said):
        rows = [text(message_id=message.pk, text=fold(message.body)[:LONGEST]) for message in some]
        text.objects.bulk_create([row for row in rows if row.text], ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("chat", "0017_pins_drafts_search")]

    operations = [
        migrations.RunSQL(PINS, UNDO),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
