"""The month ahead as a calendar: what would go on each day if nobody paid and nothing else happened."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import LegalEntity
from collections_app.decision.book import Book
from collections_app.decision.play import Day, month_ahead
from collections_app.services.comparing import ahead_by_week
from collections_app.views.days import entity_of
from ledger.models import Contact, Customer
from lib import clock
from lib.money import ZERO

SHOWN = 200


@login_required
@require_GET
def ahead(request: HttpRequest) -> HttpResponse:
    """The frame of the page; the calendar comes as a part of it, for it takes a while for large books."""
    entity, mine = entity_of(request)
    return render(request, "collections_app/ahead.html", {"entity": entity, "entities": mine})


@login_required
@require_GET
def ahead_days(request: HttpRequest) -> HttpResponse:
    """The calendar, and one day of it with its customers when `day` names it."""
    entity, _mine = entity_of(request)
    on = clock.today(entity.time_zone)
    book = Book.of(entity)
    days = month_ahead(book, on)
    wanted = next((day for day in days if day.on.isoformat() == request.GET.get("day")), None)
    context = {
        "entity": entity,
        "weeks": [[_cell(day, entity, on) for day in week] for week in ahead_by_week(days, on)],
        "messages": sum(len(day.sent) for day in days),
        "chosen": _chosen(wanted, book) if wanted else None,
    }
    return render(request, "collections_app/_ahead.html", context)


def _cell(day: Day | None, entity: LegalEntity, today: date) -> dict[str, Any] | None:
    if day is None:
        return None
    own = [one.amount for one in day.sent if one.currency == entity.currency]
    return {"on": day.on, "count": len(day.sent), "amount": sum(own, ZERO), "today": day.on == today}


def _chosen(day: Day, book: Book) -> dict[str, Any]:
    customers = Customer.objects.in_bulk({one.customer_id for one in day.sent})
    contacts = Contact.objects.in_bulk({one.contact_id for one in day.sent if one.contact_id})
    rows: list[dict[str, Any]] = [
        {
            "customer": customers[one.customer_id],
            "contact": contacts.get(one.contact_id or 0),
            "step": book.rules[one.plan_id].steps[one.step_days],
            "one": one,
        }
        for one in sorted(day.sent, key=lambda one: -one.amount)
    ]
    by_step: dict[str, int] = defaultdict(int)
    for row in rows:
        by_step[row["step"].name] += 1
    return {"on": day.on, "rows": rows[:SHOWN], "more": max(0, len(rows) - SHOWN), "by_step": dict(by_step)}
