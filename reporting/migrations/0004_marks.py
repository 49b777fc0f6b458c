"""Marks: what changed in the ledger, and from which day on it counts. Written by the database, whoever changes rows."""

from django.db import migrations

MARKS = """
CREATE FUNCTION reporting_mark_invoices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reporting_ledgermark (entity_id, since)
        SELECT entity_id, min(issued_on) FROM changed WHERE kind = 'invoice' GROUP BY 1;
    RETURN NULL;
END $$;
CREATE TRIGGER invoices_mark_days AFTER INSERT ON ledger_invoice
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION reporting_mark_invoices();
CREATE TRIGGER gone_invoices_mark_days AFTER DELETE ON ledger_invoice
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION reporting_mark_invoices();

-- The only fact of an invoice that can change. A row trigger of that column costs other updates nothing.
CREATE FUNCTION reporting_mark_due_date() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reporting_ledgermark (entity_id, since) VALUES (NEW.entity_id, NEW.issued_on);
    RETURN NULL;
END $$;
CREATE TRIGGER due_dates_mark_days AFTER UPDATE OF due_on ON ledger_invoice
    FOR EACH ROW WHEN (OLD.due_on IS DISTINCT FROM NEW.due_on) EXECUTE FUNCTION reporting_mark_due_date();

CREATE FUNCTION reporting_mark_allocations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reporting_ledgermark (entity_id, since)
        SELECT i.entity_id, min(greatest(c.allocated_on, i.issued_on))
        FROM changed c JOIN ledger_invoice i ON i.id = c.invoice_id GROUP BY 1;
    RETURN NULL;
END $$;
CREATE TRIGGER allocations_mark_days AFTER INSERT ON ledger_allocation
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION reporting_mark_allocations();
CREATE TRIGGER gone_allocations_mark_days AFTER DELETE ON ledger_allocation
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION reporting_mark_allocations();

CREATE FUNCTION reporting_mark_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reporting_ledgermark (entity_id, since)
        SELECT d.entity_id, min(c.opened_on) FROM changed c JOIN disputes_dispute d ON d.id = c.dispute_id GROUP BY 1;
    RETURN NULL;
END $$;
CREATE TRIGGER lines_mark_days AFTER INSERT ON disputes_disputeline
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION reporting_mark_lines();
CREATE TRIGGER gone_lines_mark_days AFTER DELETE ON disputes_disputeline
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION reporting_mark_lines();

-- A line that is closed changes the days from its closing on; anything else of it, all its days.
CREATE FUNCTION reporting_mark_changed_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reporting_ledgermark (entity_id, since)
        SELECT d.entity_id, min(CASE
            WHEN (was.opened_on, was.amount, was.invoice_id) = (now.opened_on, now.amount, now.invoice_id)
            THEN least(was.closed_on, now.closed_on) ELSE least(was.opened_on, now.opened_on) END)
        FROM was JOIN now ON now.id = was.id JOIN disputes_dispute d ON d.id = now.dispute_id
        WHERE (was.opened_on, was.amount, was.invoice_id, was.closed_on)
            IS DISTINCT FROM (now.opened_on, now.amount, now.invoice_id, now.closed_on) GROUP BY 1;
    RETURN NULL;
END $$;
CREATE TRIGGER changed_lines_mark_days AFTER UPDATE ON disputes_disputeline REFERENCING OLD TABLE AS was NEW TABLE AS now
    FOR EACH STATEMENT EXECUTE FUNCTION reporting_mark_changed_lines();

CREATE FUNCTION reporting_mark_rates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reporting_ledgermark (entity_id, since) SELECT NULL, min("on") FROM changed HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER rates_mark_days AFTER INSERT ON ledger_exchangerate
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION reporting_mark_rates();
CREATE TRIGGER changed_rates_mark_days AFTER UPDATE ON ledger_exchangerate
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION reporting_mark_rates();
CREATE TRIGGER gone_rates_mark_days AFTER DELETE ON ledger_exchangerate
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION reporting_mark_rates();

-- Figures go by whom a customer belongs to today: when that changes, all days by it change.
CREATE FUNCTION reporting_mark_customer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reporting_ledgermark (entity_id, since, dim) SELECT NEW.entity_id, '0001-01-02', dim
    FROM (VALUES ('salesperson', OLD.salesperson_id IS DISTINCT FROM NEW.salesperson_id),
                 ('segment', OLD.segment <> NEW.segment), ('country', OLD.country <> NEW.country)) AS v (dim, changed)
    WHERE v.changed;
    RETURN NULL;
END $$;
CREATE TRIGGER customers_mark_days AFTER UPDATE OF salesperson_id, segment, country ON ledger_customer
    FOR EACH ROW WHEN ((OLD.salesperson_id, OLD.segment, OLD.country)
        IS DISTINCT FROM (NEW.salesperson_id, NEW.segment, NEW.country)) EXECUTE FUNCTION reporting_mark_customer();

CREATE FUNCTION reporting_mark_portfolios() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reporting_ledgermark (entity_id, since, dim)
        SELECT DISTINCT c.entity_id, '0001-01-02'::date, 'collector'
        FROM changed p JOIN ledger_customer c ON c.id = p.customer_id;
    RETURN NULL;
END $$;
CREATE TRIGGER portfolios_mark_days AFTER INSERT ON collections_app_portfolio
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION reporting_mark_portfolios();
CREATE TRIGGER changed_portfolios_mark_days AFTER UPDATE ON collections_app_portfolio
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION reporting_mark_portfolios();
CREATE TRIGGER gone_portfolios_mark_days AFTER DELETE ON collections_app_portfolio
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION reporting_mark_portfolios();
"""

TABLES = {
    "ledger_invoice": ("invoices_mark_days", "gone_invoices_mark_days", "due_dates_mark_days"),
    "ledger_allocation": ("allocations_mark_days", "gone_allocations_mark_days"),
    "disputes_disputeline": ("lines_mark_days", "gone_lines_mark_days", "changed_lines_mark_days"),
    "ledger_exchangerate": ("rates_mark_days", "changed_rates_mark_days", "gone_rates_mark_days"),
    "ledger_customer": ("customers_mark_days",),
    "collections_app_portfolio": (
        "portfolios_mark_days",
        "changed_portfolios_mark_days",
        "gone_portfolios_mark_days",
    ),
}
FUNCTIONS = (
    "invoices", "due_date", "allocations", "lines", "changed_lines", "rates", "customer", "portfolios",
)  # fmt: skip
GONE = "".join(
    f"DROP TRIGGER {name} ON {table};" for table, names in TABLES.items() for name in names
) + "".join(f"DROP FUNCTION reporting_mark_{name}();" for name in FUNCTIONS)


class Migration(migrations.Migration):
    """Triggers on the tables a position is made of."""

    dependencies = [
        ("reporting", "0003_days_kept"),
        ("ledger", "0014_addresses_that_do_not_work"),
        ("disputes", "0033_outcomes_told"),
        ("collections_app", "0023_what_left_when"),
    ]

    operations = [migrations.RunSQL(MARKS, GONE)]
