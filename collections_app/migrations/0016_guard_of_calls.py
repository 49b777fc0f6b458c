"""A notice whose step is a call has done its work once the call is planned."""

from django.db import migrations

FORWARD = """
CREATE OR REPLACE FUNCTION collections_app_notice_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed boolean;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'notice_is_never_removed: a notice is never removed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'notice_is_never_removed';
    END IF;
    allowed := CASE OLD.status
        WHEN 'to_approve' THEN NEW.status IN ('to_approve', 'decided', 'withdrawn', 'failed')
        WHEN 'decided' THEN NEW.status IN ('decided', 'queued', 'sending', 'withdrawn', 'failed')
            OR (NEW.status = 'sent' AND NEW.call_id IS NOT NULL)
        WHEN 'queued' THEN NEW.status IN ('queued', 'sending', 'sent', 'withdrawn', 'failed')
        WHEN 'sending' THEN NEW.status IN ('sending', 'queued', 'sent', 'withdrawn', 'failed')
        ELSE NEW.status = OLD.status END;
    IF NOT allowed THEN
        RAISE EXCEPTION 'notice_status_moves_forward: % cannot become %', OLD.status, NEW.status
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'notice_status_moves_forward';
    END IF;
    IF OLD.status = 'to_approve' AND NEW.status = 'decided' AND (NEW.released_by_id IS NULL OR NEW.released_at IS NULL)
    THEN
        RAISE EXCEPTION 'notice_released_by_a_person: somebody must release this notice'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'notice_released_by_a_person';
    END IF;
    IF NEW.status = 'sent' AND OLD.status <> 'sent' AND NEW.asked IS DISTINCT FROM
        (SELECT sum(asked) FROM collections_app_noticeline WHERE notice_id = NEW.id) THEN
        RAISE EXCEPTION 'notice_asks_what_its_lines_ask: the amount must be the sum of the lines'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'notice_asks_what_its_lines_ask';
    END IF;
    IF OLD.status IN ('sent', 'withdrawn', 'failed')
        AND to_jsonb(OLD) - 'contact_id' IS DISTINCT FROM to_jsonb(NEW) - 'contact_id' THEN
        RAISE EXCEPTION 'notice_ended_is_final: a notice that ended is not changed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'notice_ended_is_final';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("collections_app", "0015_calls_of_plans")]
    # Backwards the older guard would refuse nothing that stands.
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
