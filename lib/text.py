"""Words made comparable."""

import unicodedata

# What a statement takes for an e-mail address that can be written to (a POSIX pattern). Whoever sends looks closer.
MAIL_ADDRESS = r"^[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:]]+$"


def fold(text: str) -> str:
    """`text` without accents, case or doubled spaces: what lists sort by and names are matched by."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())
