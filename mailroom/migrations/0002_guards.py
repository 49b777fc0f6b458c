"""A letter is a fact: sent and withdrawn are final, the words are fixed from the moment it is on its way."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION mailroom_letter_is_a_fact() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed boolean;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'letter_is_never_removed: a letter is never removed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'letter_is_never_removed';
    END IF;
    allowed := CASE OLD.status
        WHEN 'queued' THEN NEW.status IN ('queued', 'sending', 'failed', 'withdrawn')
        WHEN 'sending' THEN NEW.status IN ('sending', 'queued', 'sent', 'failed')
        WHEN 'failed' THEN NEW.status IN ('failed', 'queued')
        ELSE false END;
    IF NOT allowed THEN
        RAISE EXCEPTION 'letter_status_moves_forward: % cannot become %', OLD.status, NEW.status
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'letter_status_moves_forward';
    END IF;
    IF (NEW.entity_id, NEW.key, NEW.message_id) IS DISTINCT FROM (OLD.entity_id, OLD.key, OLD.message_id)
        OR (OLD.status NOT IN ('queued', 'failed') AND
            (NEW.to_address, NEW.from_address, NEW.subject, NEW.body_text, NEW.body_html) IS DISTINCT FROM
            (OLD.to_address, OLD.from_address, OLD.subject, OLD.body_text, OLD.body_html)) THEN
        RAISE EXCEPTION 'letter_words_are_fixed: a letter on its way is not changed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'letter_words_are_fixed';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER letter_is_a_fact BEFORE UPDATE OR DELETE ON mailroom_letter
    FOR EACH ROW EXECUTE FUNCTION mailroom_letter_is_a_fact();
"""

BACKWARD = """
DROP TRIGGER letter_is_a_fact ON mailroom_letter;
DROP FUNCTION mailroom_letter_is_a_fact();
"""


class Migration(migrations.Migration):
    dependencies = [("mailroom", "0001_templates_and_letters")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
