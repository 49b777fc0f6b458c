"""How a text would read: with the figures of a real customer where a room above gives them, else with samples."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import LegalEntity, User
from lib import gsm
from mailroom import rendering, services
from mailroom.catalogue import Text, shipped_text
from mailroom.choices import Channel
from mailroom.paper.press import press
from mailroom.rendering import Values
from mailroom.services import Paper, Rendered

# The values of a letter of this kind to a real customer of the entity, and the customer's name; None when nobody there
# would get one.
Specimen = Callable[[LegalEntity, str, str, User, date], tuple[str, Values] | None]
_specimens: dict[str, Specimen] = {}
POSTAL = "Comercial Norte, S.A.\nAna García\nCalle Mayor 12\n28013 Madrid"


def specimens(prefix: str) -> Callable[[Specimen], Specimen]:
    """Register who knows real values for kinds that begin so: `@specimens("dunning.")`."""

    def register(specimen: Specimen) -> Specimen:
        _specimens[prefix] = specimen
        return specimen

    return register


def values_for(entity: LegalEntity, text: Text, user: User, on: date) -> tuple[str, Values]:
    """Values for a trial, and whose they are (nobody's: empty)."""
    for prefix, specimen in _specimens.items():
        if text.kind.startswith(prefix):
            found = specimen(entity, text.kind, text.language, user, on)
            if found is not None:
                return found
    return "", services.sample_values(entity, text.values)


def tried(
    *,
    entity: LegalEntity,
    kind: str,
    language: str,
    channel: str,
    subject: str,
    body: str,
    user: User,
    on: date,
) -> tuple[Rendered, str]:
    """The letter as it would read, and whose figures it has. Raises BadTemplate for a name nobody fills."""
    text = Text(kind, language, subject, body, shipped_text(kind, language).values)
    rendering.check(subject, text.values)
    rendering.check(body, text.values)
    with override(language):
        whose, values = values_for(entity, text, user, on)
    if channel == Channel.SMS:
        return services.render_short(text=text, entity=entity, values=values), whose
    return services.render(text=text, entity=entity, values=values), whose


def paper_of(entity: LegalEntity, words: Rendered, on: date, at: Any) -> bytes:
    """The words on the entity's paper, to an invented address."""
    sheet = services.sheet_of(entity=entity, words=words, paper=Paper(POSTAL, on, "RF18 5390 0754 7034"))
    return press([(entity, sheet)], title=words.subject, at=at)


def counted(words: Rendered) -> str:
    """How many messages an SMS takes, in words."""
    parts = gsm.parts(words.text.strip())
    plain = gsm.length(words.text.strip()) is not None
    return _("%(parts)d messages of SMS, %(signs)d characters%(more)s") % {
        "parts": parts,
        "signs": len(words.text.strip()),
        "more": "" if plain else _(" (with signs outside of the alphabet of SMS: 70 in a message)"),
    }
