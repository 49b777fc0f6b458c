"""The guards of files: how many came with a message never changes, nor what they are; they go only with its deletion."""

from django.db import migrations

RAISE = "USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT ="

FILES = """
CREATE FUNCTION chat_keep_files() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'message_facts_never_change: message %', OLD.id {RAISE} 'message_facts_never_change';
END $$;
CREATE TRIGGER chat_message_files BEFORE UPDATE OF files ON chat_message
    FOR EACH ROW WHEN (NEW.files <> OLD.files) EXECUTE FUNCTION chat_keep_files();

CREATE FUNCTION chat_keep_attachment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (
        SELECT FROM chat_message WHERE id = OLD.message_id AND deleted_at IS NOT NULL) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'attachment_stays_with_its_message: message %', OLD.message_id
        {RAISE} 'attachment_stays_with_its_message';
END $$;
CREATE TRIGGER chat_attachment_keep BEFORE UPDATE OR DELETE ON chat_attachment
    FOR EACH ROW EXECUTE FUNCTION chat_keep_attachment();

-- A file of a dispute's room is evidence of that dispute; elsewhere it is the room's own.
CREATE FUNCTION chat_check_attachment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM chat_message m JOIN chat_room r ON r.id = m.room_id
        LEFT JOIN disputes_evidence e ON e.id = NEW.evidence_id
        WHERE m.id = NEW.message_id AND e.dispute_id IS NOT DISTINCT FROM r.dispute_id) THEN
        RAISE EXCEPTION 'attachment_of_the_rooms_dispute: message %', NEW.message_id
            {RAISE} 'attachment_of_the_rooms_dispute';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chat_attachment_room BEFORE INSERT ON chat_attachment
    FOR EACH ROW EXECUTE FUNCTION chat_check_attachment();
""".replace("{RAISE}", RAISE)

UNDO = """
DROP TRIGGER chat_message_files ON chat_message;
DROP TRIGGER chat_attachment_keep ON chat_attachment;
DROP TRIGGER chat_attachment_room ON chat_attachment;
DROP FUNCTION chat_keep_files();
DROP FUNCTION chat_keep_attachment();
DROP FUNCTION chat_check_attachment();
"""


class Migration(migrations.Migration):
    dependencies = [("chat", "0015_attachments")]
    operations = [migrations.RunSQL(FILES, UNDO)]
