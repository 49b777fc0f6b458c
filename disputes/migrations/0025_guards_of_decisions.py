"""The guards of decisions: nobody approves their own request, nobody votes twice, no yes is missing."""

from django.db import migrations

RAISE = "USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT ="

VOTES = """
-- Four eyes. The approval is locked, so that two votes at once are counted one after the other.
CREATE FUNCTION disputes_check_vote() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    approval disputes_approval%ROWTYPE;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'approval_vote_is_final: a vote is never changed or taken back'
            {RAISE} 'approval_vote_is_final';
    END IF;
    SELECT * INTO approval FROM disputes_approval WHERE id = NEW.approval_id FOR NO KEY UPDATE;
    IF approval.state <> 'pending' THEN
        RAISE EXCEPTION 'approval_vote_while_pending: this request has ended' {RAISE} 'approval_vote_while_pending';
    END IF;
    IF approval.asked_by_id IN (NEW.user_id, NEW.counts_as_id) THEN
        RAISE EXCEPTION 'approval_vote_by_another: nobody approves their own request'
            {RAISE} 'approval_vote_by_another';
    END IF;
    IF EXISTS (SELECT 1 FROM disputes_approvalvote WHERE approval_id = NEW.approval_id AND (
        user_id IN (NEW.user_id, NEW.counts_as_id) OR counts_as_id IN (NEW.user_id, NEW.counts_as_id)
    )) THEN
        RAISE EXCEPTION 'approval_vote_once: nobody votes twice, in their own place or another''s'
            {RAISE} 'approval_vote_once';
    END IF;
    IF NEW.step >= cardinality(approval.steps) THEN
        RAISE EXCEPTION 'approval_vote_for_a_step: nobody is asked for this vote' {RAISE} 'approval_vote_for_a_step';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER disputes_vote_check BEFORE INSERT OR UPDATE OR DELETE ON disputes_approvalvote
    FOR EACH ROW EXECUTE FUNCTION disputes_check_vote();

-- What was asked for stays as it was; what has ended stays ended.
CREATE FUNCTION disputes_approval_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'pending'
       OR to_jsonb(OLD) - '{state,ended_at,ended_by_id,ended_why}'::text[]
       <> to_jsonb(NEW) - '{state,ended_at,ended_by_id,ended_why}'::text[] THEN
        RAISE EXCEPTION 'approval_is_final: a request for approval only ever gets its end'
            {RAISE} 'approval_is_final';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER disputes_approval_final BEFORE UPDATE OR DELETE ON disputes_approval
    FOR EACH ROW EXECUTE FUNCTION disputes_approval_is_final();
"""

WHOLE = """
-- When the transaction ends: an approved request has every yes, a refused one a no, a pending one a dispute that
-- waits for it, and the amount it was asked for.
CREATE FUNCTION disputes_check_approval(the_approval bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    approval disputes_approval%ROWTYPE;
    dispute disputes_dispute%ROWTYPE;
    yes integer;
    no integer;
BEGIN
    SELECT * INTO approval FROM disputes_approval WHERE id = the_approval;
    SELECT count(*) FILTER (WHERE v.yes), count(*) FILTER (WHERE NOT v.yes) INTO yes, no
        FROM disputes_approvalvote v WHERE v.approval_id = the_approval;
    IF approval.state = 'approved' AND (yes < cardinality(approval.steps) OR no > 0) THEN
        RAISE EXCEPTION 'approval_has_every_yes: an approved request needs every vote it asked for'
            {RAISE} 'approval_has_every_yes';
    END IF;
    IF (approval.state = 'refused') <> (no > 0) THEN
        RAISE EXCEPTION 'approval_refused_iff_no: one no refuses, nothing else does' {RAISE} 'approval_refused_iff_no';
    END IF;
    IF approval.state = 'pending' THEN
        SELECT * INTO dispute FROM disputes_dispute WHERE id = approval.dispute_id;
        IF dispute.status <> 'to_approve' OR dispute.amount <> approval.disputed THEN
            RAISE EXCEPTION 'approval_pending_while_to_approve: the dispute waits, its amount as it was asked for'
                {RAISE} 'approval_pending_while_to_approve';
        END IF;
    END IF;
END $$;
CREATE FUNCTION disputes_approval_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    pending bigint;
BEGIN
    IF TG_TABLE_NAME = 'disputes_approval' THEN
        PERFORM disputes_check_approval(NEW.id);
    ELSIF TG_TABLE_NAME = 'disputes_approvalvote' THEN
        PERFORM disputes_check_approval(NEW.approval_id);
    ELSE
        SELECT id INTO pending FROM disputes_approval WHERE dispute_id = NEW.id AND state = 'pending';
        IF FOUND THEN
            PERFORM disputes_check_approval(pending);
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER disputes_approval_whole AFTER INSERT OR UPDATE ON disputes_approval
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION disputes_approval_whole();
CREATE CONSTRAINT TRIGGER disputes_approvalvote_whole AFTER INSERT ON disputes_approvalvote
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION disputes_approval_whole();
CREATE CONSTRAINT TRIGGER disputes_dispute_approval AFTER UPDATE ON disputes_dispute
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION disputes_approval_whole();

-- An outcome that names its votes is what they were about, and no more.
CREATE FUNCTION disputes_outcome_as_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.approval_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM disputes_approval a WHERE a.id = NEW.approval_id AND a.state = 'approved'
            AND a.dispute_id = NEW.dispute_id AND a.resolution = NEW.resolution AND a.amount >= NEW.amount
    ) THEN
        RAISE EXCEPTION 'outcome_as_approved: the outcome is not what was approved' {RAISE} 'outcome_as_approved';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER disputes_outcome_approved AFTER INSERT OR UPDATE ON disputes_outcome
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION disputes_outcome_as_approved();
"""

OFFERS = """
-- An offer that was answered, ran out or was taken back stays so; what it says never changes.
CREATE FUNCTION disputes_offer_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state NOT IN ('open', 'to_approve')
       OR to_jsonb(OLD) - '{state,answered_at,answered_by_id,answer_note}'::text[]
       <> to_jsonb(NEW) - '{state,answered_at,answered_by_id,answer_note}'::text[] THEN
        RAISE EXCEPTION 'offer_is_final: an offer only ever gets its answer' {RAISE} 'offer_is_final';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER disputes_offer_final BEFORE UPDATE OR DELETE ON disputes_offer
    FOR EACH ROW EXECUTE FUNCTION disputes_offer_is_final();
"""

BACKWARD = """
DROP TRIGGER disputes_offer_final ON disputes_offer;
DROP TRIGGER disputes_outcome_approved ON disputes_outcome;
DROP TRIGGER disputes_dispute_approval ON disputes_dispute;
DROP TRIGGER disputes_approvalvote_whole ON disputes_approvalvote;
DROP TRIGGER disputes_approval_whole ON disputes_approval;
DROP TRIGGER disputes_approval_final ON disputes_approval;
DROP TRIGGER disputes_vote_check ON disputes_approvalvote;
DROP FUNCTION disputes_offer_is_final, disputes_outcome_as_approved, disputes_approval_whole,
    disputes_check_approval, disputes_approval_is_final, disputes_check_vote;
"""


class Migration(migrations.Migration):
    """One topic: the guards of decisions."""

    dependencies = [("disputes", "0024_decisions")]
    operations = [
        migrations.RunSQL((VOTES + WHOLE + OFFERS).replace("{RAISE}", RAISE), BACKWARD),
    ]
