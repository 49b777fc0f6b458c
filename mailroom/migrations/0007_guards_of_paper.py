"""Paper that waits in the tray may still change; a letter leaves in one batch for ever; a batch is a fact."""

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
        WHEN 'sending' THEN NEW.status IN ('sending', 'queued', 'sent', 'failed', 'tray')
        WHEN 'tray' THEN NEW.status IN ('tray', 'sent', 'failed', 'withdrawn')
        WHEN 'failed' THEN NEW.status IN ('failed', 'queued')
        WHEN 'sent' THEN NEW.status IN ('sent', 'bounced')
        WHEN 'bounced' THEN NEW.status = 'bounced'
        ELSE false END;
    IF NOT allowed THEN
        RAISE EXCEPTION 'letter_status_moves_forward: % cannot become %', OLD.status, NEW.status
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'letter_status_moves_forward';
    END IF;
    IF OLD.status IN ('sent', 'bounced') AND NEW.status = OLD.status AND (NEW.sent_at, NEW.status, NEW.trouble)
        IS DISTINCT FROM (OLD.sent_at, OLD.status, OLD.trouble) THEN
        RAISE EXCEPTION 'letter_status_moves_forward: a sent letter keeps its moment'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'letter_status_moves_forward';
    END IF;
    IF (NEW.entity_id, NEW.key, NEW.message_id) IS DISTINCT FROM (OLD.entity_id, OLD.key, OLD.message_id)
        OR (OLD.status NOT IN ('queued', 'failed', 'tray') AND
            (NEW.to_address, NEW.from_address, NEW.subject, NEW.body_text, NEW.body_html, NEW.postal, NEW.paper,
             NEW.channel) IS DISTINCT FROM
            (OLD.to_address, OLD.from_address, OLD.subject, OLD.body_text, OLD.body_html, OLD.postal, OLD.paper,
             OLD.channel)) THEN
        RAISE EXCEPTION 'letter_words_are_fixed: a letter on its way is not changed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'letter_words_are_fixed';
    END IF;
    IF OLD.batch_id IS NOT NULL AND NEW.batch_id IS DISTINCT FROM OLD.batch_id
        OR OLD.batch_id IS NULL AND NEW.batch_id IS NOT NULL AND OLD.status <> 'tray' THEN
        RAISE EXCEPTION 'letter_in_one_batch: a letter is printed in one batch'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'letter_in_one_batch';
    END IF;
    RETURN NEW;
END $$;
"""

BATCH = """
CREATE FUNCTION mailroom_batch_is_a_fact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (NEW.entity_id, NEW.number, NEW.count, NEW.sums, NEW.checksum, NEW.made_by_id, NEW.made_at)
        IS DISTINCT FROM
        (OLD.entity_id, OLD.number, OLD.count, OLD.sums, OLD.checksum, OLD.made_by_id, OLD.made_at)
        OR (OLD.stored_as <> '' AND (NEW.stored_as, NEW.sha256, NEW.pages, NEW.size)
            IS DISTINCT FROM (OLD.stored_as, OLD.sha256, OLD.pages, OLD.size))
        OR (OLD.posted_at IS NOT NULL AND (NEW.posted_at, NEW.posted_by_id)
            IS DISTINCT FROM (OLD.posted_at, OLD.posted_by_id)) THEN
        RAISE EXCEPTION 'batch_is_a_fact: a print batch is not changed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'batch_is_a_fact';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER batch_is_a_fact BEFORE UPDATE OR DELETE ON mailroom_printbatch
    FOR EACH ROW EXECUTE FUNCTION mailroom_batch_is_a_fact();
"""

BACKWARD = """
DROP TRIGGER batch_is_a_fact ON mailroom_printbatch;
DROP FUNCTION mailroom_batch_is_a_fact();
"""


class Migration(migrations.Migration):
    dependencies = [("mailroom", "0006_channels_and_print_batches")]
    operations = [
        migrations.RunSQL(LETTER, migrations.RunSQL.noop),
        migrations.RunSQL(BATCH, BACKWARD),
    ]
