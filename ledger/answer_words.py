"""The codes of e-invoice answers in words. Codes in, words out; the words follow the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ledger.answer_lists import (
    ACTIONS,
    CDAR_REASONS,
    CDAR_STATUSES,
    MLR_REASONS,
    MLR_STATUSES,
    PEPPOL_REASONS,
)
from ledger.answer_lists import PEPPOL_STATUSES as PEPPOL
from ledger.choices import AnswerStandard

STATUSES: dict[str, dict[str, Promise]] = {
    AnswerStandard.PEPPOL: PEPPOL,
    AnswerStandard.MLR: MLR_STATUSES,
    AnswerStandard.CDAR: CDAR_STATUSES,
}
REASONS: dict[str, dict[str, Promise]] = {
    AnswerStandard.PEPPOL: PEPPOL_REASONS,
    AnswerStandard.MLR: MLR_REASONS,
    AnswerStandard.CDAR: CDAR_REASONS,
}
ACTION_LIST = "OPStatusAction"
# How a status looks: the customer accepts, asks, or refuses.
TONES = {
    **dict.fromkeys(("AP", "205", "PD", "211", "212"), "ok"),
    **dict.fromkeys(("UQ", "CA", "206", "207", "208"), "warn"),
    **dict.fromkeys(("RE", "210", "213", "221", "501"), "bad"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One reason in words: what the code means, and what the customer wrote beside it."""

    code: str
    words: str
    text: str
    is_wish: bool
    values: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return " · ".join(filter(None, [self.words or self.code, self.text]))


def status_words(standard: str, code: str) -> str:
    """The status in words; an unknown one by its code, so that nothing is hidden."""
    known = STATUSES.get(standard, {}).get(code)
    return str(known) if known else _("Unknown status %(code)s") % {"code": code}


def tone(code: str) -> str:
    """The colour of a status' badge."""
    return TONES.get(code, "mute")


def reason_words(standard: str, code: str) -> str:
    """A reason code in words; an unknown one by its code."""
    known = REASONS.get(standard, {}).get(code)
    return str(known) if known else code


def reasons_told(standard: str, reasons: Iterable[Mapping[str, Any]]) -> list[Told]:
    """The reasons of an answer in words, what we are asked to do last."""
    found = []
    for reason in reasons:
        code, wish = str(reason.get("code", "")), reason.get("scheme") == ACTION_LIST
        words = str(ACTIONS.get(code, code)) if wish else reason_words(standard, code)
        values = tuple((str(name), str(value)) for name, value in reason.get("values", ()))
        found.append(Told(code, words, str(reason.get("text", "")), wish, values))
    return sorted(found, key=lambda told: told.is_wish)
