"""A run and a step in force are never removed: notices are held to them by one look per statement, not a key per row."""

from django.db import migrations

STAYS = """
CREATE FUNCTION collections_app_run_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.id = OLD.id AND NEW.entity_id = OLD.entity_id THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'run_stays: a run and its entity stay as they are'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'run_stays';
END $$;
CREATE TRIGGER run_stays BEFORE UPDATE OR DELETE ON collections_app_run
    FOR EACH ROW EXECUTE FUNCTION collections_app_run_stays();

-- The steps of a version that is or was in force stay (step_stays, version_stays).
CREATE FUNCTION collections_app_step_in_force(step bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM collections_app_step s JOIN collections_app_planversion v ON v.id = s.version_id
                   WHERE s.id = step AND NOT v.draft)
$$;
"""
NOTICES = """
-- A statement writes up to a hundred thousand; what they name is few, and is looked up once each.
CREATE FUNCTION collections_app_notices_written() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    named record;
BEGIN
    FOR named IN SELECT DISTINCT run_id, entity_id, step_id FROM fresh LOOP
        IF NOT EXISTS (SELECT FROM collections_app_run WHERE id = named.run_id AND entity_id = named.entity_id) THEN
            RAISE EXCEPTION 'notice_is_of_its_runs_entity: there is no such run of the entity'
                USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'notice_is_of_its_runs_entity';
        END IF;
        IF NOT collections_app_step_in_force(named.step_id) THEN
            RAISE EXCEPTION 'notice_step_is_in_force: there is no such step of a version in force'
                USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'notice_step_is_in_force';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER notices_written AFTER INSERT ON collections_app_notice
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION collections_app_notices_written();

CREATE FUNCTION collections_app_notice_named() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.run_id <> OLD.run_id OR NEW.entity_id <> OLD.entity_id THEN
        RAISE EXCEPTION 'notice_is_of_its_runs_entity: a notice stays with its run'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'notice_is_of_its_runs_entity';
    END IF;
    IF NEW.step_id <> OLD.step_id AND NOT collections_app_step_in_force(NEW.step_id) THEN
        RAISE EXCEPTION 'notice_step_is_in_force: there is no such step of a version in force'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'notice_step_is_in_force';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER notice_named BEFORE UPDATE OF run_id, entity_id, step_id ON collections_app_notice
    FOR EACH ROW EXECUTE FUNCTION collections_app_notice_named();
"""
BACKWARD = """
DROP TRIGGER notice_named ON collections_app_notice;
DROP FUNCTION collections_app_notice_named();
DROP TRIGGER notices_written ON collections_app_notice;
DROP FUNCTION collections_app_notices_written();
DROP FUNCTION collections_app_step_in_force(bigint);
DROP TRIGGER run_stays ON collections_app_run;
DROP FUNCTION collections_app_run_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("collections_app", "0029_cheaper_to_write")]
    operations = [migrations.RunSQL(STAYS + NOTICES, BACKWARD)]
