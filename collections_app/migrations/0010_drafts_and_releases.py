"""A draft of a plan may still change; a notice that waits for a person's yes moves on only with it."""

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

CREATE OR REPLACE FUNCTION collections_app_step_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free boolean := (SELECT draft FROM collections_app_planversion WHERE id = OLD.version_id);
BEGIN
    -- The steps of a draft go with it.
    IF TG_OP = 'DELETE' AND free THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'step_stays: publish a new version of the plan instead'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'step_stays';
END $$;

CREATE OR REPLACE FUNCTION collections_app_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.draft THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'current' = to_jsonb(NEW) - 'current' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'version_stays: publish a new version of the plan instead'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'version_stays';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("collections_app", "0009_before_it_goes")]
    # Backwards the older guards would refuse nothing more than these do.
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
