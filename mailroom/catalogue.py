"""The texts that ship with the product: one file per kind of letter, with all languages in it."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from lib.errors import DomainError

TEXTS = Path(__file__).parent / "texts"
FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Text:
    """The words of one kind of letter in one language, and the names the caller will fill."""

    kind: str
    language: str
    subject: str
    body: str
    values: frozenset[str]


@cache
def shipped() -> dict[tuple[str, str], Text]:
    """Every shipped text by (kind, language)."""
    texts: dict[tuple[str, str], Text] = {}
    for path in sorted(TEXTS.glob("*.yaml")):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        values = frozenset(data.pop("values"))
        for language, words in data.items():
            texts[path.stem, language] = Text(path.stem, language, words["subject"], words["body"], values)
    return texts


@cache
def short_texts() -> dict[tuple[str, str], Text]:
    """The shipped words for SMS by (kind, language); they may use the names of the e-mail of their kind."""
    texts: dict[tuple[str, str], Text] = {}
    for path in sorted((TEXTS / "sms").glob("*.yaml")):
        for language, body in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            texts[path.stem, language] = Text(
                path.stem, language, "", body, shipped_text(path.stem, FALLBACK).values
            )
    return texts


def kinds() -> list[str]:
    """The kinds of letters the house knows."""
    return sorted({kind for kind, _ in shipped()})


def shipped_text(kind: str, language: str) -> Text:
    """The shipped text in `language`, in English where it does not exist; raises for an unknown kind."""
    texts = shipped()
    found = texts.get((kind, language)) or texts.get((kind, FALLBACK))
    if found is None:
        raise DomainError(f"There is no kind of letter {kind!r}.", code="unknown_kind")
    return found


def short_text(kind: str, language: str) -> Text:
    """The shipped words for SMS; where there are none, the subject of the e-mail and the page to pay on."""
    texts = short_texts()
    found = texts.get((kind, language)) or texts.get((kind, FALLBACK))
    if found is not None:
        return found
    mail = shipped_text(kind, language)
    link = " {{ pay_url }}" if "pay_url" in mail.values else ""
    return Text(kind, mail.language, "", f"{mail.subject}{link}", mail.values)


@cache
def _law() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = yaml.safe_load(
        (TEXTS / "law" / "late_payment.yaml").read_text(encoding="utf-8")
    )
    return loaded


def late_payment_law(language: str, country: str) -> str:
    """What the law of the creditor's `country` says about late payment, in the reader's language."""
    by_country = _law().get(language) or _law()[FALLBACK]
    return by_country.get(country) or by_country["other"]
