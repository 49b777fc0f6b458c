"""Debit notes are numbered without a gap, add up, and stay as issued; waivers are decided once, and what they say stays."""

from django.db import migrations

NOTE = """
-- A debit note takes the next number of its year and stays as it was issued; another document cancels it.
CREATE FUNCTION collections_app_debit_note_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    following integer;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'debit_note_is_final: a debit note is never changed or removed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'debit_note_is_final';
    END IF;
    IF NEW.year <> extract(year FROM NEW.issued_on) THEN
        RAISE EXCEPTION 'debit_note_year_fits: % is not the year of %', NEW.year, NEW.issued_on
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'debit_note_year_fits';
    END IF;
    SELECT coalesce(max(number), 0) + 1 INTO following FROM collections_app_debitnote
        WHERE entity_id = NEW.entity_id AND kind = NEW.kind AND year = NEW.year;
    IF NEW.number <> following THEN
        RAISE EXCEPTION 'debit_note_numbers_have_no_gap: % must be %', NEW.number, following
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'debit_note_numbers_have_no_gap';
    END IF;
    IF NEW.kind = 'counter' AND NOT EXISTS (
        SELECT 1 FROM collections_app_debitnote n WHERE n.id = NEW.cancels_id AND n.kind = 'debit'
            AND n.entity_id = NEW.entity_id AND n.customer_id = NEW.customer_id AND n.currency = NEW.currency
            AND n.interest = NEW.interest AND n.fees = NEW.fees) THEN
        RAISE EXCEPTION 'debit_note_counter_mirrors: it must cancel a debit note of the same sums'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'debit_note_counter_mirrors';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER debit_note_guard BEFORE INSERT OR UPDATE OR DELETE ON collections_app_debitnote
    FOR EACH ROW EXECUTE FUNCTION collections_app_debit_note_guard();

-- At commit a document is the sum of its lines, whoever wrote it.
CREATE FUNCTION collections_app_debit_note_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parent bigint := CASE TG_TABLE_NAME WHEN 'collections_app_debitnote'
        THEN (to_jsonb(NEW) ->> 'id')::bigint ELSE (to_jsonb(NEW) ->> 'note_id')::bigint END;
BEGIN
    IF EXISTS (SELECT 1 FROM collections_app_debitnote n LEFT JOIN collections_app_debitnoteline l ON l.note_id = n.id
        WHERE n.id = parent GROUP BY n.id
        HAVING n.interest <> coalesce(sum(l.interest), 0) OR n.fees <> coalesce(sum(l.fee), 0)) THEN
        RAISE EXCEPTION 'debit_note_adds_up: the sums must be those of the lines'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'debit_note_adds_up';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER debit_note_adds_up AFTER INSERT ON collections_app_debitnote
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION collections_app_debit_note_adds_up();
CREATE CONSTRAINT TRIGGER debit_line_adds_up AFTER INSERT ON collections_app_debitnoteline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION collections_app_debit_note_adds_up();
"""

LINE = """
CREATE FUNCTION collections_app_explained(explanation jsonb) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(sum((line ->> 'amount')::numeric), 0) FROM jsonb_array_elements(explanation) AS line
$$;

-- A line is explained to the cent, is about an invoice of its customer, and only ever loses its standing.
CREATE FUNCTION collections_app_debit_line_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.interest <> collections_app_explained(NEW.explanation) - NEW.waived THEN
            RAISE EXCEPTION 'debit_line_is_explained: the interest must be the sum of its explanation'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'debit_line_is_explained';
        END IF;
        IF NOT EXISTS (SELECT 1 FROM collections_app_debitnote n JOIN ledger_invoice i
                ON i.customer_id = n.customer_id AND i.currency = n.currency AND i.kind = 'invoice'
                WHERE n.id = NEW.note_id AND i.id = NEW.invoice_id) THEN
            RAISE EXCEPTION 'debit_line_of_the_customer: the invoice is not one of this customer and currency'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'debit_line_of_the_customer';
        END IF;
        IF NEW.standing AND NEW.fee > 0 AND EXISTS (SELECT 1 FROM collections_app_waiverline w
                WHERE w.invoice_id = NEW.invoice_id AND w.standing AND w.fee > 0) THEN
            RAISE EXCEPTION 'debit_line_flat_sum_is_waived: the recovery costs of this invoice were waived'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'debit_line_flat_sum_is_waived';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'standing' = to_jsonb(NEW) - 'standing' AND NOT NEW.standing
        AND EXISTS (SELECT 1 FROM collections_app_debitnote n WHERE n.cancels_id = NEW.note_id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'debit_line_stays: the lines of a debit note are never changed or removed'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'debit_line_stays';
END $$;
CREATE TRIGGER debit_line_guard BEFORE INSERT OR UPDATE OR DELETE ON collections_app_debitnoteline
    FOR EACH ROW EXECUTE FUNCTION collections_app_debit_line_guard();
"""

