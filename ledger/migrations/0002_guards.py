"""The guards of the books: allocations add up, facts do not change, stored totals follow their rows."""

from django.db import migrations

RAISE = "USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT ="


def _days(owner: str) -> str:
    """What was placed at the end of each day, for owners that have a reversal among their allocations."""
    return f"""
            SELECT a.{owner} AS owner, sum(a.amount) OVER (PARTITION BY a.{owner} ORDER BY a.allocated_on) AS placed
            FROM ledger_allocation a
            WHERE a.{owner} IN (
                SELECT r.{owner} FROM ledger_allocation r
                WHERE r.reverses_id IS NOT NULL AND r.{owner} IN (SELECT {owner} FROM added))"""


PLACE = f"""
-- Keeps invoice.allocated and payment.allocated equal to the sums of their allocations, whoever writes them.
-- The rows are locked in the order of the house: by primary key.
CREATE FUNCTION ledger_place_allocations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM ledger_invoice
        WHERE id IN (SELECT invoice_id FROM added UNION SELECT credit_note_id FROM added)
        ORDER BY id FOR NO KEY UPDATE;
    PERFORM 1 FROM ledger_payment WHERE id IN (SELECT payment_id FROM added) ORDER BY id FOR NO KEY UPDATE;

    IF EXISTS (
        SELECT 1 FROM added a JOIN ledger_invoice i ON i.id = a.invoice_id
        LEFT JOIN ledger_payment p ON p.id = a.payment_id
        LEFT JOIN ledger_invoice c ON c.id = a.credit_note_id
        WHERE i.kind <> 'invoice' OR c.kind <> 'credit_note'
           OR p.entity_id <> i.entity_id OR p.currency <> i.currency
           OR c.entity_id <> i.entity_id OR c.currency <> i.currency
    ) THEN
        RAISE EXCEPTION 'allocation_parties_match: source and invoice must share legal entity and currency'
            {RAISE} 'allocation_parties_match';
    END IF;
    IF EXISTS (
        SELECT 1 FROM added a JOIN ledger_invoice i ON i.id = a.invoice_id
        LEFT JOIN ledger_payment p ON p.id = a.payment_id
        LEFT JOIN ledger_invoice c ON c.id = a.credit_note_id
        WHERE a.allocated_on < GREATEST(i.issued_on, p.received_on, c.issued_on)
    ) THEN
        RAISE EXCEPTION 'allocation_not_before_its_source: an allocation cannot be older than what it joins'
            {RAISE} 'allocation_not_before_its_source';
    END IF;
    IF EXISTS (
        SELECT 1 FROM added a JOIN ledger_allocation r ON r.id = a.reverses_id
        WHERE a.amount <> -r.amount OR a.invoice_id <> r.invoice_id OR a.kind <> r.kind
           OR a.payment_id IS DISTINCT FROM r.payment_id OR a.credit_note_id IS DISTINCT FROM r.credit_note_id
           OR a.allocated_on < r.allocated_on
    ) THEN
        RAISE EXCEPTION 'allocation_reversal_mirrors: a reversal takes back exactly one earlier allocation'
            {RAISE} 'allocation_reversal_mirrors';
    END IF;

    UPDATE ledger_invoice i SET allocated = i.allocated + s.total
        FROM (SELECT id, sum(amount) AS total FROM (
                  SELECT invoice_id AS id, amount FROM added
                  UNION ALL SELECT credit_note_id, amount FROM added WHERE credit_note_id IS NOT NULL) u
              GROUP BY id) s
        WHERE i.id = s.id;
    UPDATE ledger_payment p SET allocated = p.allocated + s.total
        FROM (SELECT payment_id AS id, sum(amount) AS total FROM added
              WHERE payment_id IS NOT NULL GROUP BY payment_id) s
        WHERE p.id = s.id;

    -- Only a reversal can make the sum on a past day larger than it is now.
    IF EXISTS (
        SELECT 1 FROM ({_days("invoice_id")}) days JOIN ledger_invoice i ON i.id = days.owner
            WHERE days.placed < 0 OR days.placed > i.amount
        UNION ALL SELECT 1 FROM ({_days("credit_note_id")}) days JOIN ledger_invoice i ON i.id = days.owner
            WHERE days.placed < 0 OR days.placed > i.amount
        UNION ALL SELECT 1 FROM ({_days("payment_id")}) days JOIN ledger_payment p ON p.id = days.owner
            WHERE days.placed < 0 OR days.placed > p.amount
    ) THEN
        RAISE EXCEPTION 'allocated_within_amount_on_every_day: more than the amount would be placed on a past day'
            {RAISE} 'allocated_within_amount_on_every_day';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER allocation_is_placed AFTER INSERT ON ledger_allocation
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_place_allocations();
"""

