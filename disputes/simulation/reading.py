"""The past of a route's disputes, read in a handful of queries however many there are."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accounts.models import Event
from accounts.selectors import Offices
from disputes.choices import CLOSED
from disputes.clocks import add_working, working_time
from disputes.models import Dispute, Route, Stay
from disputes.services.common import STREAM
from disputes.simulation.parts import Past, Visit

MOST = 2000  # disputes of one simulation; the newest count
ENTERS = ("dispute.opened", "dispute.moved", "dispute.reopened")
STAY = (
    "dispute_id",
    "stage__code",
    "stage__version__route_id",
    "stage__holder_kind",
    "stage__deadline_minutes",
    "stage__clock_stops",
    "status",
    "holder_user_id",
    "holder_department_id",
    "started_at",
    "ended_at",
)


@dataclass(frozen=True, slots=True)
class Read:
    """What was read; `more` says that older disputes of the period were left out."""

    pasts: list[Past]
    more: bool


def read_pasts(route: Route, since: date, until: date, offices: Offices, now: datetime) -> Read:
    """The disputes that were opened in the period on any edition of the route, the newest first."""
    rows = Dispute.objects.filter(route_version__route=route, opened_on__gte=since, opened_on__lte=until)
    people = rows.select_related("customer__salesperson", "coordinator", "entity", "outcome")
    found = list(people.order_by("-opened_on", "-pk")[: MOST + 1])
    disputes = found[:MOST]
    ids = [dispute.pk for dispute in disputes]
    stays, events = _stays(ids), _events(ids)
    pasts = [
        _past(dispute, _here(stays[dispute.pk], route.pk), events[dispute.pk], offices, now)
        for dispute in disputes
    ]
    return Read([past for past in pasts if past.visits], more=len(found) > MOST)


def _here(stays: list[dict[str, Any]], route_id: int) -> list[dict[str, Any]]:
    """The stays since the dispute last came to this route from another one."""
    elsewhere = [n for n, stay in enumerate(stays) if stay["stage__version__route_id"] != route_id]
    return stays[elsewhere[-1] + 1 :] if elsewhere else stays


def _stays(ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in Stay.objects.filter(dispute__in=ids).order_by("dispute", "seq").values(*STAY):
        found[row["dispute_id"]].append(row)
    return found


def _events(ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = Event.objects.filter(stream=STREAM, object_id__in=ids, kind__in=[*ENTERS, "dispute.closed"])
    for row in rows.order_by("object_id", "seq").values("object_id", "kind", "at", "data"):
        found[row["object_id"]].append(dict(row))
    return found


def _past(
    dispute: Dispute,
    stays: list[dict[str, Any]],
    events: list[dict[str, Any]],
    offices: Offices,
    now: datetime,
) -> Past:
    salesperson = dispute.customer.salesperson
    people = {"coordinator": dispute.coordinator.name}
    if salesperson is not None:
        people["salesperson"] = salesperson.name
    return Past(
        pk=dispute.pk,
        ref=dispute.ref,
        customer=dispute.customer.name,
        visits=tuple(_visits(stays, events, offices, now)),
        closed=dispute.closed_at,
        people=people,
    )


def _visits(
    stays: list[dict[str, Any]], events: Iterable[dict[str, Any]], offices: Offices, now: datetime
) -> list[Visit]:
    """Stays of one stage on end are one visit, unless the dispute entered the stage anew or was closed between."""
    waiting = deque(events)
    groups: list[tuple[list[dict[str, Any]], dict[str, Any] | None]] = []
    closed = True
    for stay in stays:
        if stay["status"] in CLOSED:
            closed = True
            continue
        entry = _entry(waiting, stay)
        fresh = entry is not None or closed or groups[-1][0][-1]["stage__code"] != stay["stage__code"]
        if fresh:
            groups.append(([], entry))
        groups[-1][0].append(stay)
        closed = False
    ends = _leaving(groups, [event for event in events if event["kind"] != "dispute.opened"])
    return [
        _visit(group, entry, leave, offices, now) for (group, entry), leave in zip(groups, ends, strict=True)
    ]


def _entry(waiting: deque[dict[str, Any]], stay: dict[str, Any]) -> dict[str, Any] | None:
    """The event by which this stay began a visit, taken from those that wait."""
    while waiting and (waiting[0]["kind"] not in ENTERS or waiting[0]["at"] < stay["started_at"]):
        waiting.popleft()
    if waiting and waiting[0]["at"] == stay["started_at"]:
        to = (waiting[0]["data"].get("to") or waiting[0]["data"].get("stage") or {}).get("code")
        if to in (None, stay["stage__code"]):
            return waiting.popleft()
    return None


def _leaving(
    groups: list[tuple[list[dict[str, Any]], dict[str, Any] | None]], events: list[dict[str, Any]]
) -> list[dict[str, Any] | None]:
    """For each visit the event that ended it: the first of the right kind at its end that none before it took."""
    waiting = [event for event in events if event["kind"] in ("dispute.moved", "dispute.closed")]
    found: list[dict[str, Any] | None] = []
    for group, _entry_event in groups:
        end, code = group[-1]["ended_at"], group[-1]["stage__code"]
        leave = next(
            (e for e in waiting if e["at"] == end and (e["data"].get("from") or {}).get("code") == code), None
        )
        if leave is not None:
            waiting.remove(leave)
        found.append(leave)
    return found


def _visit(
    group: list[dict[str, Any]],
    entry: dict[str, Any] | None,
    leave: dict[str, Any] | None,
    offices: Offices,
    now: datetime,
) -> Visit:
    first, last = group[0], group[-1]
    start, end = first["started_at"], last["ended_at"]
    office = offices.ours(first["holder_user_id"], first["holder_department_id"])
    deadline = None if first["stage__clock_stops"] else first["stage__deadline_minutes"]
    due = add_working(start, deadline, office) if deadline else None
    told = (entry or {}).get("data", {}).get("due_at")
    data = leave["data"] if leave else {}
    return Visit(
        stage=first["stage__code"],
        kind=first["stage__holder_kind"],
        start=start,
        end=end,
        minutes=round(working_time(start, max(end or now, start), office).total_seconds() / 60),
        due=datetime.fromisoformat(told) if told and deadline else due,
        deadline=deadline,
        move=str(data.get("move") or ""),
        closes=(data["status"], data["resolution"]) if leave and leave["kind"] == "dispute.closed" else None,
        office=office,
    )
