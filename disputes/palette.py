"""The disputes of the palette: those with the words, or what a person worked on last. Reads only."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Event, User
from accounts.palette import MOST, Group, Hit, add_finder
from disputes import queue, selectors
from disputes.models import Dispute
from disputes.services.common import STREAM
from lib import formats

LOOKED_AT = 60


def find(user: User, text: str, at: datetime) -> list[Group]:
    """With words the open ones first, then those closed last; without, the latest one did something with."""
    if not text:
        return [Group(pgettext("palette", "Recent"), [_hit(one) for one in recent(user)])]
    live = queue.filtered(user, queue.Filters(q=text), at)
    closed = queue.filtered(user, queue.Filters(q=text, view=queue.View.CLOSED), at)
    found = list(live.select_related("customer").order_by("-pk")[:MOST])
    rest = closed.select_related("customer").order_by(F("closed_at").desc(), "-pk")
    return [Group(_("Disputes"), [_hit(one) for one in [*found, *rest[:MOST]][:MOST]])]


def recent(user: User) -> list[Dispute]:
    """The disputes the person did something with last, the latest first."""
    mine = Event.objects.filter(actor=user, stream=STREAM).order_by("-pk")
    ids = list(dict.fromkeys(mine.values_list("object_id", flat=True)[:LOOKED_AT]))
    rows = selectors.disputes_for(user).select_related("customer").in_bulk(ids)
    return [rows[pk] for pk in ids if pk in rows][:MOST]


def _hit(one: Dispute) -> Hit:
    more = f"{one.customer.name} · {formats.money(one.amount, one.currency)}"
    return Hit(reverse("disputes:detail", args=[one.pk]), "inbox", one.ref, more)


add_finder(find, 1)
