"""An allocation may be deleted by the undo of the import that made it, and by nothing else."""

from django.db import migrations

RAISE = "USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT ="

# The setting `ledger.undo_batch` holds for one transaction. It opens the door only for what the named import itself
# placed: at the moment it recorded the payment, by nobody's hand, not taken back since; and only while the import is
# younger than a day (and an hour, for clocks that differ). Undone imports do not come back.
FORWARD = f"""
CREATE OR REPLACE FUNCTION ledger_allocation_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('ledger.undo_batch', true) <> '' AND EXISTS (
        SELECT 1 FROM ledger_payment p JOIN ledger_importbatch b ON b.id = p.batch_id
        WHERE p.id = OLD.payment_id AND b.id::text = current_setting('ledger.undo_batch', true)
          AND b.status IN ('done', 'partly') AND b.finished_at > now() - interval '25 hours'
          AND OLD.reverses_id IS NULL AND OLD.by_id IS NULL AND OLD.recorded_at = p.recorded_at
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'allocation_is_append_only: reverse an allocation instead of changing it'
        {RAISE} 'allocation_is_append_only';
END $$;

-- What an undo removes leaves the stored sums too.
CREATE FUNCTION ledger_unplace_allocations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ledger_invoice i SET allocated = i.allocated - s.total
        FROM (SELECT id, sum(amount) AS total FROM (
                  SELECT invoice_id AS id, amount FROM removed
                  UNION ALL SELECT credit_note_id, amount FROM removed WHERE credit_note_id IS NOT NULL) u
              GROUP BY id) s
        WHERE i.id = s.id;
    UPDATE ledger_payment p SET allocated = p.allocated - s.total
        FROM (SELECT payment_id AS id, sum(amount) AS total FROM removed
              WHERE payment_id IS NOT NULL GROUP BY payment_id) s
        WHERE p.id = s.id;
    RETURN NULL;
END $$;

CREATE TRIGGER allocation_is_unplaced AFTER DELETE ON ledger_allocation
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION ledger_unplace_allocations();
"""
BACKWARD = f"""
DROP TRIGGER allocation_is_unplaced ON ledger_allocation;
DROP FUNCTION ledger_unplace_allocations();
CREATE OR REPLACE FUNCTION ledger_allocation_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'allocation_is_append_only: reverse an allocation instead of changing it'
        {RAISE} 'allocation_is_append_only';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_notices")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