WAIVER = """
-- A waiver ends once. What was asked for stays.
CREATE FUNCTION collections_app_waiver_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    decided text[] := ARRAY['state', 'decided_by_id', 'decided_on', 'decided_at', 'decided_note'];
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'asked' OR to_jsonb(OLD) - decided <> to_jsonb(NEW) - decided THEN
        RAISE EXCEPTION 'waiver_is_decided_once: a waiver is decided once and never removed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'waiver_is_decided_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER waiver_guard BEFORE UPDATE OR DELETE ON collections_app_waiver
    FOR EACH ROW EXECUTE FUNCTION collections_app_waiver_guard();

CREATE FUNCTION collections_app_waiver_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parent bigint := CASE TG_TABLE_NAME WHEN 'collections_app_waiver'
        THEN (to_jsonb(NEW) ->> 'id')::bigint ELSE (to_jsonb(NEW) ->> 'waiver_id')::bigint END;
BEGIN
    IF EXISTS (SELECT 1 FROM collections_app_waiver n LEFT JOIN collections_app_waiverline l ON l.waiver_id = n.id
        WHERE n.id = parent GROUP BY n.id
        HAVING n.interest <> coalesce(sum(l.interest), 0) OR n.fees <> coalesce(sum(l.fee), 0)) THEN
        RAISE EXCEPTION 'waiver_adds_up: the sums must be those of the lines'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'waiver_adds_up';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER waiver_adds_up AFTER INSERT ON collections_app_waiver
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION collections_app_waiver_adds_up();
CREATE CONSTRAINT TRIGGER waiver_line_adds_up AFTER INSERT ON collections_app_waiverline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION collections_app_waiver_adds_up();

-- A line stands exactly once its waiver is granted, and gives up no more than its explanation.
CREATE FUNCTION collections_app_waiver_line_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parent collections_app_waiver%ROWTYPE;
BEGIN
    IF TG_OP = 'DELETE' OR TG_OP = 'UPDATE' AND
        (to_jsonb(OLD) - 'standing' <> to_jsonb(NEW) - 'standing' OR NOT NEW.standing) THEN
        RAISE EXCEPTION 'waiver_line_stays: the lines of a waiver are never changed or removed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'waiver_line_stays';
    END IF;
    SELECT * INTO parent FROM collections_app_waiver WHERE id = NEW.waiver_id;
    IF NEW.standing AND parent.state <> 'granted' THEN
        RAISE EXCEPTION 'waiver_line_stands_when_granted: it is not granted'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'waiver_line_stands_when_granted';
    END IF;
    IF NEW.interest > collections_app_explained(NEW.explanation)
        OR NEW.whole AND NEW.interest <> collections_app_explained(NEW.explanation) THEN
        RAISE EXCEPTION 'waiver_line_is_explained: no more is waived than the explanation holds'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'waiver_line_is_explained';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM ledger_invoice i WHERE i.id = NEW.invoice_id AND i.kind = 'invoice'
            AND i.customer_id = parent.customer_id AND i.currency = parent.currency) THEN
        RAISE EXCEPTION 'waiver_line_of_the_customer: the invoice is not one of this customer and currency'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'waiver_line_of_the_customer';
    END IF;
    IF NEW.standing AND NEW.fee > 0 AND EXISTS (SELECT 1 FROM collections_app_debitnoteline d
            WHERE d.invoice_id = NEW.invoice_id AND d.standing AND d.fee > 0) THEN
        RAISE EXCEPTION 'waiver_line_flat_sum_is_claimed: the recovery costs of this invoice were claimed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'waiver_line_flat_sum_is_claimed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER waiver_line_guard BEFORE INSERT OR UPDATE OR DELETE ON collections_app_waiverline
    FOR EACH ROW EXECUTE FUNCTION collections_app_waiver_line_guard();
"""

BACKWARD = """
DROP TRIGGER waiver_line_guard ON collections_app_waiverline;
DROP FUNCTION collections_app_waiver_line_guard();
DROP TRIGGER waiver_line_adds_up ON collections_app_waiverline;
DROP TRIGGER waiver_adds_up ON collections_app_waiver;
DROP FUNCTION collections_app_waiver_adds_up();
DROP TRIGGER waiver_guard ON collections_app_waiver;
DROP FUNCTION collections_app_waiver_guard();
DROP TRIGGER debit_line_guard ON collections_app_debitnoteline;
DROP FUNCTION collections_app_debit_line_guard();
DROP FUNCTION collections_app_explained(jsonb);
DROP TRIGGER debit_line_adds_up ON collections_app_debitnoteline;
DROP TRIGGER debit_note_adds_up ON collections_app_debitnote;
DROP FUNCTION collections_app_debit_note_adds_up();
DROP TRIGGER debit_note_guard ON collections_app_debitnote;
DROP FUNCTION collections_app_debit_note_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("collections_app", "0005_interest")]
    operations = [migrations.RunSQL(NOTE + LINE + WAIVER, BACKWARD)]
