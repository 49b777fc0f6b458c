"""The guards of disputes: lines within their invoices, amounts that add up, stays that tile the life of a dispute."""

from django.db import migrations

# Each guard says its name and its sentence; Django then raises IntegrityError.
RAISE = "USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT ="

LINES = """
-- A live line belongs to an invoice of the dispute's customer and currency, and the live lines of one invoice, over
-- all disputes, never exceed its amount. The invoice row is locked, so two disputes at once are counted together.
CREATE FUNCTION disputes_check_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    invoice ledger_invoice%ROWTYPE;
    dispute disputes_dispute%ROWTYPE;
    elsewhere numeric;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.closed_on IS NOT NULL THEN
        RAISE EXCEPTION 'dispute_line_closed_is_final: a closed line never changes'
            {RAISE} 'dispute_line_closed_is_final';
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'closed_on' - 'closed_recorded_at' - 'closing'
                         <> to_jsonb(NEW) - 'closed_on' - 'closed_recorded_at' - 'closing' THEN
        RAISE EXCEPTION 'dispute_line_facts_are_final: close the line and open another one'
            {RAISE} 'dispute_line_facts_are_final';
    END IF;
    IF NEW.closed_on IS NOT NULL THEN
        RETURN NEW;
    END IF;
    SELECT * INTO invoice FROM ledger_invoice WHERE id = NEW.invoice_id FOR NO KEY UPDATE;
    SELECT * INTO dispute FROM disputes_dispute WHERE id = NEW.dispute_id;
    IF invoice.customer_id <> dispute.customer_id OR invoice.currency <> dispute.currency
       OR invoice.entity_id <> dispute.entity_id OR invoice.kind <> 'invoice' THEN
        RAISE EXCEPTION 'dispute_line_fits_dispute: the invoice must be of the same customer and currency'
            {RAISE} 'dispute_line_fits_dispute';
    END IF;
    IF NEW.invoice_line_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM ledger_invoiceline WHERE id = NEW.invoice_line_id AND invoice_id = NEW.invoice_id
    ) THEN
        RAISE EXCEPTION 'dispute_line_of_its_invoice: the line belongs to another invoice'
            {RAISE} 'dispute_line_of_its_invoice';
    END IF;
    SELECT coalesce(sum(amount), 0) INTO elsewhere FROM disputes_disputeline
        WHERE invoice_id = NEW.invoice_id AND closed_on IS NULL AND id <> NEW.id;
    IF elsewhere + NEW.amount > invoice.amount THEN
        RAISE EXCEPTION 'dispute_lines_within_invoice: no more can be disputed than the invoice amounts to'
            {RAISE} 'dispute_lines_within_invoice';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER disputes_line_check BEFORE INSERT OR UPDATE ON disputes_disputeline
    FOR EACH ROW EXECUTE FUNCTION disputes_check_line();

-- dispute.amount follows its live lines while the dispute is open, and stays as it was at closing.
CREATE FUNCTION disputes_keep_amount() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.closed_at IS NULL OR OLD.closed_at IS NULL THEN
        SELECT coalesce(sum(amount), 0) INTO NEW.amount FROM disputes_disputeline
            WHERE dispute_id = NEW.id AND closed_on IS NULL;
    ELSE
        NEW.amount := OLD.amount;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER disputes_dispute_amount BEFORE UPDATE ON disputes_dispute
    FOR EACH ROW EXECUTE FUNCTION disputes_keep_amount();

CREATE FUNCTION disputes_touch_dispute() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE disputes_dispute SET amount = amount
        WHERE id = coalesce(NEW.dispute_id, OLD.dispute_id) AND closed_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER disputes_line_amount AFTER INSERT OR UPDATE OR DELETE ON disputes_disputeline
    FOR EACH ROW EXECUTE FUNCTION disputes_touch_dispute();
"""

