"""A postal address as it stands in the window of an envelope: at most six lines, the recipient's name first."""

from __future__ import annotations

import re

MOST_LINES, LONGEST_LINE = 6, 45
POSTCODE = re.compile(r"\b\d{4,5}\b")
COUNTRIES = {
    "ES": "ESPAÑA",
    "FR": "FRANCE",
    "PT": "PORTUGAL",
    "IT": "ITALIA",
    "DE": "DEUTSCHLAND",
    "BE": "BELGIQUE",
}


def lines_of(*, name: str, attention: str, address: str, country: str, home: str) -> str:
    """The lines of the window, one under the other; the country in capitals when it is not the sender's."""
    lines = [line.strip(" ,;") for line in re.split(r"[\n;]", address) if line.strip(" ,;")]
    if len(lines) == 1:
        lines = _split(lines[0])
    if country and country != home:
        lines.append(COUNTRIES.get(country, country))
    whole = [name, *([attention] if attention and attention != name else []), *lines]
    return "\n".join(" ".join(line.split())[:LONGEST_LINE] for line in whole)


def _split(line: str) -> list[str]:
    """An address on one line: the postcode starts the line of the town."""
    codes = list(POSTCODE.finditer(line))
    if not codes or codes[-1].start() == 0:
        return [line]
    code = codes[-1]
    return [line[: code.start()].strip(" ,"), line[code.start() :].strip(" ,")]


def whole(postal: str) -> bool:
    """Whether a postman finds it: a name, a street and a town with its postcode, and no more than the window shows."""
    lines = [line for line in postal.splitlines() if line.strip()]
    return 3 <= len(lines) <= MOST_LINES and any(POSTCODE.search(line) for line in lines[2:])
