"""Weekly hours are sound, a calendar belongs to its entity's people, and every legal entity has its own."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

FORWARD = """
-- Seven days of [opens, closes] in minutes, in order, none beyond its day, and at least one of them.
CREATE FUNCTION accounts_week_is_sound(week jsonb) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    day jsonb;
    span jsonb;
    latest int;
    found int := 0;
BEGIN
    IF jsonb_typeof(week) <> 'array' OR jsonb_array_length(week) <> 7 THEN
        RETURN false;
    END IF;
    FOR day IN SELECT * FROM jsonb_array_elements(week) LOOP
        latest := 0;
        FOR span IN SELECT * FROM jsonb_array_elements(day) LOOP
            IF jsonb_array_length(span) <> 2 OR (span->>0)::int < latest OR (span->>1)::int <= (span->>0)::int
               OR (span->>1)::int > 1440 THEN
                RETURN false;
            END IF;
            latest := (span->>1)::int;
            found := found + 1;
        END LOOP;
    END LOOP;
    RETURN found > 0;
EXCEPTION WHEN invalid_parameter_value OR invalid_text_representation THEN
    RETURN false;
END $$;
ALTER TABLE accounts_calendar ADD CONSTRAINT calendar_week_is_sound CHECK (accounts_week_is_sound(week));

CREATE FUNCTION accounts_calendar_is_at_home() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.department_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM accounts_department WHERE id = NEW.department_id AND entity_id = NEW.entity_id
    ) OR NEW.user_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM accounts_membership WHERE user_id = NEW.user_id AND entity_id = NEW.entity_id
    ) THEN
        RAISE EXCEPTION 'calendar_is_at_home: the department or person belongs to another legal entity'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'calendar_is_at_home';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_calendar_home BEFORE INSERT OR UPDATE ON accounts_calendar
    FOR EACH ROW EXECUTE FUNCTION accounts_calendar_is_at_home();
"""

BACKWARD = """
DROP TRIGGER accounts_calendar_home ON accounts_calendar;
DROP FUNCTION accounts_calendar_is_at_home;
ALTER TABLE accounts_calendar DROP CONSTRAINT calendar_week_is_sound;
DROP FUNCTION accounts_week_is_sound;
"""


def one_for_each(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """The calendar that every legal entity was counted with until now: nine to six, national holidays."""
    calendar = apps.get_model("accounts", "Calendar")
    for entity in apps.get_model("accounts", "LegalEntity").objects.filter(calendars=None):
        calendar.objects.create(
            entity=entity, name=entity.name[:100], country=entity.country, time_zone=entity.time_zone
        )


class Migration(migrations.Migration):
    """One topic: what always holds of calendars."""

    dependencies = [("accounts", "0004_calendars")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunPython(one_for_each, migrations.RunPython.noop),
    ]
