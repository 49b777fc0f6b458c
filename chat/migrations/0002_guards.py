"""The guards of the rooms: numbers without a gap, messages that stay as they were said."""

from django.db import migrations

RAISE = "USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT ="

NUMBERS = """
-- A message takes the number its room has just given out, which is the one after the newest. Whoever inserts without
-- the room's lock meets this trigger or the unique constraint.
CREATE FUNCTION chat_check_seq() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    newest integer;
    given integer;
BEGIN
    SELECT coalesce(max(seq), 0) INTO newest FROM chat_message WHERE room_id = NEW.room_id;
    SELECT last_seq INTO given FROM chat_room WHERE id = NEW.room_id;
    IF NEW.seq <> newest + 1 OR NEW.seq <> given THEN
        RAISE EXCEPTION 'message_seq_has_no_gap: room %, number % after % (given: %)',
            NEW.room_id, NEW.seq, newest, given
            {RAISE} 'message_seq_has_no_gap';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chat_message_seq BEFORE INSERT ON chat_message
    FOR EACH ROW EXECUTE FUNCTION chat_check_seq();

-- At commit, a room's number is the number of its newest message.
CREATE FUNCTION chat_check_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT last_seq FROM chat_room WHERE id = NEW.id)
       <> (SELECT coalesce(max(seq), 0) FROM chat_message WHERE room_id = NEW.id) THEN
        RAISE EXCEPTION 'room_last_seq_is_its_newest: room %', NEW.id
            {RAISE} 'room_last_seq_is_its_newest';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER chat_room_head AFTER INSERT OR UPDATE OF last_seq ON chat_room
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION chat_check_head();
""".replace("{RAISE}", RAISE)

FACTS = """
-- Who said what kind of thing where, when and in which place is never changed, and nothing said disappears.
CREATE FUNCTION chat_keep_message() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR
       (OLD.room_id, OLD.seq, OLD.kind, OLD.client_token, OLD.created_at)
           <> (NEW.room_id, NEW.seq, NEW.kind, NEW.client_token, NEW.created_at)
       OR (OLD.author_id, OLD.question_id) IS DISTINCT FROM (NEW.author_id, NEW.question_id) THEN
        RAISE EXCEPTION 'message_facts_never_change: message %', OLD.id
            {RAISE} 'message_facts_never_change';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chat_message_keep BEFORE UPDATE OR DELETE ON chat_message
    FOR EACH ROW EXECUTE FUNCTION chat_keep_message();

-- A room stays the room of its subject.
CREATE FUNCTION chat_keep_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.entity_id, OLD.kind) <> (NEW.entity_id, NEW.kind)
       OR (OLD.dispute_id, OLD.customer_id) IS DISTINCT FROM (NEW.dispute_id, NEW.customer_id) THEN
        RAISE EXCEPTION 'room_subject_never_changes: room %', OLD.id
            {RAISE} 'room_subject_never_changes';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chat_room_keep BEFORE UPDATE ON chat_room
    FOR EACH ROW EXECUTE FUNCTION chat_keep_room();
""".replace("{RAISE}", RAISE)

UNDO = """
DROP TRIGGER chat_message_seq ON chat_message;
DROP TRIGGER chat_room_head ON chat_room;
DROP TRIGGER chat_message_keep ON chat_message;
DROP TRIGGER chat_room_keep ON chat_room;
DROP FUNCTION chat_check_seq();
DROP FUNCTION chat_check_head();
DROP FUNCTION chat_keep_message();
DROP FUNCTION chat_keep_room();
"""


class Migration(migrations.Migration):
    dependencies = [("chat", "0001_rooms")]
    operations = [migrations.RunSQL(NUMBERS + FACTS, UNDO)]
