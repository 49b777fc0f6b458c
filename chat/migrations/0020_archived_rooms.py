"""Nobody writes in an archived room."""

from django.db import migrations

ARCHIVED = """
CREATE FUNCTION chat_check_archived() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM chat_room WHERE id = NEW.room_id AND archived_at IS NOT NULL) THEN
        RAISE EXCEPTION 'message_not_in_archived_room: room %', NEW.room_id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'message_not_in_archived_room';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chat_message_archived BEFORE INSERT ON chat_message
    FOR EACH ROW EXECUTE FUNCTION chat_check_archived();
"""
UNDO = "DROP TRIGGER chat_message_archived ON chat_message; DROP FUNCTION chat_check_archived();"


class Migration(migrations.Migration):
    dependencies = [("chat", "0019_channels_and_discretion")]
    operations = [migrations.RunSQL(ARCHIVED, UNDO)]
