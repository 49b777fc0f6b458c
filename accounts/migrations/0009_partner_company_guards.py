"""Partners, and only partners, are in partner companies; a company never becomes a team, nor the other way round."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION accounts_check_company() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.role = 'partner') IS DISTINCT FROM coalesce(
        (SELECT outside AND entity_id = NEW.entity_id FROM accounts_department WHERE id = NEW.department_id), false)
    THEN
        RAISE EXCEPTION 'membership_partner_has_company: % of entity %', NEW.role, NEW.entity_id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'membership_partner_has_company';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_membership_company BEFORE INSERT OR UPDATE ON accounts_membership
    FOR EACH ROW EXECUTE FUNCTION accounts_check_company();

CREATE FUNCTION accounts_keep_outside() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.outside, OLD.entity_id) <> (NEW.outside, NEW.entity_id) THEN
        RAISE EXCEPTION 'department_stays_inside_or_outside: department %', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'department_stays_inside_or_outside';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_department_outside BEFORE UPDATE ON accounts_department
    FOR EACH ROW EXECUTE FUNCTION accounts_keep_outside();
"""

BACKWARD = """
DROP TRIGGER accounts_membership_company ON accounts_membership;
DROP TRIGGER accounts_department_outside ON accounts_department;
DROP FUNCTION accounts_check_company();
DROP FUNCTION accounts_keep_outside();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_partner_companies")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
