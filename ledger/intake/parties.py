"""How parties are recognised: by code, tax id, e-invoice address, name. Each has a key that ignores its spelling."""

import re

from lib.text import fold

NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Z]+")

# The same keys in SQL, for the customers that are recorded already.
CODE_KEY_SQL = (
    "CASE WHEN {0} ~ '^[0-9]+$' THEN coalesce(nullif(ltrim({0}, '0'), ''), '0') ELSE upper({0}) END"
)
TAX_KEY_SQL = "regexp_replace(upper({0}), '[^0-9A-Z]', '', 'g')"


def code_key(code: str) -> str:
    """A customer code; numbers lose leading zeros, which some systems write and others do not."""
    return (code.lstrip("0") or "0") if code.isascii() and code.isdigit() else code.upper()


def tax_key(tax_id: str) -> str:
    """A tax id without blanks, dots and dashes."""
    return NOT_ALPHANUMERIC.sub("", tax_id.upper())


def tax_keys(tax_id: str, country: str) -> tuple[str, ...]:
    """A tax id as it may be written: as it is, with its country before it, and without. Empty for none."""
    key, country = tax_key(tax_id), country.upper()
    if not key or len(country) != 2:
        return (key,) if key else ()
    bare = key.removeprefix(country)
    return (key, bare) if bare != key else (key, country + key)


def name_key(name: str) -> str:
    """A name as Customer.name_key has it."""
    return fold(name)[:250]
