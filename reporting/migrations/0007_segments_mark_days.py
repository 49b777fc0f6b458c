"""Figures by segment go by the segment that counts: when it changes, all days by it do."""

from django.db import migrations

MARKS = """
CREATE FUNCTION reporting_mark_segments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reporting_ledgermark (entity_id, since, dim)
        SELECT DISTINCT c.entity_id, '0001-01-02'::date, 'segment'
        FROM changed e JOIN ledger_customer c ON c.id = e.customer_id;
    RETURN NULL;
END $$;
CREATE FUNCTION reporting_mark_changed_segments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reporting_ledgermark (entity_id, since, dim)
        SELECT DISTINCT c.entity_id, '0001-01-02'::date, 'segment'
        FROM now JOIN was USING (customer_id) JOIN ledger_customer c ON c.id = now.customer_id
        WHERE now.segment IS DISTINCT FROM was.segment;
    RETURN NULL;
END $$;
CREATE TRIGGER segments_mark_days AFTER INSERT ON collections_app_effectivesegment
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION reporting_mark_segments();
CREATE TRIGGER changed_segments_mark_days AFTER UPDATE ON collections_app_effectivesegment
    REFERENCING OLD TABLE AS was NEW TABLE AS now
    FOR EACH STATEMENT EXECUTE FUNCTION reporting_mark_changed_segments();
CREATE TRIGGER gone_segments_mark_days AFTER DELETE ON collections_app_effectivesegment
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION reporting_mark_segments();
-- What is kept by segment went by the declared one.
INSERT INTO reporting_ledgermark (entity_id, since, dim)
SELECT DISTINCT c.entity_id, '0001-01-02'::date, 'segment'
FROM collections_app_effectivesegment e JOIN ledger_customer c ON c.id = e.customer_id;
"""
GONE = """
DROP TRIGGER segments_mark_days ON collections_app_effectivesegment;
DROP TRIGGER changed_segments_mark_days ON collections_app_effectivesegment;
DROP TRIGGER gone_segments_mark_days ON collections_app_effectivesegment;
DROP FUNCTION reporting_mark_segments();
DROP FUNCTION reporting_mark_changed_segments();
"""


class Migration(migrations.Migration):
    """Triggers on the segments that count."""

    dependencies = [("reporting", "0006_reader_roles"), ("collections_app", "0021_segments_and_behaviour")]

    operations = [migrations.RunSQL(MARKS, GONE)]
