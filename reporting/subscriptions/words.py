"""Subscriptions as their people read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from lib import formats
from mailroom.choices import Trouble as LetterTrouble
from reporting.models import ReportCopy, Subscription, SubscriptionReader
from reporting.subscriptions.asked import Names
from reporting.subscriptions.choices import Every, Trouble
from reporting.subscriptions.contents import title_of

# The days that not every month has.
SHORT_MONTH = 28


@dataclass(frozen=True, slots=True)
class Line:
    """A subscription on the page: `mine` can be changed, any other only left."""

    row: Subscription
    title: str
    filters: list[tuple[str, str]]
    rhythm: str
    mine: bool
    reader: SubscriptionReader | None
    others: list[str] = field(default_factory=list)
    sent_to: int = 0
    troubles: list[str] = field(default_factory=list)


def rhythm_words(row: Subscription) -> str:
    """How often and when."""
    said = {"hour": f"{row.hour:02d}:00", "day": row.number}
    if row.every == Every.WEEK:
        return _("Each %(weekday)s at %(hour)s") % {
            **said,
            "weekday": formats.locale().days["format"]["wide"][row.number],
        }
    if row.every == Every.MONTH:
        if row.number > SHORT_MONTH:
            return _("On day %(day)s of each month, or its last day, at %(hour)s") % said
        return _("On day %(day)s of each month at %(hour)s") % said
    if row.every == Every.MONTH_END:
        return _("On the last working day of each month at %(hour)s") % said
    return _("Each working day at %(hour)s") % said


def lines(rows: Iterable[Subscription], user: User) -> list[Line]:
    """What the page shows of each, in the active language. Two queries at most."""
    listed = list(rows)
    names = Names([row.filters for row in listed], user)
    return [_line(row, user, names) for row in listed]


def _line(row: Subscription, user: User, names: Names) -> Line:
    mine = row.owner_id == user.pk
    readers = list(row.readers.all())
    copies = list(row.last.copies.all()) if row.last else []
    seen = copies if mine else [copy for copy in copies if copy.user_id == user.pk]
    troubles = [row.last.error] if mine and row.last and row.last.error else []
    return Line(
        row,
        title_of(row.report),
        names.words(row.filters),
        rhythm_words(row),
        mine,
        next((reader for reader in readers if reader.user_id == user.pk), None),
        [_reader(reader) for reader in readers if reader.user_id != row.owner_id] if mine else [],
        sum(copy.letter_id is not None for copy in copies),
        troubles + [said for copy in seen if (said := _trouble(copy))],
    )


def _reader(reader: SubscriptionReader) -> str:
    name = reader.user.name
    return pgettext("subscription", "%(name)s (has left)") % {"name": name} if reader.left_at else name


def _trouble(copy: ReportCopy) -> str:
    """Why somebody got nothing, or why their letter did not arrive."""
    said = ""
    if copy.trouble:
        said = copy.detail or str(Trouble(copy.trouble).label)
    elif copy.letter and copy.letter.trouble:
        said = str(LetterTrouble(copy.letter.trouble).label)
    return f"{copy.user.name}: {said}" if said else ""
