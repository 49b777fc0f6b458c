"""A person's own messenger: Slack, Teams, Matrix..."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import override

from accounts.reach.choices import ReachChannel
from accounts.reach.models import ReachWishes
from chat.reach.carriers import NOBODY, SENT, Outcome, carrier, failed, later
from chat.reach.models import Notification
from chat.reach.outside import post
from chat.reach.words import told, wants_private
from lib.errors import FieldErrors
from lib.sealed import unseal

AGAIN = timedelta(minutes=2)


@carrier(ReachChannel.BRIDGE)
def carry_to_messenger(notification: Notification, at: datetime) -> Outcome:
    """Say it in the person's messenger, with the link into the app."""
    wishes = ReachWishes.objects.filter(user=notification.user_id).first()
    address = unseal(wishes.bridge) if wishes else ""
    user = notification.user
    if user is None or wishes is None or not address:
        return NOBODY
    with override(user.language), timezone.override(ZoneInfo(user.time_zone)):
        words = told(notification, private=wants_private(notification))
    try:
        accepted = post(address, title=words.title, text="\n".join(filter(None, [words.text, words.url])))
    except FieldErrors as error:
        return failed(str(error))
    return SENT if accepted else later(at + AGAIN, "The messenger did not accept it.")
