"""Tells the structured bank files apart by what is in them, never by their name."""

import re

from ledger.intake.peek import Peek

ISO_20022 = "urn:iso:std:iso:20022:tech:xsd:"
MT_FIELD = re.compile(r"^\s*:(20|25P?|28C?|34F|60[FM]|61|62[FM]|90[CD]):", re.MULTILINE)
MT_MESSAGE = re.compile(r"\{2:[IO]94([02])")
NORMA43 = re.compile(r"11\d{4}[\d ]{14}\d{6}\d{6}\S\d{14}\d{3}")
CFONB = re.compile(r"01\d{5}.{4}[\d ]{5}[A-Z]{3}[\d ].[0-9A-Z ]{11}.{2}\d{6}.{50}[\d ]{13}[A-R{}éè\d]")


def _message(peek: Peek, element: str, name: str) -> bool:
    if not peek.text.startswith("<"):
        return False
    found = re.search(rf"<(?:[\w.\-]+:)?{element}(?:V\d+)?[\s/>]", peek.text)
    return found is not None or f"{ISO_20022}{name}." in peek.root[0]


def is_camt_052(peek: Peek) -> bool:
    """A report of the running day."""
    return _message(peek, "BkToCstmrAcctRpt", "camt.052")


def is_camt_053(peek: Peek) -> bool:
    """A statement."""
    return _message(peek, "BkToCstmrStmt", "camt.053")


def is_camt_054(peek: Peek) -> bool:
    """A notification of credits and debits."""
    return _message(peek, "BkToCstmrDbtCdtNtfctn", "camt.054")


def is_iso_20022(peek: Peek) -> bool:
    """Another message of ISO 20022, such as a payment order: the reader says what it is."""
    return peek.root[1] == "Document" and peek.root[0].startswith(ISO_20022)


def is_mt940(peek: Peek) -> bool:
    """A customer statement of SWIFT."""
    return _is_mt(peek) and not is_mt942(peek)


def is_mt942(peek: Peek) -> bool:
    """An interim report of SWIFT: it has no balances."""
    message = MT_MESSAGE.search(peek.text)
    if message and _is_mt(peek):
        return message[1] == "2"
    fields = set(MT_FIELD.findall(peek.text))
    return _is_mt(peek) and not any(field.startswith(("60", "62")) for field in fields)


def _is_mt(peek: Peek) -> bool:
    """An account, and a line or a balance."""
    fields = set(MT_FIELD.findall(peek.text))
    return bool(fields & {"25", "25P"}) and bool(fields - {"20", "25", "25P"})


def is_norma43(peek: Peek) -> bool:
    """The first record is the head of an account."""
    first = peek.text.split("\n", 1)[0]
    return bool(NORMA43.match(first) or (first.startswith("00") and re.search(r"\n\s*11\d{18}", peek.text)))


def is_cfonb(peek: Peek) -> bool:
    """The first record is an old balance."""
    return bool(CFONB.match(peek.text))


def is_ofx(peek: Peek) -> bool:
    """OFX 1 has a header of its own, OFX 2 is XML; some files have only the element."""
    text = peek.text.lstrip()
    head = text[:4000].upper()
    return head.startswith(("OFXHEADER", "<OFX>")) or peek.root[1].upper() == "OFX"
