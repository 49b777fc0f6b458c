"""Disputes put aside until a moment. Closing wakes: the database sees to it, whoever closes."""

from django.db import migrations, models

WAKE = """
CREATE FUNCTION disputes_wake_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.snoozed_until := NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER disputes_dispute_wake BEFORE UPDATE ON disputes_dispute
    FOR EACH ROW WHEN (OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL)
    EXECUTE FUNCTION disputes_wake_closed();
"""
UNDO = """
DROP TRIGGER disputes_dispute_wake ON disputes_dispute;
DROP FUNCTION disputes_wake_closed();
"""


class Migration(migrations.Migration):
    dependencies = [("disputes", "0014_links_and_reminders")]

    operations = [
        migrations.AddField(
            model_name="dispute",
            name="snoozed_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="dispute",
            index=models.Index(
                condition=models.Q(("closed_at", None), ("snoozed_until__isnull", False)),
                fields=["snoozed_until"],
                name="dispute_snoozed",
            ),
        ),
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(("snoozed_until", None), ("closed_at", None), _connector="OR"),
                name="dispute_sleeps_only_while_open",
            ),
        ),
        migrations.RunSQL(WAKE, UNDO),
    ]
