"""Finds the customers of staged parties, and makes those that nobody knows yet. All in sets."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from ledger.intake.fill import FILL
from ledger.intake.parties import CODE_KEY_SQL, TAX_KEY_SQL

EXACT_CODE = """
UPDATE intake_party p SET customer_id = c.id FROM ledger_customer c
WHERE c.entity_id = %(entity)s AND p.customer_id IS NULL AND p.code <> '' AND c.code = p.code
"""
CODE = """
UPDATE intake_party p SET customer_id = c.id FROM (
    SELECT {code_key} AS key, min(id) AS id FROM ledger_customer
    WHERE entity_id = %(entity)s GROUP BY 1) c
WHERE p.customer_id IS NULL AND p.code_key <> '' AND c.key = p.code_key
"""
# A party without code is matched by tax id; one with a code only to a customer whose code was made from its tax id.
TAX = """
UPDATE intake_party p SET customer_id = c.id FROM (
    SELECT DISTINCT ON (p.id) p.id AS party_id, k.id
    FROM intake_party p JOIN (
        SELECT id, code, name_key, {tax_key} AS key FROM ledger_customer
        WHERE entity_id = %(entity)s AND tax_id <> '') k ON k.key = p.tax_key
    WHERE p.customer_id IS NULL AND p.tax_key <> ''
      AND (p.code = '' OR {tax_key_of_code} = k.key)
    ORDER BY p.id, k.name_key <> p.name_key, k.id) c
WHERE p.id = c.party_id
"""
ENDPOINT = """
UPDATE intake_party p SET customer_id = c.id FROM (
    SELECT min(id) AS id, endpoint FROM ledger_customer
    WHERE entity_id = %(entity)s AND endpoint <> '' GROUP BY endpoint) c
WHERE p.customer_id IS NULL AND p.code = '' AND p.endpoint = c.endpoint
"""
ENDPOINT_IS_CODE = """
UPDATE intake_party p SET customer_id = c.id FROM ledger_customer c
WHERE c.entity_id = %(entity)s AND p.customer_id IS NULL AND p.code = '' AND p.endpoint <> '' AND c.code = p.endpoint
"""
# The same name with another tax id, or another address without tax ids to tell, is another customer.
NAME = """
UPDATE intake_party p SET customer_id = c.id FROM (
    SELECT DISTINCT ON (p.id) p.id AS party_id, k.id
    FROM intake_party p JOIN ledger_customer k ON k.name_key = p.name_key AND k.entity_id = %(entity)s
    WHERE p.customer_id IS NULL AND p.code = '' AND p.name_key <> ''
      AND (p.tax_key = '' OR k.tax_id = '' OR {tax_key_of_k} = p.tax_key)
    ORDER BY p.id, k.id) c
WHERE p.id = c.party_id
"""
STILL = "SELECT 1 FROM intake_party WHERE customer_id IS NULL LIMIT 1"
KEYS = {
    "code_key": CODE_KEY_SQL.format("code"),
    "tax_key": TAX_KEY_SQL.format("tax_id"),
    "tax_key_of_code": TAX_KEY_SQL.format("k.code"),
    "tax_key_of_k": TAX_KEY_SQL.format("k.tax_id"),
}
FIND = tuple(text.format(**KEYS) for text in (EXACT_CODE, CODE, TAX, ENDPOINT, ENDPOINT_IS_CODE, NAME))
CREATE = """
INSERT INTO ledger_customer (entity_id, code, name, name_key, tax_id, endpoint, country, language, segment, email,
                             address, batch_id, recorded_at)
SELECT DISTINCT ON ({key}) %(entity)s, left({code}, 60), coalesce(nullif(name, ''), nullif(code, ''), {code}),
       coalesce(nullif(name_key, ''), lower(coalesce(nullif(code, ''), {code}))), tax_id, endpoint, country,
       %(language)s, 'standard', email, '', %(batch)s, %(at)s
FROM intake_party WHERE customer_id IS NULL AND {key} <> ''
ORDER BY {key}, length(name) DESC, id
ON CONFLICT (entity_id, code) DO NOTHING
"""
# What a customer is called when the file gives no code: tax id, else e-invoice address, else the name.
NEW = (
    ("code_key", "code"),
    ("tax_key", "tax_key"),
    ("endpoint", "endpoint"),
    (
        "name_key",
        "CASE WHEN length(name_key) <= 60 THEN upper(name_key) ELSE upper(left(name_key, 51)) || '-' || "
        "left(md5(name_key), 8) END",
    ),
)
UNKNOWN_SALESPEOPLE = """
SELECT count(DISTINCT d.salesperson) FROM intake_row d
WHERE d.salesperson <> '' AND NOT EXISTS (
    SELECT 1 FROM accounts_user u JOIN accounts_membership m ON m.user_id = u.id AND m.entity_id = %(entity)s
    WHERE lower(u.email) = d.salesperson)
"""


def find_customers(*, entity_id: int, batch_id: int, language: str, at: datetime) -> int:
    """Give every staged party its customer; the number of salespeople named but not known."""
    params: dict[str, Any] = {
        "entity": entity_id,
        "batch": batch_id,
        "language": language,
        "at": at,
    }
    with connection.cursor() as cursor:
        for key, code in NEW:
            if _find(cursor, params):
                cursor.execute(CREATE.format(key=key, code=code), params)
        _find(cursor, params)
        for statement in FILL:
            cursor.execute(statement, params)
        cursor.execute(UNKNOWN_SALESPEOPLE, params)
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _find(cursor: CursorWrapper, params: dict[str, Any]) -> bool:
    """Look for the customers of parties that have none yet; whether some are still without."""
    for statement in FIND:
        cursor.execute(STILL)
        if not cursor.fetchone():
            return False
        cursor.execute(statement, params)
    cursor.execute(STILL)
    return bool(cursor.fetchone())