APPEND_ONLY = f"""
CREATE FUNCTION ledger_allocation_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'allocation_is_append_only: reverse an allocation instead of changing it'
        {RAISE} 'allocation_is_append_only';
END $$;

CREATE TRIGGER allocation_is_append_only BEFORE UPDATE OR DELETE ON ledger_allocation
    FOR EACH ROW EXECUTE FUNCTION ledger_allocation_is_append_only();
"""

FACTS = f"""
-- pg_trigger_depth() is 1 when a statement of the application changes the row, more when the ledger's own does.
CREATE FUNCTION ledger_invoice_facts_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.allocated <> 0 THEN
            RAISE EXCEPTION 'invoice_allocated_follows_its_rows: a new invoice has nothing allocated'
                {RAISE} 'invoice_allocated_follows_its_rows';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.allocated <> OLD.allocated AND pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'invoice_allocated_follows_its_rows: add an allocation instead'
            {RAISE} 'invoice_allocated_follows_its_rows';
    END IF;
    IF (NEW.entity_id, NEW.customer_id, NEW.kind, NEW.number, NEW.issued_on, NEW.amount, NEW.currency, NEW.recorded_at)
       IS DISTINCT FROM
       (OLD.entity_id, OLD.customer_id, OLD.kind, OLD.number, OLD.issued_on, OLD.amount, OLD.currency, OLD.recorded_at)
    THEN
        RAISE EXCEPTION 'invoice_facts_stay: an issued invoice is corrected by a new document'
            {RAISE} 'invoice_facts_stay';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER invoice_facts_stay BEFORE INSERT OR UPDATE ON ledger_invoice
    FOR EACH ROW EXECUTE FUNCTION ledger_invoice_facts_stay();

CREATE FUNCTION ledger_payment_facts_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.allocated <> 0 THEN
            RAISE EXCEPTION 'payment_allocated_follows_its_rows: a new payment has nothing allocated'
                {RAISE} 'payment_allocated_follows_its_rows';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.allocated <> OLD.allocated AND pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'payment_allocated_follows_its_rows: add an allocation instead'
            {RAISE} 'payment_allocated_follows_its_rows';
    END IF;
    IF (NEW.entity_id, NEW.identity, NEW.received_on, NEW.amount, NEW.currency, NEW.recorded_at)
       IS DISTINCT FROM
       (OLD.entity_id, OLD.identity, OLD.received_on, OLD.amount, OLD.currency, OLD.recorded_at)
    THEN
        RAISE EXCEPTION 'payment_facts_stay: a recorded payment does not change'
            {RAISE} 'payment_facts_stay';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER payment_facts_stay BEFORE INSERT OR UPDATE ON ledger_payment
    FOR EACH ROW EXECUTE FUNCTION ledger_payment_facts_stay();
"""

BACKWARD = """
DROP TRIGGER payment_facts_stay ON ledger_payment;
DROP FUNCTION ledger_payment_facts_stay();
DROP TRIGGER invoice_facts_stay ON ledger_invoice;
DROP FUNCTION ledger_invoice_facts_stay();
DROP TRIGGER allocation_is_append_only ON ledger_allocation;
DROP FUNCTION ledger_allocation_is_append_only();
DROP TRIGGER allocation_is_placed ON ledger_allocation;
DROP FUNCTION ledger_place_allocations();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_ledger")]
    operations = [migrations.RunSQL(PLACE + APPEND_ONLY + FACTS, BACKWARD)]
