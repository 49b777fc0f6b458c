"""Why a customer paid less, guessed from what they wrote with the payment. Pure: words in, reason and quote out.

The words are evidence, not proof: the guess is shown with its quote and confidence, and a person may change it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import yaml

from lib.text import fold

TO_CLASSIFY = "to_classify"
MOST_TEXT = 4000
NEAR = 40  # letters before a word that may deny it
WORDS = Path(__file__).resolve().parent / "catalogue" / "short_words.yaml"
# Words between a refusal and its matter: "no daños", "without damage".
DENIED = re.compile(
    r"\b(?:no|not|without|sin|sans|pas de|kein|keine|ohne|aucun|aucune|ningun)\s+(?:\w+\s+)?$"
)


@dataclass(frozen=True, slots=True)
class Guess:
    """A reason's code, the words it rests on, and how sure it is (0 nothing, 1 said outright)."""

    reason: str
    quote: str = ""
    confidence: Decimal = Decimal(0)


NOTHING = Guess(TO_CLASSIFY)


@cache
def _patterns() -> tuple[tuple[str, Decimal, re.Pattern[str]], ...]:
    """Reason, weight and pattern of each group of words: a specific word weighs more than a vague one."""
    groups = yaml.safe_load(WORDS.read_text())
    return tuple(
        (
            group["reason"],
            Decimal(group["weight"]),
            re.compile(r"(?<!\w)(?:" + "|".join(group["words"]) + r")(?!\w)"),
        )
        for group in groups
    )


def guess(text: str, known: Sequence[str] = ()) -> Guess:
    """The reason the text speaks of, with the words that say so; NOTHING without evidence.

    `known`: only these reasons (all by default). The strongest word wins; of equals the one for which more words
    speak, then the first said. Words for two different reasons make it less sure.
    """
    plain, places = _folded(text[:MOST_TEXT])
    found: list[tuple[Decimal, int, str, int, int]] = []
    votes: dict[str, int] = {}
    for reason, weight, pattern in _patterns():
        if known and reason not in known:
            continue
        for match in pattern.finditer(plain):
            if not DENIED.search(plain[max(0, match.start() - NEAR) : match.start()]) or match[0].startswith(
                ("no ", "not ", "non ")
            ):
                found.append((weight, -match.start(), reason, match.start(), match.end()))
                votes[reason] = votes.get(reason, 0) + 1
    if not found:
        return NOTHING
    weight, _place, reason, start, end = max(
        found, key=lambda one: (one[0], votes[one[2]], one[1], one[4] - one[3])
    )
    rivals = {one[2] for one in found if one[0] >= weight} - {reason}
    confidence = weight - Decimal("0.2") * len(rivals)
    quote = " ".join(text[places[start] : places[end - 1] + 1].split())
    return Guess(reason, quote, max(confidence, Decimal("0.1")))


def _folded(text: str) -> tuple[str, list[int]]:
    """The text as `lib.text.fold` makes words comparable, and for each of its letters where it came from."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        plain = " " if letter.isspace() else fold(letter)
        if plain == " " and letters and letters[-1] == " ":
            continue
        letters += plain
        places += [place] * len(plain)
    return "".join(letters), places
