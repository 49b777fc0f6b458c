"""Event rows are only ever added; only the mark of their delivery may change."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION accounts_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'dispatched_at' = to_jsonb(NEW) - 'dispatched_at' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'event_is_append_only: an event is never changed or removed'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'event_is_append_only';
END $$;

CREATE TRIGGER event_is_append_only BEFORE UPDATE OR DELETE ON accounts_event
    FOR EACH ROW EXECUTE FUNCTION accounts_event_is_append_only();
"""

BACKWARD = """
DROP TRIGGER event_is_append_only ON accounts_event;
DROP FUNCTION accounts_event_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_people_and_events")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
