"""Whoever deals with a document is a contact of its customer."""

from django.db import migrations

RAISE = "USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT ="

FORWARD = f"""
CREATE FUNCTION ledger_invoice_contact_is_of_customer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ledger_contact WHERE id = NEW.contact_id AND customer_id <> NEW.customer_id) THEN
        RAISE EXCEPTION 'invoice_contact_is_of_customer: the contact belongs to another customer'
            {RAISE} 'invoice_contact_is_of_customer';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER invoice_contact_is_of_customer BEFORE INSERT OR UPDATE OF contact_id ON ledger_invoice
    FOR EACH ROW WHEN (NEW.contact_id IS NOT NULL) EXECUTE FUNCTION ledger_invoice_contact_is_of_customer();

CREATE FUNCTION ledger_contact_stays_with_customer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ledger_invoice WHERE contact_id = NEW.id) THEN
        RAISE EXCEPTION 'invoice_contact_is_of_customer: the contact deals with invoices of its customer'
            {RAISE} 'invoice_contact_is_of_customer';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER contact_stays_with_customer BEFORE UPDATE OF customer_id ON ledger_contact
    FOR EACH ROW WHEN (NEW.customer_id <> OLD.customer_id) EXECUTE FUNCTION ledger_contact_stays_with_customer();
"""
BACKWARD = """
DROP TRIGGER contact_stays_with_customer ON ledger_contact;
DROP FUNCTION ledger_contact_stays_with_customer();
DROP TRIGGER invoice_contact_is_of_customer ON ledger_invoice;
DROP FUNCTION ledger_invoice_contact_is_of_customer();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0015_invoice_contacts")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
