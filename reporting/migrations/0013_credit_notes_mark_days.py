"""Sales are kept by day: a credit note changes those of its day. What is kept is kept anew, with its sales."""

from django.db import migrations

MARK = """
CREATE OR REPLACE FUNCTION reporting_mark_invoices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reporting_ledgermark (entity_id, since) SELECT entity_id, min(issued_on) FROM changed {of} GROUP BY 1;
    RETURN NULL;
END $$;
"""
FORWARD = MARK.format(of="") + "DELETE FROM reporting_dayskept;"
BACKWARD = MARK.format(of="WHERE kind = 'invoice'")


class Migration(migrations.Migration):
    """Documents of both kinds mark their day."""

    dependencies = [("reporting", "0012_sales_kept")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
