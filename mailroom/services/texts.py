"""The words of letters: which text applies, how it reads with values in, and how an entity changes it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.db.models import Q

from accounts.models import LegalEntity, User
from lib import gsm
from mailroom import rendering
from mailroom.catalogue import FALLBACK, Text, shipped, shipped_text, short_text, short_texts
from mailroom.choices import Channel
from mailroom.layout import sheet
from mailroom.models import Template
from mailroom.paybox import PayBox
from mailroom.qr import Transfer
from mailroom.rendering import Links, Table, Value, Values


@dataclass(frozen=True, slots=True)
class Sender:
    """Who signs: `entity.settings["mail"]` may set from_name, from_address, reply_to and signature."""

    name: str
    address: str
    reply_to: str
    signature: str
    footer: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter as the recipient will read it."""

    language: str
    subject: str
    text: str
    html: str
    # Its paragraphs and tables, for paper.
    parts: tuple[Value, ...] = ()

    @property
    def transfer(self) -> Transfer | None:
        """What the code to scan in it says."""
        return next((part.transfer for part in self.parts if isinstance(part, PayBox)), None)


def sender_of(entity: LegalEntity) -> Sender:
    """The sender's identity of an entity; what it does not set comes from the installation and its name."""
    chosen = entity.settings.get("mail", {})
    _, default_address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    name = chosen.get("from_name") or entity.name
    return Sender(
        name=name,
        address=chosen.get("from_address") or default_address,
        reply_to=chosen.get("reply_to", ""),
        signature=chosen.get("signature") or name,
        footer=" · ".join(part for part in (entity.name, entity.tax_id, entity.country) if part),
    )


def text_for(*, kind: str, language: str, entity: LegalEntity | None, channel: str = Channel.EMAIL) -> Text:
    """The text that applies: the entity's own, the house's, the shipped one; in `language`, else the entity's
    language, else English. Paper says what the e-mail says where it has no words of its own."""
    wanted = [language, *([entity.language] if entity else []), FALLBACK]
    mine = Q(entity=None) | Q(entity=entity) if entity else Q(entity=None)
    changed = {
        (row.language, row.entity_id is None): row
        for row in Template.objects.filter(mine, kind=kind, channel=channel, language__in=wanted)
    }
    for choice in wanted:
        row = changed.get((choice, False)) or changed.get((choice, True))
        if row:
            return Text(kind, choice, row.subject, row.body, shipped_text(kind, choice).values)
        if channel == Channel.SMS and (kind, choice) in short_texts():
            return short_texts()[kind, choice]
        if channel == Channel.EMAIL and (kind, choice) in shipped():
            return shipped()[kind, choice]
    if channel in (Channel.POST, Channel.PORTAL):
        return text_for(kind=kind, language=language, entity=entity)
    return short_text(kind, language) if channel == Channel.SMS else shipped_text(kind, FALLBACK)


def render(*, text: Text, entity: LegalEntity, values: Values) -> Rendered:
    """The letter; raises BadTemplate when the text asks for a value that is not given."""
    sender = sender_of(entity)
    given = {"signature": sender.signature, **values}
    subject = rendering.one_line(text.subject, given)
    parts = rendering.blocks(text.body, given)
    page = sheet(
        language=text.language,
        subject=subject,
        sender=sender.name,
        body=rendering.as_html(parts),
        footer=sender.footer,
    )
    return Rendered(text.language, subject, rendering.as_text(parts), page, tuple(parts))


def render_short(*, text: Text, entity: LegalEntity, values: Values) -> Rendered:
    """An SMS: one line in the alphabet of SMS where that loses nothing but accents. It has no subject."""
    given = {"signature": sender_of(entity).signature, **values}
    words = gsm.spell(rendering.one_line(text.body, given))
    return Rendered(text.language, "", f"{words}\n", "", (words,))


def plain(*, entity: LegalEntity, language: str, subject: str, text: str) -> Rendered:
    """A letter as a person wrote it: nothing is filled in, braces are braces."""
    parts = [part.strip() for part in rendering.BLANK_LINES.split(text) if part.strip()]
    line = " ".join(subject.split())
    sender = sender_of(entity)
    page = sheet(
        language=language,
        subject=line,
        sender=sender.name,
        body=rendering.as_html(parts),
        footer=sender.footer,
    )
    return Rendered(language, line, rendering.as_text(parts), page, tuple(parts))


def save_template(
    *,
    entity: LegalEntity,
    kind: str,
    language: str,
    subject: str,
    body: str,
    by: User,
    at: datetime,
    channel: str = Channel.EMAIL,
) -> Template:
    """The entity's own words for a kind of letter; raises BadTemplate for a name nobody will fill."""
    known = shipped_text(kind, language).values
    rendering.check(subject, known)
    rendering.check(body, known)
    key: dict[str, Any] = {"entity": entity, "kind": kind, "language": language, "channel": channel}
    words: dict[str, Any] = {"subject": subject, "body": body, "changed_by": by, "changed_at": at}
    Template(**key, **words).full_clean(validate_unique=False, validate_constraints=False)
    return Template.objects.update_or_create(**key, defaults=words)[0]


def reset_template(*, entity: LegalEntity, kind: str, language: str, channel: str = Channel.EMAIL) -> None:
    """Back to the shipped words; harmless when there are no others."""
    Template.objects.filter(entity=entity, kind=kind, language=language, channel=channel).delete()


def sample_values(entity: LegalEntity, names: Iterable[str]) -> Values:
    """Believable values for a preview: each name stands for itself in brackets, tables have two rows."""
    table = Table(
        head=("№", "", ""),
        rows=(("F-1001", "01/03", "1 210.00"), ("F-1002", "08/03", "84.70")),
        right=frozenset({2}),
        foot=("", "", "1 294.70"),
    )
    known: dict[str, Value] = {
        "overdue": table,
        "coming": table,
        "claimed": table,
        "questions": table,
        "waits": table,
        "figures": table,
        "talk": table,
        "answers": Links((("[answer]", "https://example.com/1"), ("[answer]", "https://example.com/2"))),
        "lines": table,
        "paper": "",
        "pay": PayBox((("IBAN", "ES91 2100 0418 4502 0005 1332"), ("RF", "RF18 5390 0754 7034"))),
        "entity": entity.name,
        "signature": sender_of(entity).signature,
    }
    return {name: known.get(name, f"[{name}]") for name in names}
