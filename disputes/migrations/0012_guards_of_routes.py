"""The guards of branches and drafts: what hangs on a followed edition never changes, branches run where the dispute is."""

from django.db import migrations, models

RAISE = "USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT ="

# As 0002 made it; only what may change of a followed edition is longer: who activated it, and when.
FINAL = """
CREATE OR REPLACE FUNCTION disputes_version_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'disputes_routeversion' AND TG_OP = 'UPDATE'
       AND to_jsonb(OLD) {ASIDE} = to_jsonb(NEW) {ASIDE} THEN
        RETURN NEW;
    END IF;
    IF EXISTS (SELECT 1 FROM disputes_dispute WHERE route_version_id IN (
        CASE WHEN TG_OP <> 'INSERT' THEN disputes_version_of(to_jsonb(OLD), TG_TABLE_NAME) END,
        CASE WHEN TG_OP <> 'DELETE' THEN disputes_version_of(to_jsonb(NEW), TG_TABLE_NAME) END
    )) THEN
        RAISE EXCEPTION 'route_version_is_final: disputes follow this version; make a new one'
            {RAISE} 'route_version_is_final';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
"""
ASIDE_NOW = "- 'current' - 'activated_at' - 'activated_by_id'"
ASIDE_BEFORE = "- 'current'"

TRIGGERS = """
CREATE TRIGGER disputes_branch_final BEFORE INSERT OR UPDATE OR DELETE ON disputes_stagebranch
    FOR EACH ROW EXECUTE FUNCTION disputes_version_is_final();
CREATE TRIGGER disputes_alert_final BEFORE INSERT OR UPDATE OR DELETE ON disputes_stagealert
    FOR EACH ROW EXECUTE FUNCTION disputes_version_is_final();
CREATE TRIGGER disputes_send_final BEFORE INSERT OR UPDATE OR DELETE ON disputes_stagesend
    FOR EACH ROW EXECUTE FUNCTION disputes_version_is_final();
"""

RUNS = """
-- A branch that ended stays as it was; an open one keeps what it is and since when.
CREATE FUNCTION disputes_branch_run_is_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'open' AND to_jsonb(OLD) <> to_jsonb(NEW)
       OR (OLD.dispute_id, OLD.branch_id, OLD.started_at) <> (NEW.dispute_id, NEW.branch_id, NEW.started_at) THEN
        RAISE EXCEPTION 'branch_run_is_history: a branch ends once and never begins anew'
            {RAISE} 'branch_run_is_history';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER disputes_branch_run_history BEFORE UPDATE ON disputes_branchrun
    FOR EACH ROW EXECUTE FUNCTION disputes_branch_run_is_history();

-- When the transaction ends: branches run only in the stage where the open dispute is, and whoever has the branch
-- that is due first has the dispute (unless it waits for an approval).
CREATE FUNCTION disputes_check_branches(the_dispute bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    dispute disputes_dispute%ROWTYPE;
    usual text;
    lead record;
BEGIN
    SELECT * INTO dispute FROM disputes_dispute WHERE id = the_dispute;
    IF EXISTS (
        SELECT 1 FROM disputes_branchrun r JOIN disputes_stagebranch b ON b.id = r.branch_id
        WHERE r.dispute_id = the_dispute AND r.state = 'open'
          AND (dispute.closed_at IS NOT NULL OR b.stage_id <> dispute.stage_id)
    ) THEN
        RAISE EXCEPTION 'branch_runs_where_the_dispute_is: it ends when the dispute leaves its stage'
            {RAISE} 'branch_runs_where_the_dispute_is';
    END IF;
    SELECT r.holder_side, r.holder_user_id, r.holder_department_id INTO lead
        FROM disputes_branchrun r JOIN disputes_stagebranch b ON b.id = r.branch_id
        WHERE r.dispute_id = the_dispute AND r.state = 'open'
        ORDER BY r.due_at NULLS LAST, b.position, r.id LIMIT 1;
    IF FOUND THEN
        SELECT status INTO usual FROM disputes_stage WHERE id = dispute.stage_id;
        IF usual = dispute.status AND (lead.holder_side, lead.holder_user_id, lead.holder_department_id)
            IS DISTINCT FROM (dispute.holder_side, dispute.holder_user_id, dispute.holder_department_id) THEN
            RAISE EXCEPTION 'dispute_is_with_its_first_branch: who has the branch due first has the dispute'
                {RAISE} 'dispute_is_with_its_first_branch';
        END IF;
    END IF;
END $$;
CREATE FUNCTION disputes_branches_by_id() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM disputes_check_branches(NEW.id);
    RETURN NULL;
END $$;
CREATE FUNCTION disputes_branches_by_dispute() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM disputes_check_branches(coalesce(NEW.dispute_id, OLD.dispute_id));
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER disputes_dispute_branches AFTER UPDATE ON disputes_dispute
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION disputes_branches_by_id();
CREATE CONSTRAINT TRIGGER disputes_branch_run_whole AFTER INSERT OR UPDATE OR DELETE ON disputes_branchrun
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION disputes_branches_by_dispute();
"""

# The editions from before there were drafts were all in force once.
ALL_ACTIVATED = """
UPDATE disputes_routeversion SET activated_at = now() WHERE activated_at IS NULL;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""

BACKWARD = """
DROP TRIGGER disputes_branch_run_whole ON disputes_branchrun;
DROP TRIGGER disputes_dispute_branches ON disputes_dispute;
DROP TRIGGER disputes_branch_run_history ON disputes_branchrun;
DROP FUNCTION disputes_branches_by_dispute, disputes_branches_by_id, disputes_check_branches,
    disputes_branch_run_is_history;
DROP TRIGGER disputes_send_final ON disputes_stagesend;
DROP TRIGGER disputes_alert_final ON disputes_stagealert;
DROP TRIGGER disputes_branch_final ON disputes_stagebranch;
"""


def sql(text: str, aside: str = ASIDE_NOW) -> str:
    """The text with its short forms filled in."""
    return text.replace("{ASIDE}", aside).replace("{RAISE}", RAISE)


class Migration(migrations.Migration):
    """One topic: the guards."""

    dependencies = [("disputes", "0011_routes_with_branches_and_rules")]
    operations = [
        migrations.RunSQL(sql(FINAL + TRIGGERS + RUNS), sql(BACKWARD + FINAL, ASIDE_BEFORE)),
        migrations.RunSQL(ALL_ACTIVATED, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="routeversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(activated_at=None), fields=("route",), name="route_one_draft"
            ),
        ),
        migrations.AddConstraint(
            model_name="routeversion",
            constraint=models.CheckConstraint(
                condition=models.Q(current=False) | models.Q(activated_at__isnull=False),
                name="route_current_version_was_activated",
            ),
        ),
    ]
