"""A notice moves forward only, says exactly what its lines add up to, and stays as it was sent; so does a plan."""

from django.db import migrations

NOTICE = """
-- decided -> queued -> sending -> sent; anything under way may be withdrawn or fail; nothing comes back.
-- A notice is sent for the sum of its asked lines.
CREATE FUNCTION collections_app_notice_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed boolean;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'notice_is_never_removed: a notice is never removed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'notice_is_never_removed';
    END IF;
    allowed := CASE OLD.status
        WHEN 'decided' THEN NEW.status IN ('decided', 'queued', 'sending', 'withdrawn', 'failed')
        WHEN 'queued' THEN NEW.status IN ('queued', 'sending', 'sent', 'withdrawn', 'failed')
        WHEN 'sending' THEN NEW.status IN ('sending', 'queued', 'sent', 'withdrawn', 'failed')
        ELSE NEW.status = OLD.status END;
    IF NOT allowed THEN
        RAISE EXCEPTION 'notice_status_moves_forward: % cannot become %', OLD.status, NEW.status
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'notice_status_moves_forward';
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
CREATE TRIGGER notice_guard BEFORE UPDATE OR DELETE ON collections_app_notice
    FOR EACH ROW EXECUTE FUNCTION collections_app_notice_guard();

-- The lines of a notice that ended are its stored decision.
CREATE FUNCTION collections_app_line_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parent bigint := CASE TG_OP WHEN 'INSERT' THEN NEW.notice_id ELSE OLD.notice_id END;
BEGIN
    IF EXISTS (SELECT 1 FROM collections_app_notice
               WHERE id = parent AND status IN ('sent', 'withdrawn', 'failed')) THEN
        RAISE EXCEPTION 'notice_line_stays_as_decided: the lines of a notice that ended are not changed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'notice_line_stays_as_decided';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER line_guard BEFORE INSERT OR UPDATE OR DELETE ON collections_app_noticeline
    FOR EACH ROW EXECUTE FUNCTION collections_app_line_guard();
"""

PLAN = """
-- Notices point to the step they were sent at: a plan changes by a new version.
CREATE FUNCTION collections_app_step_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'step_stays: publish a new version of the plan instead'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'step_stays';
END $$;
CREATE TRIGGER step_stays BEFORE UPDATE OR DELETE ON collections_app_step
    FOR EACH ROW EXECUTE FUNCTION collections_app_step_stays();

CREATE FUNCTION collections_app_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'current' = to_jsonb(NEW) - 'current' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'version_stays: publish a new version of the plan instead'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'version_stays';
END $$;
CREATE TRIGGER version_stays BEFORE UPDATE OR DELETE ON collections_app_planversion
    FOR EACH ROW EXECUTE FUNCTION collections_app_version_stays();
"""

BACKWARD = """
DROP TRIGGER version_stays ON collections_app_planversion;
DROP FUNCTION collections_app_version_stays();
DROP TRIGGER step_stays ON collections_app_step;
DROP FUNCTION collections_app_step_stays();
DROP TRIGGER line_guard ON collections_app_noticeline;
DROP FUNCTION collections_app_line_guard();
DROP TRIGGER notice_guard ON collections_app_notice;
DROP FUNCTION collections_app_notice_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("collections_app", "0001_plans_and_notices")]
    operations = [migrations.RunSQL(NOTICE + PLAN, BACKWARD)]
