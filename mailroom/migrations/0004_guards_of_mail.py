"""A sent letter may come back; a mail that came in is a fact; a reply address never becomes somebody else's."""

from django.db import migrations

LETTER = """
CREATE OR REPLACE FUNCTION mailroom_letter_is_a_fact() RETURNS trigger LANGUAGE plpgsql AS $$
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
        WHEN 'sent' THEN NEW.status = {after_sent}
        ELSE false END;
    IF NOT allowed THEN
        RAISE EXCEPTION 'letter_status_moves_forward: %% cannot become %%', OLD.status, NEW.status
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
""".replace("%%", "%")

INBOUND = """
CREATE FUNCTION mailroom_inbound_is_a_fact() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed boolean;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'inbound_is_never_removed: a mail that came in is never removed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'inbound_is_never_removed';
    END IF;
    IF (NEW.identity, NEW.from_address, NEW.subject, NEW.said, NEW.rest, NEW.received_at, NEW.token_id, NEW.letter_id)
        IS DISTINCT FROM
       (OLD.identity, OLD.from_address, OLD.subject, OLD.said, OLD.rest, OLD.received_at, OLD.token_id, OLD.letter_id)
       OR (OLD.entity_id IS NOT NULL AND NEW.entity_id IS DISTINCT FROM OLD.entity_id)
       OR NEW.raw_as NOT IN (OLD.raw_as, '') THEN
        RAISE EXCEPTION 'inbound_is_a_fact: what came in is not changed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'inbound_is_a_fact';
    END IF;
    allowed := CASE OLD.status
        WHEN 'new' THEN NEW.status IN ('new', 'threaded', 'waiting', 'settled')
        WHEN 'waiting' THEN NEW.status IN ('waiting', 'settled')
        ELSE NEW.status = OLD.status END;
    IF NOT allowed THEN
        RAISE EXCEPTION 'inbound_status_moves_forward: % cannot become %', OLD.status, NEW.status
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'inbound_status_moves_forward';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER inbound_is_a_fact BEFORE UPDATE OR DELETE ON mailroom_inboundmail
    FOR EACH ROW EXECUTE FUNCTION mailroom_inbound_is_a_fact();

CREATE FUNCTION mailroom_reply_token_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'revoked_at' IS DISTINCT FROM to_jsonb(OLD) - 'revoked_at'
       OR (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at) THEN
        RAISE EXCEPTION 'reply_token_is_fixed: a reply address is only ever revoked'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'reply_token_is_fixed';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER reply_token_is_fixed BEFORE UPDATE ON mailroom_replytoken
    FOR EACH ROW EXECUTE FUNCTION mailroom_reply_token_is_fixed();
"""

BACKWARD = """
DROP TRIGGER inbound_is_a_fact ON mailroom_inboundmail;
DROP FUNCTION mailroom_inbound_is_a_fact();
DROP TRIGGER reply_token_is_fixed ON mailroom_replytoken;
DROP FUNCTION mailroom_reply_token_is_fixed();
"""


class Migration(migrations.Migration):
    dependencies = [("mailroom", "0003_mail_comes_in")]
    operations = [
        migrations.RunSQL(LETTER.format(after_sent="'bounced'"), LETTER.format(after_sent="'never'")),
        migrations.RunSQL(INBOUND, BACKWARD),
    ]
