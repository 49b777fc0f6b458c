"""Phone numbers as SMS services want them."""

from __future__ import annotations

import phonenumbers


def e164(number: str, country: str) -> str:
    """The number in international form, read as one of `country`; empty for one that cannot be dialled."""
    try:
        parsed = phonenumbers.parse(number, country or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(parsed):
        return ""
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


# What may receive an SMS; some countries do not tell mobile from fixed numbers.
MOBILE = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}


def mobile(number: str, country: str) -> str:
    """As `e164`, and empty for a number that takes no SMS."""
    found = e164(number, country)
    return found if found and phonenumbers.number_type(phonenumbers.parse(found)) in MOBILE else ""
