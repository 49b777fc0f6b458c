"""The alphabet of SMS: 160 characters in one message, 153 in each part of a longer one; 70 and 67 in any other."""

from __future__ import annotations

import unicodedata

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
# These take two places.
EXTENDED = frozenset("^{}\\[~]|€")
SPELLED = {
    "’": "'",
    "‘": "'",
    "“": '"',
    "”": '"',
    "«": '"',
    "»": '"',
    "–": "-",
    "—": "-",
    "…": "...",
    "·": "-",
}
ONE, PART = 160, 153


def spell(text: str) -> str:
    """The text in the alphabet of SMS where that loses nothing but accents; as it is when it does."""
    spelled = "".join(_spell(sign) for sign in text)
    return spelled if length(spelled) is not None else text


def _spell(sign: str) -> str:
    if sign in BASIC or sign in EXTENDED:
        return sign
    if sign in SPELLED:
        return SPELLED[sign]
    if sign.isspace():
        return " "
    bare = unicodedata.normalize("NFKD", sign)[:1]
    return bare if bare in BASIC else sign


def length(text: str) -> int | None:
    """How many places the text takes in the alphabet of SMS; None when it cannot be written in it."""
    if not set(text) <= BASIC | EXTENDED:
        return None
    return sum(2 if sign in EXTENDED else 1 for sign in text)


def room_for(text: str, *, parts: int = 2) -> int:
    """How many characters of this kind of text so many parts hold."""
    if length(text) is None:
        return 70 if parts == 1 else 67 * parts
    return ONE if parts == 1 else PART * parts


def shorten(text: str, end: str, *, parts: int = 2) -> str:
    """`text` and then `end` (a link), the text cut so that all of it fits into so many parts."""
    text, end = spell(text), f" {end}" if end else ""
    for limit in (room_for(text + end, parts=1), room_for(text + end, parts=parts)):
        whole = text + end
        size = length(whole)
        if (len(whole) if size is None else size) <= limit:
            return whole
    size_of = (lambda words: length(words) or 0) if length(text + end) is not None else len
    while text and size_of(text + "..." + end) > limit:
        text = text[:-1]
    return text.rstrip() + "..." + end


def parts(text: str) -> int:
    """How many messages carry the text: the service counts, and bills, each of them."""
    size = length(text)
    one, each = (ONE, PART) if size is not None else (70, 67)
    # Outside of the alphabet of SMS a message is UTF-16: signs beyond its first plane take two places.
    size = len(text.encode("utf-16-le")) // 2 if size is None else size
    return 1 if size <= one else -(-size // each)
