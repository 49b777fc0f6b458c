"""Words made comparable."""

import unicodedata


def fold(text: str) -> str:
    """`text` without accents, case or doubled spaces: what lists sort by and names are matched by."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())
