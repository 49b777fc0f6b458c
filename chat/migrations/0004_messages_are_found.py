"""What was said before the search table existed is found too."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db import migrations

from lib.text import fold

BATCH = 1000
LONGEST = 20_000


def batches(rows: Any) -> Iterator[list[Any]]:
    """The rows, some at a time."""
    found = rows.order_by("pk").iterator(chunk_size=BATCH)
    while some := list(islice(found, BATCH)):
        yield some


def fill(apps: Any, schema_editor: Any) -> None:
    """Messages and questions of the disputes' rooms; a partner finds what was said while they were there."""
    text = apps.get_model("disputes", "SearchText")
    guests: dict[int, list[Any]] = {}
    for stay in apps.get_model("chat", "Participant").objects.exclude(side="internal").order_by("pk"):
        guests.setdefault(stay.room_id, []).append(stay)
    said = apps.get_model("chat", "Message").objects.exclude(room__dispute=None).exclude(body="")
    for some in batches(said.select_related("room")):
        rows = []
        for message in some:
            there = {
                stay.user_id
                for stay in guests.get(message.room_id, [])
                if stay.side == message.side
                and stay.from_seq < message.seq
                and (stay.left_at is None or stay.left_at >= message.created_at)
            }
            rows.append(
                text(
                    dispute_id=message.room.dispute_id,
                    source=f"message:{message.pk}",
                    side=message.side,
                    guests=None if message.side == "internal" else sorted(there),
                    text=fold(message.body)[:LONGEST],
                )
            )
        text.objects.bulk_create(row for row in rows if row.text)


class Migration(migrations.Migration):
    dependencies = [("chat", "0003_snooze"), ("disputes", "0010_search")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
