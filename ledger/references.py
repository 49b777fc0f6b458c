"""Structured creditor references (ISO 11649, `RF..`): made for letters, and read again when the money comes.

One invoice has the letters and digits of its number inside; a customer, for what is paid together, has `K` and our
key. Both follow from what they name: asked twice, they are the same, and nothing has to be stored.
"""

from __future__ import annotations

import re

from stdnum import iso11649
from stdnum.iso7064 import mod_97_10

from ledger.bank.matching_text import keys

LONGEST = 21
CUSTOMER = re.compile(r"K([0-9]{1,18})")
# Banks that know no structured reference pass it on in the text, sometimes in blocks of four.
TOGETHER = re.compile(r"\bRF[0-9]{2}[0-9A-Z]{1,21}\b")
IN_BLOCKS = re.compile(r"\bRF[0-9]{2}(?: [0-9A-Z]{4}\b){0,5}(?: [0-9A-Z]{1,4}\b)?")


def make(inside: str) -> str:
    """The reference around letters and digits; empty when they are none or more than 21."""
    if not inside or len(inside) > LONGEST or not inside.isascii() or not inside.isalnum():
        return ""
    inside = inside.upper()
    return f"RF{mod_97_10.calc_check_digits(inside + 'RF')}{inside}"


def of_invoice(number: str) -> str:
    """The reference of one invoice; empty for a number that does not fit."""
    inside = keys(number)[0]
    return "" if CUSTOMER.fullmatch(inside) else make(inside)


def of_customer(customer_id: int) -> str:
    """The reference of whatever a customer pays together."""
    return make(f"K{customer_id}")


def shown(reference: str) -> str:
    """In blocks of four, as people copy it."""
    return str(iso11649.format(reference)) if reference else ""


def found_in(*texts: str) -> list[str]:
    """The valid references in these texts."""
    found: list[str] = []
    for text in map(str.upper, texts):
        words = [match.group() for match in TOGETHER.finditer(text)]
        for match in IN_BLOCKS.finditer(text):
            blocks = match.group().split(" ")
            # What follows it may look like one more block.
            words += ["".join(blocks[:end]) for end in range(len(blocks), 1, -1)]
        found += [word for word in words if iso11649.is_valid(word)]
    return list(dict.fromkeys(found))


def customer_in(reference: str) -> int | None:
    """The customer whose reference it is."""
    plain = reference.replace(" ", "").upper()
    inside = CUSTOMER.fullmatch(plain[4:]) if iso11649.is_valid(plain) else None
    return int(inside[1]) if inside else None
