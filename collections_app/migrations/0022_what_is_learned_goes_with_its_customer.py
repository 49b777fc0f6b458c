"""What is worked out about a customer never keeps the customer: an import that is undone takes both away."""

from django.db import migrations

CASCADE = """
DO $$
DECLARE found record;
BEGIN
    FOR found IN SELECT conname, conrelid::regclass AS owner FROM pg_constraint
        WHERE contype = 'f' AND confrelid = 'ledger_customer'::regclass AND conrelid IN (
            'collections_app_behaviour'::regclass, 'collections_app_effectivesegment'::regclass)
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.owner, found.conname);
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I FOREIGN KEY (customer_id) REFERENCES ledger_customer (id)'
            ' ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED', found.owner, found.conname);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("collections_app", "0021_segments_and_behaviour")]

    operations = [migrations.RunSQL(CASCADE, migrations.RunSQL.noop)]
