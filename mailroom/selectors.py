"""What the mailroom tells: letters, newest first, in pages that cost the same however far back."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, QuerySet

from accounts import policy
from accounts.models import LegalEntity, User
from mailroom.choices import InboundStatus, LetterStatus
from mailroom.models import InboundMail, Letter, PrintBatch

PAGE = 50
LONGEST_ID = 19


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


def trays(user: User | AnonymousUser) -> list[tuple[LegalEntity, int]]:
    """The entities whose letters the person may read, and how many wait to be printed in each."""
    waiting = Letter.objects.visible_to(user).filter(status=LetterStatus.TRAY).order_by()
    counts = dict(waiting.values_list("entity").annotate(n=Count("pk")))
    mine = LegalEntity.objects.filter(pk__in=policy.scope(user).entities("letter.read"))
    return [(entity, counts.get(entity.pk, 0)) for entity in mine.order_by("code")]


@dataclass(frozen=True, slots=True)
class BatchPage:
    """Some batches, and the id from which the next page goes on (none on the last)."""

    batches: list[PrintBatch]
    next_before: int | None


def batches(user: User | AnonymousUser) -> QuerySet[PrintBatch]:
    """The print batches the person may read."""
    return PrintBatch.objects.visible_to(user).select_related("entity", "made_by", "posted_by")


def batch_page(user: User | AnonymousUser, *, before: str | None = None) -> BatchPage:
    """The next fifty batches older than `before`."""
    rows = batches(user).order_by("-pk")
    if before and before.isdecimal() and len(before) < LONGEST_ID:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: PAGE + 1])
    return BatchPage(found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None)
