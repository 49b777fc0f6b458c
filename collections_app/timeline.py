"""Everything that happened with a customer in one line of time, newest first, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy

from accounts import policy
from accounts.events import Event
from accounts.models import User
from collections_app.choices import CallOutcome
from collections_app.choices_contentious import FileEnd
from collections_app.models import LegalFile
from collections_app.segmenting.words import because, label
from disputes.models import Dispute
from disputes.selectors import disputes_for
from ledger.models import Customer
from lib import formats

SIZE = 25
# Kind: icon and sentence. A kind that is not here is not shown: the page of the thing itself tells it.
KINDS: dict[str, tuple[str, Any]] = {
    "customer.recorded": ("building-2", gettext_lazy("Customer recorded")),
    "customer.collector": ("user-check", gettext_lazy("Collector: %(name)s")),
    "customer.segment": ("tags", gettext_lazy("Segment: %(segment)s, before %(was)s. %(because)s")),
    "customer.segment_pinned": ("pin", gettext_lazy("Segment set by hand: %(segment)s. %(text)s")),
    "customer.segment_unpinned": ("pin-off", gettext_lazy("The rules say the segment again")),
    "customer.noted": ("sticky-note", gettext_lazy("Note: %(text)s")),
    "payment.recorded": ("banknote", gettext_lazy("Payment of %(amount)s")),
    "payment.returned": ("undo-2", gettext_lazy("Payment taken back")),
    "notice.sent": ("mail", gettext_lazy("Reminder sent: %(asked)s")),
    "notice.withdrawn": ("mail", gettext_lazy("Reminder not sent")),
    "notice.delivered": ("mail-check", gettext_lazy("Reminder delivered")),
    "notice.read": ("mail-open", gettext_lazy("Reminder read")),
    "notice.posted": ("stamp", gettext_lazy("Reminder handed to the post")),
    "notice.came_back": ("mail-x", gettext_lazy("Reminder came back")),
    "contact.undeliverable": ("mail-x", gettext_lazy("Mail to %(email)s comes back")),
    "payment.online": ("credit-card", gettext_lazy("Paid on the page: %(amount)s")),
    "promise.made": ("handshake", gettext_lazy("Promise of %(amount)s by %(promised_on)s")),
    "promise.asked": ("hourglass", gettext_lazy("Promise of %(amount)s waits for an approval")),
    "promise.refused": ("ban", gettext_lazy("Promise of %(amount)s not approved")),
    "promise.cancelled": ("x", gettext_lazy("Promise of %(amount)s taken back")),
    "promise.replaced": ("undo-2", gettext_lazy("Promise of %(amount)s replaced")),
    "promise.kept": ("check", gettext_lazy("Promise of %(amount)s kept")),
    "promise.broken": ("triangle-alert", gettext_lazy("Promise of %(amount)s broken")),
    "instalments.made": ("calendar-days", gettext_lazy("Instalments proposed: %(amount)s")),
    "instalments.asked": ("hourglass", gettext_lazy("Instalments wait for an approval: %(amount)s")),
    "instalments.approved": ("check", gettext_lazy("Instalments approved: %(amount)s")),
    "instalments.refused": ("ban", gettext_lazy("Instalments not approved: %(amount)s")),
    "instalments.agreed": ("handshake", gettext_lazy("Instalments agreed: %(amount)s")),
    "instalments.fulfilled": ("check", gettext_lazy("Instalments paid in full: %(amount)s")),
    "instalments.broken": ("triangle-alert", gettext_lazy("Instalments broken: %(amount)s")),
    "instalments.cancelled": ("x", gettext_lazy("Instalments cancelled: %(amount)s")),
    "instalments.mailed": ("mail", gettext_lazy("Instalments confirmed by letter")),
    "instalment.missed": ("triangle-alert", gettext_lazy("Instalment of %(amount)s not paid")),
    "call.planned": ("phone", gettext_lazy("Call planned for %(due_on)s")),
    "call.done": ("phone", gettext_lazy("Call: %(outcome)s")),
    "call.cancelled": ("phone-off", gettext_lazy("Call taken off the list")),
    "contentious.open": ("gavel", gettext_lazy("Legal file %(ref)s opened: %(amount)s")),
    "contentious.notify": ("mail-warning", gettext_lazy("Formal notice sent, to pay by %(due_on)s")),
    "contentious.track": ("stamp", gettext_lazy("Formal notice has the tracking number %(tracking)s")),
    "contentious.second": ("users", gettext_lazy("Legal file %(ref)s: a second person agreed")),
    "contentious.agree": ("handshake", gettext_lazy("Legal file %(ref)s: payment agreed. %(note)s")),
    "contentious.resume": ("triangle-alert", gettext_lazy("Legal file %(ref)s: agreement not kept")),
    "contentious.hand_over": ("briefcase", gettext_lazy("Handed over to %(agency)s")),
    "contentious.return": ("undo-2", gettext_lazy("Returned by %(agency)s. %(note)s")),
    "contentious.file": ("landmark", gettext_lazy("Filed at court: %(court)s")),
    "contentious.order": ("landmark", gettext_lazy("Order issued: %(court)s")),
    "contentious.oppose": ("landmark", gettext_lazy("Opposed at court: %(court)s")),
    "contentious.enforce": ("landmark", gettext_lazy("Enforcement begun: %(court)s")),
    "contentious.reject": ("landmark", gettext_lazy("Rejected by the court: %(court)s. %(note)s")),
    "contentious.report": ("newspaper", gettext_lazy("Legal file %(ref)s: %(note)s")),
    "contentious.close": ("circle-check", gettext_lazy("Legal file %(ref)s closed: %(end)s")),
    "dispute.opened": ("inbox", gettext_lazy("Dispute %(ref)s opened")),
    "dispute.closed": ("circle-check", gettext_lazy("Dispute %(ref)s closed")),
    "dispute.reopened": ("inbox", gettext_lazy("Dispute %(ref)s opened again")),
}


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened."""

    pk: int
    at: datetime
    icon: str
    words: str
    actor: str
    url: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of it; `before` asks for what is older, 0 at the end."""

    moments: list[Moment]
    before: int


def timeline_of(customer: Customer, user: User, before: int = 0, size: int = SIZE) -> Timeline:
    """What happened with the customer, and with those of their disputes the person may see. Three queries."""
    disputes = disputes_for(user).filter(customer=customer).order_by().values("pk")
    files = LegalFile.objects.filter(customer=customer).order_by().values("pk")
    about = Q(stream="customer", object_id=customer.pk) | Q(stream="dispute", object_id__in=disputes)
    about |= Q(stream="legal_file", object_id__in=files)
    events = Event.objects.filter(about, kind__in=KINDS).select_related("actor")
    last = events.filter(pk=before).first() if before else None
    if last is not None:
        events = events.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk))
    rows = list(events.order_by("-at", "-pk")[: size + 1])
    refs = {
        dispute.pk: dispute
        for dispute in Dispute.objects.filter(
            pk__in={row.object_id for row in rows if row.stream == "dispute"}
        )
    }
    legal = policy.may(user, "plan.read", customer.entity_id)
    moments = [_moment(row, customer, refs, legal) for row in rows[:size]]
    return Timeline(moments, rows[size - 1].pk if len(rows) > size else 0)


def _moment(event: Event, customer: Customer, disputes: dict[int, Dispute], legal: bool) -> Moment:
    icon, sentence = KINDS[event.kind]
    dispute = disputes.get(event.object_id) if event.stream == "dispute" else None
    data = _in_words(event.data, str(event.data.get("currency") or customer.entity.currency))
    facts = data | ({"ref": dispute.ref} if dispute else {})
    url = reverse("disputes:detail", args=[dispute.pk]) if dispute else ""
    if event.stream == "legal_file" and legal:
        url = reverse("collections_app:legal_file", args=[event.object_id])
    actor = event.actor.name if event.actor else ""
    return Moment(event.pk, event.at, icon, str(sentence) % _Filled(facts), actor, url)


def sentence_of(kind: str, data: dict[str, Any]) -> str:
    """What an event of this kind with these facts says, as the timeline does."""
    return str(KINDS[kind][1]) % _Filled(_in_words(data, str(data.get("currency", ""))))


def _in_words(data: dict[str, Any], currency: str) -> dict[str, str]:
    return {name: FORMATS.get(name, _plain)(value, currency) for name, value in data.items()}


def _plain(value: Any, _currency: str) -> str:
    return str(value)


def _money(value: Any, currency: str) -> str:
    return formats.money(Decimal(str(value)), currency)


def _day(value: Any, _currency: str) -> str:
    return formats.day(datetime.fromisoformat(str(value)).date())


def _end(value: Any, _currency: str) -> str:
    return str(FileEnd(value).label) if value in FileEnd.values else str(value)


def _outcome(value: Any, _currency: str) -> str:
    return str(CallOutcome(value).label) if value in CallOutcome.values else str(value)


def _segment(value: Any, _currency: str) -> str:
    return label(str(value))


FORMATS: dict[str, Callable[[Any, str], str]] = {
    "amount": _money,
    "asked": _money,
    "promised_on": _day,
    "due_on": _day,
    "outcome": _outcome,
    "end": _end,
    "segment": _segment,
    "was": _segment,
    "because": because,
}


class _Filled(dict[str, str]):
    """What an event of an earlier version does not say is a dash."""

    def __missing__(self, key: str) -> str:
        return "–"
