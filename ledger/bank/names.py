"""Names of payers as banks write them: cut, in capitals, without accents, with or without the legal form. Pure."""

import re
from difflib import SequenceMatcher

from lib.text import fold

WORD = re.compile(r"[a-z0-9]+")
LEGAL = frozenset(
    {
        *(
            "sa",
            "sl",
            "slu",
            "sau",
            "sll",
            "slp",
            "sc",
            "scoop",
            "coop",
            "cb",
            "sas",
            "sasu",
            "sarl",
            "eurl",
            "snc",
        ),
        *(
            "sci",
            "gmbh",
            "ag",
            "kg",
            "ohg",
            "ug",
            "ev",
            "eg",
            "ek",
            "mbh",
            "co",
            "ltd",
            "limited",
            "plc",
            "llc",
            "inc",
        ),
        *(
            "corp",
            "bv",
            "nv",
            "spa",
            "srl",
            "lda",
            "ab",
            "as",
            "oy",
            "aps",
            "cia",
            "compania",
            "sociedad",
            "limitada",
        ),
        *(
            "anonima",
            "societe",
            "the",
            "de",
            "del",
            "la",
            "el",
            "los",
            "las",
            "y",
            "et",
            "und",
            "and",
            "e",
            "i",
        ),
    }
)
CUT_AT = 24  # banks cut names; what is shorter is whole
CLOSE = 0.88


def core(name: str) -> tuple[str, ...]:
    """The words that tell the company: without legal form, single letters and small words."""
    words = [word for word in WORD.findall(fold(name)) if len(word) > 1 or word.isdigit()]
    kept = tuple(word for word in words if word not in LEGAL)
    return kept or tuple(words)


def likeness(said: str, known: str) -> int:
    """How sure it is that the bank's name means the customer's: 0 to 80."""
    one, two = core(said), core(known)
    if not one or not two:
        return 0
    if one == two or set(one) == set(two):
        return 80
    whole, other = " ".join(one), " ".join(two)
    shorter, longer = sorted((whole, other), key=len)
    if len(shorter) >= CUT_AT and longer.startswith(shorter):
        return 70
    shared = set(one) & set(two)
    if shared in (set(one), set(two)) and (len(shared) > 1 or len(next(iter(shared))) >= 7):
        return 62
    if len(shorter) >= 8 and SequenceMatcher(None, whole, other).ratio() >= CLOSE:
        return 58
    return 0


def prefix(name: str) -> str:
    """How the names that may be meant begin, for a search: the first word that tells something."""
    words = core(name)
    return words[0] if words and len(words[0]) > 2 else ""
