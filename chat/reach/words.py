"""What people read of a telling, in their language: a title, a text, and where it leads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.reach.choices import ReachEvent
from chat.audience import inner_entities
from chat.models import Notification, Room
from chat.push.services import is_private
from disputes.models import Dispute
from lib import formats

LONGEST = 300


@dataclass(frozen=True, slots=True)
class Told:
    """The words of one telling."""

    title: str
    text: str
    url: str

    @property
    def together(self) -> str:
        """Title and text as one line."""
        return ": ".join(filter(None, [self.title, self.text]))


def told(notification: Notification, *, private: bool = False) -> Told:
    """The words in the language that is active. `private` ones name nobody and no amount: lock screens are seen."""
    if private:
        title, text = str(ReachEvent(notification.event).label), ""
    else:
        title, text = TELLERS[notification.event](notification)
    return Told(title, _short(text), address_of(notification))


def wants_private(notification: Notification) -> bool:
    """Whether the person wants nothing of the matter on a screen that others may see."""
    user = notification.user
    return user is not None and is_private(user, notification.entity_id)


def address_of(notification: Notification) -> str:
    """Where it leads in the app."""
    if notification.question_id:
        path = reverse("disputes:questions")
    elif notification.room_id and notification.message_id:
        path = reverse("chat:room", args=[notification.room_id])
    elif notification.dispute_id:
        path = reverse("disputes:detail", args=[notification.dispute_id])
    elif notification.data.get("customer"):
        path = reverse("ledger:customer", args=[notification.data["customer"]])
    else:
        path = reverse("accounts:home")
    return settings.BASE_URL + path


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= LONGEST else words[: LONGEST - 1].rstrip() + "…"


def about(notification: Notification) -> str:
    """Which dispute, of whom, and for those of us how much."""
    dispute = notification.dispute
    if dispute is None:
        return ""
    return " · ".join([dispute.ref, dispute.customer.name, *_amount(notification, dispute)])


def _amount(notification: Notification, dispute: Dispute) -> list[str]:
    user = notification.user
    inner = user is not None and dispute.entity_id in inner_entities(user)
    return [formats.money(dispute.amount, dispute.currency)] if inner else []


def _question(one: Notification) -> tuple[str, str]:
    assert one.question is not None
    asker = one.question.asked_by
    who = asker.name if asker else one.entity.name
    title = _("%(who)s asks, and it is urgent") if one.urgent else _("%(who)s asks you")
    return title % {"who": who}, f"{one.question.words} ({about(one)})"


def _reminder(one: Notification) -> tuple[str, str]:
    assert one.question is not None
    title = {
        "question.overdue": _("Not answered in time"),
        "question.unseen": _("%(who)s has not looked at this question"),
    }.get(str(one.data.get("kind")), _("Still waiting for your answer"))
    return title % {"who": one.question.asked_of.name}, f"{one.question.words} ({about(one)})"


def _mention(one: Notification) -> tuple[str, str]:
    return _("%(who)s names you in %(room)s") % _said(one), one.message.body if one.message else ""


def _message(one: Notification) -> tuple[str, str]:
    more = one.bundled.count() + 1
    if more == 1:
        return _("%(who)s in %(room)s") % _said(one), one.message.body if one.message else ""
    title = ngettext("%(count)s new message in %(room)s", "%(count)s new messages in %(room)s", more)
    newest = one.bundled.order_by("-message__seq").first() or one
    text = newest.message.body if newest.message else ""
    return title % {**_said(one), "count": more}, text


def _said(one: Notification) -> dict[str, str]:
    author = one.message.author if one.message else None
    return {"who": author.name if author else "", "room": room_name(one.room)}


def room_name(room: Room | None) -> str:
    """What people call a room."""
    if room is None:
        return ""
    if room.dispute is not None:
        return f"{room.dispute.ref} {room.dispute.customer.name}"
    return room.customer.name if room.customer is not None else room.name


def _handover(one: Notification) -> tuple[str, str]:
    note = str(one.data.get("note") or "")
    return _("A dispute is with you now"), " · ".join(filter(None, [about(one), note]))


def _approval(one: Notification) -> tuple[str, str]:
    who = str(one.data.get("by") or one.entity.name)
    return _("%(who)s needs your approval") % {"who": who}, about(one)


def _deadline(one: Notification) -> tuple[str, str]:
    return _("Due soon") if one.data.get("soon") else _("Late"), about(one)


def _closed(one: Notification) -> tuple[str, str]:
    return _("The dispute you opened is closed"), about(one)


def _promise(one: Notification) -> tuple[str, str]:
    data = one.data
    missed = data.get("kind") == "instalment.missed"
    title = _("%(name)s did not pay an instalment") if missed else _("%(name)s did not keep a promise")
    amount = formats.money(Decimal(data["amount"]), data["currency"])
    return title % {"name": data["name"]}, " · ".join(filter(None, [data.get("number"), amount]))


def _digest(_one: Notification) -> tuple[str, str]:
    return _("Your day"), ""


def _trial(_one: Notification) -> tuple[str, str]:
    return _("It works"), _("This is the test you asked for.")


E = ReachEvent
TELLERS: dict[str, Callable[[Notification], tuple[str, str]]] = {
    E.QUESTION: _question,
    E.REMINDER: _reminder,
    E.MENTION: _mention,
    E.MESSAGE: _message,
    E.HANDOVER: _handover,
    E.APPROVAL: _approval,
    E.DEADLINE: _deadline,
    E.CLOSED: _closed,
    E.PROMISE: _promise,
    E.DIGEST: _digest,
    E.TRIAL: _trial,
}
