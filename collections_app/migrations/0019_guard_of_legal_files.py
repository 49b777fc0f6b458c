"""The steps of a legal file are what happened: none is changed or removed, and a closed file stays as it ended."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION collections_app_legalstep_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'legal_step_is_never_changed: a step of a legal file is never changed or removed'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'legal_step_is_never_changed';
END $$;
CREATE TRIGGER legalstep_guard BEFORE UPDATE OR DELETE ON collections_app_legalstep
    FOR EACH ROW EXECUTE FUNCTION collections_app_legalstep_guard();
CREATE FUNCTION collections_app_legalfile_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.status = 'closed' THEN
        RAISE EXCEPTION 'legal_file_closed_is_final: a legal file is never removed, a closed one never changed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'legal_file_closed_is_final';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER legalfile_guard BEFORE UPDATE OR DELETE ON collections_app_legalfile
    FOR EACH ROW EXECUTE FUNCTION collections_app_legalfile_guard();
"""
BACKWARD = """
DROP TRIGGER legalstep_guard ON collections_app_legalstep;
DROP FUNCTION collections_app_legalstep_guard();
DROP TRIGGER legalfile_guard ON collections_app_legalfile;
DROP FUNCTION collections_app_legalfile_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("collections_app", "0018_legal_files")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
