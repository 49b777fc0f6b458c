"""Labels of data (reasons, routes, questions), kept per language as `{"es": ..., "fr": ..., "en": ...}`."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language

FALLBACKS = ("en", "es", "fr")


def in_language(labels: Mapping[str, str], language: str | None = None) -> str:
    """The label in `language` (the active one by default), else in the first language that has it."""
    wanted = (language or get_language() or "en").split("-")[0]
    return next((labels[code] for code in (wanted, *FALLBACKS) if labels.get(code)), "")


def choice_label(choice: Mapping[str, Any], language: str | None = None) -> str:
    """The words of one quick answer: of its `labels` when it has them, of its `label` otherwise."""
    return in_language(choice.get("labels") or {}, language) or str(choice.get("label") or choice["value"])