WHOLE = """
-- What must hold of a dispute as a whole when its transaction ends:
-- its stays tile its life, the open one says who has it, its lines live and its outcome exists as its status says.
CREATE FUNCTION disputes_check_whole(the_dispute bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    dispute disputes_dispute%ROWTYPE;
    newest disputes_stay%ROWTYPE;
    has_live_lines boolean;
    has_outcome boolean;
BEGIN
    SELECT * INTO dispute FROM disputes_dispute WHERE id = the_dispute;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF EXISTS (
        SELECT 1 FROM (
            SELECT seq, started_at,
                   lag(ended_at, 1, dispute.opened_at) OVER (ORDER BY seq) AS expected,
                   row_number() OVER (ORDER BY seq) AS place
            FROM disputes_stay WHERE dispute_id = the_dispute
        ) s WHERE s.seq <> s.place OR s.started_at IS DISTINCT FROM s.expected
    ) THEN
        RAISE EXCEPTION 'stays_have_no_gap: each stay starts when the one before it ended, the first at the opening'
            {RAISE} 'stays_have_no_gap';
    END IF;
    SELECT * INTO newest FROM disputes_stay WHERE dispute_id = the_dispute ORDER BY seq DESC LIMIT 1;
    IF NOT FOUND OR newest.ended_at IS DISTINCT FROM dispute.closed_at THEN
        RAISE EXCEPTION 'stays_reach_the_end: the last stay ends when the dispute is closed, not before'
            {RAISE} 'stays_reach_the_end';
    END IF;
    IF dispute.closed_at IS NULL AND (newest.stage_id, newest.status, newest.holder_side,
            newest.holder_user_id, newest.holder_department_id)
        IS DISTINCT FROM (dispute.stage_id, dispute.status, dispute.holder_side,
            dispute.holder_user_id, dispute.holder_department_id) THEN
        RAISE EXCEPTION 'stay_says_who_has_it: the open stay has the stage, status and holder of the dispute'
            {RAISE} 'stay_says_who_has_it';
    END IF;
    SELECT EXISTS (SELECT 1 FROM disputes_disputeline WHERE dispute_id = the_dispute AND closed_on IS NULL)
        INTO has_live_lines;
    IF has_live_lines <> (dispute.closed_at IS NULL) THEN
        RAISE EXCEPTION 'dispute_lines_live_iff_open: an open dispute has live lines, a closed one has none'
            {RAISE} 'dispute_lines_live_iff_open';
    END IF;
    SELECT EXISTS (SELECT 1 FROM disputes_outcome WHERE dispute_id = the_dispute) INTO has_outcome;
    IF has_outcome = (dispute.closed_at IS NULL) THEN
        RAISE EXCEPTION 'dispute_outcome_iff_closed: a closed dispute has an outcome, an open one has none'
            {RAISE} 'dispute_outcome_iff_closed';
    END IF;
    IF dispute.closed_at IS NOT NULL AND EXISTS (
        SELECT 1 FROM disputes_question WHERE dispute_id = the_dispute AND status = 'open'
    ) THEN
        RAISE EXCEPTION 'closed_dispute_asks_nothing: a closed dispute has no open question'
            {RAISE} 'closed_dispute_asks_nothing';
    END IF;
END $$;

CREATE FUNCTION disputes_whole_by_id() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM disputes_check_whole(NEW.id);
    RETURN NULL;
END $$;
CREATE FUNCTION disputes_whole_by_dispute() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM disputes_check_whole(OLD.dispute_id);
    END IF;
    IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND NEW.dispute_id <> OLD.dispute_id) THEN
        PERFORM disputes_check_whole(NEW.dispute_id);
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER disputes_dispute_whole AFTER INSERT OR UPDATE ON disputes_dispute
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION disputes_whole_by_id();
CREATE CONSTRAINT TRIGGER disputes_stay_whole AFTER INSERT OR UPDATE OR DELETE ON disputes_stay
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION disputes_whole_by_dispute();
CREATE CONSTRAINT TRIGGER disputes_line_whole AFTER INSERT OR UPDATE OR DELETE ON disputes_disputeline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION disputes_whole_by_dispute();
CREATE CONSTRAINT TRIGGER disputes_outcome_whole AFTER INSERT OR UPDATE OR DELETE ON disputes_outcome
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION disputes_whole_by_dispute();
CREATE CONSTRAINT TRIGGER disputes_question_whole AFTER INSERT OR UPDATE ON disputes_question
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION disputes_whole_by_dispute();
"""

