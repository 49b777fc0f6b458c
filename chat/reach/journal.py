"""What people were told, and what became of it: for the person, for who asked, and for who looks after the house."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet

from accounts import policy
from accounts.models import LegalEntity, User
from accounts.reach.choices import ReachChannel, Reason
from chat.models import Notification
from chat.reach.choices import Telling
from disputes.choices import NudgeEnd
from disputes.models import Nudge, Question


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: who was told over what, when, or why not."""

    at: datetime
    person: str
    channel: str
    status: str
    words: str


# The mails of questions end in words of their own.
MAILS = {
    NudgeEnd.SENT: Telling.SENT,
    NudgeEnd.NOT_NEEDED: Telling.DROPPED,
    NudgeEnd.SEEN: Telling.DROPPED,
    NudgeEnd.NOT_WANTED: Telling.DROPPED,
    NudgeEnd.FAILED: Telling.FAILED,
    "": Telling.WAITING,
}


def of_question(question: Question) -> list[Entry]:
    """How the question reached people, oldest first. Two queries."""
    told = Notification.objects.filter(question=question).select_related("user")
    entries = [
        Entry(
            row.ended_at or row.send_at,
            str(row.user or ""),
            str(row.get_channel_display()),
            row.status,
            str(Reason(row.why).label) if row.status in (Telling.DROPPED, Telling.FAILED) else "",
        )
        for row in told
    ]
    for mail in Nudge.objects.filter(question=question).select_related("person"):
        status = MAILS[NudgeEnd(mail.end) if mail.end else ""]
        words = str(mail.get_end_display()) if status in (Telling.DROPPED, Telling.FAILED) else ""
        entries.append(
            Entry(
                mail.ended_at or mail.send_at,
                str(mail.person),
                str(ReachChannel.EMAIL.label),
                status,
                words,
            )
        )
    return sorted(entries, key=lambda entry: entry.at)


def of_person(user: User) -> QuerySet[Notification]:
    """What the person was told, newest first."""
    return (
        Notification.objects.filter(user=user)
        .select_related("dispute", "room")
        .order_by("-created_at", "-pk")
    )


def failures(user: User) -> QuerySet[Notification]:
    """What could not be told in the legal entities the person looks after."""
    houses = policy.scope(user).entities("reach.house")
    rows = Notification.objects.filter(status=Telling.FAILED, entity__in=houses)
    return rows.select_related("user", "contact", "dispute").order_by("-pk")


def urgent_by_asker(entity: LegalEntity, since: datetime) -> list[tuple[str, int]]:
    """Who called how many questions urgent, most first."""
    rows = Question.objects.filter(dispute__entity=entity, asked_at__gte=since).exclude(urgent="")
    counted = rows.values("asked_by__name").annotate(n=Count("pk")).order_by("-n", "asked_by__name")
    return [(row["asked_by__name"], row["n"]) for row in counted]


def urgent_of(user: User, at: datetime) -> int:
    """How many questions the person called urgent within thirty days."""
    mine = Question.objects.filter(asked_by=user, asked_at__gte=at - timedelta(days=30))
    return mine.exclude(urgent="").count()
