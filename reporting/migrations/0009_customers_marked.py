"""Marks of customers: whose part of the aging changed. Written by the database, whoever changes rows.

A statement that touches more than `MOST` customers of an entity writes one mark for all of them.
"""

from django.db import migrations

MOST = 2_000

# Who is behind the rows of a statement: `changed` holds them.
OF_INVOICES = "SELECT DISTINCT entity_id, customer_id FROM changed"
OF_ALLOCATIONS = """
        SELECT i.entity_id, i.customer_id FROM changed JOIN ledger_invoice i ON i.id = changed.invoice_id
        UNION SELECT i.entity_id, i.customer_id FROM changed JOIN ledger_invoice i ON i.id = changed.credit_note_id
        UNION SELECT p.entity_id, p.customer_id FROM changed JOIN ledger_payment p ON p.id = changed.payment_id"""
OF_RETURNS = """
        SELECT DISTINCT p.entity_id, p.customer_id FROM changed JOIN ledger_payment p ON p.id = changed.payment_id"""
OF_LINES = """
        SELECT DISTINCT i.entity_id, i.customer_id FROM changed JOIN ledger_invoice i ON i.id = changed.invoice_id"""
OF_CHANGED_LINES = """
        SELECT i.entity_id, i.customer_id FROM was JOIN ledger_invoice i ON i.id = was.invoice_id
        UNION SELECT i.entity_id, i.customer_id FROM now JOIN ledger_invoice i ON i.id = now.invoice_id"""
# Portfolios and segments have one row for each customer.
OF_CUSTOMERS = """
        SELECT c.entity_id, c.id AS customer_id FROM changed JOIN ledger_customer c ON c.id = changed.customer_id"""
OF_CHANGED_SEGMENTS = """
        SELECT c.entity_id, c.id AS customer_id FROM now JOIN was USING (customer_id)
        JOIN ledger_customer c ON c.id = now.customer_id WHERE now.segment IS DISTINCT FROM was.segment"""
OF_CHANGED_PORTFOLIOS = OF_CHANGED_SEGMENTS.replace("segment", "collector_id")

STATEMENT = """
CREATE FUNCTION reporting_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH touched AS MATERIALIZED ({who}),
    many AS (SELECT entity_id FROM touched GROUP BY 1 HAVING count(*) > {most})
    INSERT INTO reporting_customermark (entity_id, customer_id)
        SELECT entity_id, customer_id FROM touched WHERE entity_id NOT IN (SELECT entity_id FROM many)
        UNION ALL SELECT entity_id, NULL FROM many;
    RETURN NULL;
END $$;
"""
TRIGGER = """
CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {rows} FOR EACH STATEMENT EXECUTE FUNCTION reporting_{function}();
"""
ROW = """
CREATE FUNCTION reporting_mark_one_customer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reporting_customermark (entity_id, customer_id) VALUES (NEW.entity_id, NEW.customer_id);
    RETURN NULL;
END $$;
CREATE FUNCTION reporting_mark_payer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reporting_customermark (entity_id, customer_id)
        VALUES (OLD.entity_id, OLD.customer_id), (NEW.entity_id, NEW.customer_id);
    RETURN NULL;
END $$;
CREATE FUNCTION reporting_mark_moved_customer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reporting_customermark (entity_id, customer_id) VALUES (NEW.entity_id, NEW.id);
    RETURN NULL;
END $$;
-- Row triggers of single columns: other updates of these tables cost nothing.
CREATE TRIGGER due_dates_mark_customer AFTER UPDATE OF due_on ON ledger_invoice FOR EACH ROW
    WHEN (OLD.due_on IS DISTINCT FROM NEW.due_on) EXECUTE FUNCTION reporting_mark_one_customer();
CREATE TRIGGER payers_mark_customer AFTER UPDATE OF customer_id ON ledger_payment FOR EACH ROW
    WHEN (OLD.customer_id IS DISTINCT FROM NEW.customer_id) EXECUTE FUNCTION reporting_mark_payer();
CREATE TRIGGER moved_customers_mark AFTER UPDATE OF salesperson_id, segment, country ON ledger_customer FOR EACH ROW
    WHEN ((OLD.salesperson_id, OLD.segment, OLD.country)
        IS DISTINCT FROM (NEW.salesperson_id, NEW.segment, NEW.country)) EXECUTE FUNCTION reporting_mark_moved_customer();
"""
ROW_GONE = """
DROP TRIGGER due_dates_mark_customer ON ledger_invoice;
DROP TRIGGER payers_mark_customer ON ledger_payment;
DROP TRIGGER moved_customers_mark ON ledger_customer;
DROP FUNCTION reporting_mark_one_customer();
DROP FUNCTION reporting_mark_payer();
DROP FUNCTION reporting_mark_moved_customer();
"""

NEW, OLD, BOTH = "NEW TABLE AS changed", "OLD TABLE AS changed", "OLD TABLE AS was NEW TABLE AS now"
# Function: who, then table and the events that call it with their rows.
FUNCTIONS: dict[str, tuple[str, str, dict[str, str]]] = {
    "invoices_mark_customers": (OF_INVOICES, "ledger_invoice", {"INSERT": NEW, "DELETE": OLD}),
    "payments_mark_customers": (OF_INVOICES, "ledger_payment", {"INSERT": NEW, "DELETE": OLD}),
    "allocations_mark_customers": (OF_ALLOCATIONS, "ledger_allocation", {"INSERT": NEW, "DELETE": OLD}),
    "returns_mark_customers": (OF_RETURNS, "ledger_paymentreturn", {"INSERT": NEW}),
    "lines_mark_customers": (OF_LINES, "disputes_disputeline", {"INSERT": NEW, "DELETE": OLD}),
    "changed_lines_mark_customers": (OF_CHANGED_LINES, "disputes_disputeline", {"UPDATE": BOTH}),
    "portfolios_mark_customers": (OF_CUSTOMERS, "collections_app_portfolio", {"INSERT": NEW, "DELETE": OLD}),
    "changed_portfolios_mark": (OF_CHANGED_PORTFOLIOS, "collections_app_portfolio", {"UPDATE": BOTH}),
    "segments_mark_customers": (
        OF_CUSTOMERS,
        "collections_app_effectivesegment",
        {"INSERT": NEW, "DELETE": OLD},
    ),
    "changed_segments_mark": (OF_CHANGED_SEGMENTS, "collections_app_effectivesegment", {"UPDATE": BOTH}),
}


def _made() -> str:
    parts = [ROW]
    for function, (who, table, events) in FUNCTIONS.items():
        parts.append(STATEMENT.format(name=function, who=who, most=MOST))
        for event, rows in events.items():
            name = f"gone_{function}" if event == "DELETE" else function
            parts.append(TRIGGER.format(name=name, event=event, table=table, rows=rows, function=function))
    return "".join(parts)


def _gone() -> str:
    parts = [ROW_GONE]
    for function, (_who, table, events) in FUNCTIONS.items():
        for event in events:
            name = f"gone_{function}" if event == "DELETE" else function
            parts.append(f"DROP TRIGGER {name} ON {table};")
        parts.append(f"DROP FUNCTION reporting_{function}();")
    return "".join(parts)


class Migration(migrations.Migration):
    """Triggers on the tables a customer's part of the aging is made of."""

    dependencies = [
        ("reporting", "0008_aging_kept"),
        ("ledger", "0014_addresses_that_do_not_work"),
        ("disputes", "0033_outcomes_told"),
        ("collections_app", "0023_what_left_when"),
    ]

    operations = [migrations.RunSQL(_made(), _gone())]