HISTORY = """
-- What is over stays as it was.
CREATE FUNCTION disputes_stay_is_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL OR to_jsonb(OLD) - 'ended_at' <> to_jsonb(NEW) - 'ended_at' THEN
        RAISE EXCEPTION 'stay_is_history: a stay only ever gets its end' {RAISE} 'stay_is_history';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER disputes_stay_history BEFORE UPDATE ON disputes_stay
    FOR EACH ROW EXECUTE FUNCTION disputes_stay_is_history();

CREATE FUNCTION disputes_question_ends_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> 'open' AND to_jsonb(OLD) <> to_jsonb(NEW) THEN
        RAISE EXCEPTION 'question_ends_once: an answered or withdrawn question never changes'
            {RAISE} 'question_ends_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER disputes_question_once BEFORE UPDATE ON disputes_question
    FOR EACH ROW EXECUTE FUNCTION disputes_question_ends_once();

CREATE FUNCTION disputes_answer_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'answer_is_final: an answer is never changed or taken back' {RAISE} 'answer_is_final';
END $$;
CREATE TRIGGER disputes_answer_final BEFORE UPDATE OR DELETE ON disputes_answer
    FOR EACH ROW EXECUTE FUNCTION disputes_answer_is_final();

-- A question is answered exactly when its answer exists.
CREATE FUNCTION disputes_answered_iff_answer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    the_question bigint := (to_jsonb(NEW)->>(
        CASE TG_TABLE_NAME WHEN 'disputes_answer' THEN 'question_id' ELSE 'id' END))::bigint;
BEGIN
    IF (SELECT status = 'answered' FROM disputes_question WHERE id = the_question)
       <> EXISTS (SELECT 1 FROM disputes_answer WHERE question_id = the_question) THEN
        RAISE EXCEPTION 'question_answered_iff_answer: an answered question has its answer, another has none'
            {RAISE} 'question_answered_iff_answer';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER disputes_question_answered AFTER INSERT OR UPDATE ON disputes_question
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION disputes_answered_iff_answer();
CREATE CONSTRAINT TRIGGER disputes_answer_answered AFTER INSERT ON disputes_answer
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION disputes_answered_iff_answer();
"""

ROUTES = """
-- A route version that a dispute follows never changes; only its being current does.
CREATE FUNCTION disputes_version_of(row_data jsonb, tab text) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT CASE tab
        WHEN 'disputes_routeversion' THEN (row_data->>'id')::bigint
        WHEN 'disputes_stage' THEN (row_data->>'version_id')::bigint
        ELSE (SELECT version_id FROM disputes_stage WHERE id = (row_data->>'stage_id')::bigint)
    END
$$;
CREATE FUNCTION disputes_version_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'disputes_routeversion' AND TG_OP = 'UPDATE'
       AND to_jsonb(OLD) - 'current' = to_jsonb(NEW) - 'current' THEN
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
CREATE TRIGGER disputes_routeversion_final BEFORE UPDATE OR DELETE ON disputes_routeversion
    FOR EACH ROW EXECUTE FUNCTION disputes_version_is_final();
CREATE TRIGGER disputes_stage_final BEFORE INSERT OR UPDATE OR DELETE ON disputes_stage
    FOR EACH ROW EXECUTE FUNCTION disputes_version_is_final();
CREATE TRIGGER disputes_move_final BEFORE INSERT OR UPDATE OR DELETE ON disputes_move
    FOR EACH ROW EXECUTE FUNCTION disputes_version_is_final();
CREATE TRIGGER disputes_questiontemplate_final BEFORE INSERT OR UPDATE OR DELETE ON disputes_questiontemplate
    FOR EACH ROW EXECUTE FUNCTION disputes_version_is_final();
"""

BACKWARD = """
DROP TRIGGER disputes_questiontemplate_final ON disputes_questiontemplate;
DROP TRIGGER disputes_move_final ON disputes_move;
DROP TRIGGER disputes_stage_final ON disputes_stage;
DROP TRIGGER disputes_routeversion_final ON disputes_routeversion;
DROP FUNCTION disputes_version_is_final, disputes_version_of;
DROP TRIGGER disputes_answer_answered ON disputes_answer;
DROP TRIGGER disputes_question_answered ON disputes_question;
DROP TRIGGER disputes_answer_final ON disputes_answer;
DROP TRIGGER disputes_question_once ON disputes_question;
DROP TRIGGER disputes_stay_history ON disputes_stay;
DROP FUNCTION disputes_answered_iff_answer, disputes_answer_is_final, disputes_question_ends_once,
    disputes_stay_is_history;
DROP TRIGGER disputes_question_whole ON disputes_question;
DROP TRIGGER disputes_outcome_whole ON disputes_outcome;
DROP TRIGGER disputes_line_whole ON disputes_disputeline;
DROP TRIGGER disputes_stay_whole ON disputes_stay;
DROP TRIGGER disputes_dispute_whole ON disputes_dispute;
DROP FUNCTION disputes_whole_by_dispute, disputes_whole_by_id, disputes_check_whole;
DROP TRIGGER disputes_line_amount ON disputes_disputeline;
DROP TRIGGER disputes_dispute_amount ON disputes_dispute;
DROP TRIGGER disputes_line_check ON disputes_disputeline;
DROP FUNCTION disputes_touch_dispute, disputes_keep_amount, disputes_check_line;
"""


class Migration(migrations.Migration):
    """One topic: the guards."""

    dependencies = [("disputes", "0001_disputes"), ("ledger", "0002_guards")]
    operations = [
        migrations.RunSQL((LINES + WHOLE + HISTORY + ROUTES).replace("{RAISE}", RAISE), BACKWARD),
    ]
