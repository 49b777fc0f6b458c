"""What the mailroom tells: letters, newest first, in pages that cost the same however far back."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, QuerySet

from accounts.models import User
from mailroom.choices import InboundStatus, LetterStatus
from mailroom.models import InboundMail, Letter

PAGE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """Some letters, and the id from which the next page goes on (none on the last)."""

    letters: list[Letter]
    next_before: int | None


def letters(user: User | AnonymousUser) -> QuerySet[Letter]:
    """The letters the person may read."""
    return Letter.objects.visible_to(user).select_related("entity")


def letter_page(user: User | AnonymousUser, *, status: str = "", before: int | None = None) -> Page:
    """The next fifty letters older than `before`, without their bodies."""
    rows = letters(user).defer("body_text", "body_html").order_by("-pk")
    if status:
        rows = rows.filter(status=status)
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE + 1])
    return Page(found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None)


def counts(user: User | AnonymousUser) -> dict[str, int]:
    """How many letters are in each state."""
    rows = Letter.objects.visible_to(user).order_by().values_list("status").annotate(n=Count("pk"))
    return dict.fromkeys(LetterStatus.values, 0) | dict(rows)


@dataclass(frozen=True, slots=True)
class MailPage:
    """Some mails that came in, and the id from which the next page goes on (none on the last)."""

    mails: list[InboundMail]
    next_before: int | None


def mail_page(user: User | AnonymousUser, *, status: str = "", before: int | None = None) -> MailPage:
    """The next fifty mails older than `before`, without what they say."""
    rows = InboundMail.objects.visible_to(user).defer("said", "rest").order_by("-pk")
    if status:
        rows = rows.filter(status=status)
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE + 1])
    return MailPage(found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None)


def mail_counts(user: User | AnonymousUser) -> dict[str, int]:
    """How many mails are in each state."""
    rows = InboundMail.objects.visible_to(user).order_by().values_list("status").annotate(n=Count("pk"))
    return dict.fromkeys(InboundStatus.values, 0) | dict(rows)
