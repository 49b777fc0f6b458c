"""The guards of returned payments: what is taken back follows its rows and fits on every day."""

from django.db import migrations

RAISE = "USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT ="

RETURNS = f"""
-- What is placed and what is taken back of these payments, at the end of each day, never exceeds the payment.
CREATE FUNCTION ledger_returns_fit(payments bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM (
            SELECT m.payment_id, sum(m.amount) OVER days AS gone, sum(m.taken) OVER days AS taken
            FROM (
                SELECT payment_id, amount, 0 AS taken, allocated_on AS day FROM ledger_allocation
                    WHERE payment_id = ANY(payments)
                UNION ALL
                SELECT payment_id, amount, amount, returned_on FROM ledger_paymentreturn
                    WHERE payment_id = ANY(payments)
            ) m WINDOW days AS (PARTITION BY m.payment_id ORDER BY m.day)
        ) d JOIN ledger_payment p ON p.id = d.payment_id
        WHERE d.gone > p.amount OR d.taken < 0
    ) THEN
        RAISE EXCEPTION 'returned_within_amount_on_every_day: more than the payment would be gone on a past day'
            {RAISE} 'returned_within_amount_on_every_day';
    END IF;
END $$;

-- Keeps payment.returned equal to the sum of its returns, whoever writes them.
CREATE FUNCTION ledger_place_returns() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM ledger_payment WHERE id IN (SELECT payment_id FROM added) ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM added a JOIN ledger_payment p ON p.id = a.payment_id WHERE a.returned_on < p.received_on
    ) THEN
        RAISE EXCEPTION 'return_not_before_its_payment: money cannot be taken back before it came'
            {RAISE} 'return_not_before_its_payment';
    END IF;
    IF EXISTS (
        SELECT 1 FROM added a JOIN ledger_paymentreturn r ON r.id = a.reverses_id
        WHERE a.amount <> -r.amount OR a.payment_id <> r.payment_id OR a.returned_on < r.returned_on
    ) THEN
        RAISE EXCEPTION 'return_reversal_mirrors: a reversal takes back exactly one earlier return'
            {RAISE} 'return_reversal_mirrors';
    END IF;
    UPDATE ledger_payment p SET returned = p.returned + s.total
        FROM (SELECT payment_id AS id, sum(amount) AS total FROM added GROUP BY payment_id) s
        WHERE p.id = s.id;
    PERFORM ledger_returns_fit(ARRAY(SELECT DISTINCT payment_id FROM added));
    RETURN NULL;
END $$;

CREATE TRIGGER return_is_placed AFTER INSERT ON ledger_paymentreturn
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_place_returns();

-- Runs after allocation_is_placed (by name) and looks only at payments of which something was taken back.
CREATE FUNCTION ledger_placed_of_returned() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched bigint[];
BEGIN
    touched := ARRAY(SELECT DISTINCT a.payment_id FROM added a
                     WHERE EXISTS (SELECT 1 FROM ledger_paymentreturn r WHERE r.payment_id = a.payment_id));
    IF cardinality(touched) > 0 THEN
        PERFORM ledger_returns_fit(touched);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER allocation_of_returned AFTER INSERT ON ledger_allocation
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_placed_of_returned();

CREATE FUNCTION ledger_return_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'return_is_append_only: reverse a return instead of changing it'
        {RAISE} 'return_is_append_only';
END $$;

CREATE TRIGGER return_is_append_only BEFORE UPDATE OR DELETE ON ledger_paymentreturn
    FOR EACH ROW EXECUTE FUNCTION ledger_return_is_append_only();

CREATE FUNCTION ledger_payment_returned_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (TG_OP = 'INSERT' AND NEW.returned <> 0)
       OR (TG_OP = 'UPDATE' AND NEW.returned <> OLD.returned AND pg_trigger_depth() < 2) THEN
        RAISE EXCEPTION 'payment_returned_follows_its_rows: add a return instead'
            {RAISE} 'payment_returned_follows_its_rows';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER payment_returned_stays BEFORE INSERT OR UPDATE OF returned ON ledger_payment
    FOR EACH ROW EXECUTE FUNCTION ledger_payment_returned_stays();
"""

BACKWARD = """
DROP TRIGGER payment_returned_stays ON ledger_payment;
DROP FUNCTION ledger_payment_returned_stays();
DROP TRIGGER return_is_append_only ON ledger_paymentreturn;
DROP FUNCTION ledger_return_is_append_only();
DROP TRIGGER allocation_of_returned ON ledger_allocation;
DROP FUNCTION ledger_placed_of_returned();
DROP TRIGGER return_is_placed ON ledger_paymentreturn;
DROP FUNCTION ledger_place_returns();
DROP FUNCTION ledger_returns_fit(bigint[]);
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_cash")]
    operations = [migrations.RunSQL(RETURNS, BACKWARD)]
