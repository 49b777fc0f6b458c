"""The guards of what was said: words change only with their trace, and what was deleted is gone for good."""

from django.db import migrations

RAISE = "USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT ="

SAID = """
-- Words change in two ways only: as a new version, with the old one kept; or by deletion, once and for all.
CREATE FUNCTION chat_keep_said() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.code, OLD.data) <> (NEW.code, NEW.data) OR OLD.reply_to_id IS DISTINCT FROM NEW.reply_to_id THEN
        RAISE EXCEPTION 'message_facts_never_change: message %', OLD.id
            {RAISE} 'message_facts_never_change';
    END IF;
    IF NEW.rev < OLD.rev THEN
        RAISE EXCEPTION 'message_rev_only_grows: message %', OLD.id {RAISE} 'message_rev_only_grows';
    END IF;
    IF OLD.deleted_at IS NOT NULL THEN
        IF (OLD.body, OLD.version, OLD.deleted_at, OLD.deleted_by_id, OLD.deleted_why)
           IS DISTINCT FROM (NEW.body, NEW.version, NEW.deleted_at, NEW.deleted_by_id, NEW.deleted_why) THEN
            RAISE EXCEPTION 'message_deleted_stays_deleted: message %', OLD.id
                {RAISE} 'message_deleted_stays_deleted';
        END IF;
    ELSIF NEW.deleted_at IS NOT NULL THEN
        IF NEW.version <> OLD.version OR NEW.edited_at IS DISTINCT FROM OLD.edited_at THEN
            RAISE EXCEPTION 'message_words_keep_their_trace: message %', OLD.id
                {RAISE} 'message_words_keep_their_trace';
        END IF;
    ELSIF (OLD.body, OLD.version, OLD.edited_at) IS DISTINCT FROM (NEW.body, NEW.version, NEW.edited_at) THEN
        IF OLD.kind <> 'text' OR NEW.version <> OLD.version + 1 OR NEW.edited_at IS NULL OR NOT EXISTS (
            SELECT FROM chat_revision WHERE message_id = OLD.id AND number = OLD.version AND body = OLD.body) THEN
            RAISE EXCEPTION 'message_words_keep_their_trace: message %', OLD.id
                {RAISE} 'message_words_keep_their_trace';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chat_message_said BEFORE UPDATE ON chat_message
    FOR EACH ROW EXECUTE FUNCTION chat_keep_said();

-- A version is kept as it was; only the deletion of its message empties it.
CREATE FUNCTION chat_keep_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT FROM chat_message WHERE id = NEW.message_id AND version = NEW.number
                       AND body = NEW.body AND deleted_at IS NULL) THEN
            RAISE EXCEPTION 'revision_is_what_was_said: message %', NEW.message_id
                {RAISE} 'revision_is_what_was_said';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' OR NEW.body <> '' OR (OLD.message_id, OLD.number, OLD.written_at)
           <> (NEW.message_id, NEW.number, NEW.written_at)
       OR NOT EXISTS (SELECT FROM chat_message WHERE id = OLD.message_id AND deleted_at IS NOT NULL) THEN
        RAISE EXCEPTION 'revision_never_changes: message %', OLD.message_id {RAISE} 'revision_never_changes';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chat_revision_keep BEFORE INSERT OR UPDATE OR DELETE ON chat_revision
    FOR EACH ROW EXECUTE FUNCTION chat_keep_revision();

-- An answer stands in the room of what it answers, and behind it.
CREATE FUNCTION chat_check_reply() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM chat_message
                   WHERE id = NEW.reply_to_id AND room_id = NEW.room_id AND seq < NEW.seq) THEN
        RAISE EXCEPTION 'message_reply_in_its_room: message % of room %', NEW.seq, NEW.room_id
            {RAISE} 'message_reply_in_its_room';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chat_message_reply BEFORE INSERT ON chat_message
    FOR EACH ROW WHEN (NEW.reply_to_id IS NOT NULL) EXECUTE FUNCTION chat_check_reply();

-- Nobody reacts to what is deleted, nor to a system line.
CREATE FUNCTION chat_check_reaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM chat_message
                   WHERE id = NEW.message_id AND deleted_at IS NULL AND kind <> 'system') THEN
        RAISE EXCEPTION 'reaction_to_what_was_said: message %', NEW.message_id
            {RAISE} 'reaction_to_what_was_said';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chat_reaction_said BEFORE INSERT OR UPDATE ON chat_reaction
    FOR EACH ROW EXECUTE FUNCTION chat_check_reaction();

-- A room's count of changes never goes back.
CREATE FUNCTION chat_keep_rev() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'room_rev_only_grows: room %', OLD.id {RAISE} 'room_rev_only_grows';
END $$;
CREATE TRIGGER chat_room_rev BEFORE UPDATE OF rev ON chat_room
    FOR EACH ROW WHEN (NEW.rev < OLD.rev) EXECUTE FUNCTION chat_keep_rev();
""".replace("{RAISE}", RAISE)

UNDO = """
DROP TRIGGER chat_message_said ON chat_message;
DROP TRIGGER chat_revision_keep ON chat_revision;
DROP TRIGGER chat_message_reply ON chat_message;
DROP TRIGGER chat_reaction_said ON chat_reaction;
DROP TRIGGER chat_room_rev ON chat_room;
DROP FUNCTION chat_keep_said();
DROP FUNCTION chat_keep_revision();
DROP FUNCTION chat_check_reply();
DROP FUNCTION chat_check_reaction();
DROP FUNCTION chat_keep_rev();
"""


class Migration(migrations.Migration):
    dependencies = [("chat", "0013_talk")]
    operations = [migrations.RunSQL(SAID, UNDO)]
