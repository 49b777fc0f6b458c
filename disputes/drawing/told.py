"""The words of a picture: who has a stage, how long, what is asked, sent and watched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.choices import Role
from disputes.choices import HolderKind
from disputes.drawing.parts import Names
from disputes.labels import in_language

HOUR, DAY = 60, 540  # working minutes; a day as the offices of the catalogue work it
HOLDER_ICONS = {
    HolderKind.CUSTOMER: "building-2",
    HolderKind.PARTNER: "handshake",
    HolderKind.SYSTEM: "bot",
    HolderKind.DEPARTMENT: "users",
    HolderKind.ROLE: "users",
}


def label_of(entry: dict[str, Any]) -> str:
    """What a part of a route is called in the reader's language, else its code."""
    return in_language(entry.get("labels") or {}) or str(entry.get("code", ""))


def minutes_in_words(minutes: int) -> str:
    """Working minutes as people say them: `2 days`, `4 h`, `1 h 30 min`."""
    sign, minutes = ("−", -minutes) if minutes < 0 else ("", minutes)
    if minutes and minutes % DAY == 0:
        days = minutes // DAY
        said = ngettext("%(count)s working day", "%(count)s working days", days) % {"count": days}
    elif minutes < HOUR:
        said = _("%(minutes)s min") % {"minutes": minutes}
    else:
        said = _("%(hours)s h") % {"hours": minutes // HOUR}
        said += " " + _("%(minutes)s min") % {"minutes": minutes % HOUR} if minutes % HOUR else ""
    return sign + said


def time_spent(minutes: int) -> str:
    """Working time that was spent, in words: to the hour from two days on."""
    if minutes < 2 * DAY:
        return minutes_in_words(minutes)
    hours = round(minutes / HOUR)
    days, left = divmod(hours, DAY // HOUR)
    said = minutes_in_words(days * DAY)
    return f"{said} {minutes_in_words(left * HOUR)}" if left else said


def holder_in_words(part: dict[str, Any], names: Names) -> tuple[str, str]:
    """The icon and the words of who has a stage or a branch."""
    kind = str(part.get("holder") or "")
    known = kind in HolderKind.values
    icon = HOLDER_ICONS.get(HolderKind(kind), "user") if known else "triangle-alert"
    if kind == HolderKind.ROLE:
        role = str(part.get("role") or "")
        return icon, str(Role(role).label) if role in Role.values else _("No role chosen")
    if kind == HolderKind.DEPARTMENT:
        code = str(part.get("department") or "")
        return icon, names.departments.get(code, code) or _("No department chosen")
    if kind == HolderKind.PERSON:
        email = str(part.get("person") or "")
        return icon, names.people.get(email, email) or _("No person chosen")
    return icon, str(HolderKind(kind).label) if known else _("Nobody has it")


def questions_of(part: dict[str, Any]) -> list[dict[str, Any]]:
    """The questions of a stage or branch, whether it has one (`question`) or a list of them."""
    single = [part["question"]] if part.get("question") else []
    return single + list(part.get("questions") or [])


def time_in_words(part: dict[str, Any]) -> tuple[str, str]:
    """The icon and the words of how long it may take."""
    if part.get("clock_stops"):
        return "circle-pause", _("Clock stopped")
    if part.get("deadline_minutes"):
        return "clock", minutes_in_words(int(part["deadline_minutes"]))
    return "clock", _("No deadline")


def lines_in_words(part: dict[str, Any], names: Names) -> Iterator[tuple[str, str]]:
    """Icon and words of every line below the title of a stage or branch."""
    yield holder_in_words(part, names)
    yield time_in_words(part)
    for question in questions_of(part):
        yield "circle-question-mark", label_of(question)
    for alert in part.get("alerts") or []:
        yield "bell", alert_in_words(alert)
    for send in part.get("sends") or []:
        yield "mail", _("Sends “%(text)s”") % {"text": letter_in_words(str(send.get("text", "")))}


def letter_in_words(kind: str) -> str:
    """What a letter of a stage says, in a few words; a kind of a company's own is its own name."""
    words = {
        "dispute.received": _("We have received your claim"),
        "dispute.answered": _("Our answer to your claim"),
        "dispute.credit_announced": _("A credit note is on its way"),
        "dispute.rejected": _("We cannot accept your claim"),
        "dispute.rejected.price": _("We cannot accept your claim (price)"),
        "dispute.rejected.delivery": _("We cannot accept your claim (delivery)"),
        "dispute.rejected.quantity": _("We cannot accept your claim (quantity)"),
    }
    return words.get(kind, kind)


def alert_in_words(alert: dict[str, Any]) -> str:
    """When somebody is told that it takes long, and who."""
    who, minutes = recipient_in_words(str(alert.get("to") or "")), int(alert.get("minutes") or 0)
    said = minutes_in_words(abs(minutes))
    if minutes < 0:
        when = _("%(time)s before") % {"time": said}
    elif minutes > 0:
        when = _("%(time)s late") % {"time": said}
    else:
        when = _("At the deadline")
    return f"{when}: {who}" + (" · " + _("hands over") if alert.get("hand_over") else "")


def recipient_in_words(to: str) -> str:
    """Who is told: `holder`, `coordinator`, `lead`, `credit_manager` or `role:<role>`."""
    words = {
        "holder": _("the holder"),
        "coordinator": _("the coordinator"),
        "lead": _("their lead"),
        "salesperson": _("the salesperson"),
        "customer": _("the customer"),
        "credit_manager": _("the credit manager"),
    }
    role = to.removeprefix("role:")
    return words.get(to) or (str(Role(role).label) if role in Role.values else to)
