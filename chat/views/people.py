"""Who is in a room: the list, invitations, sending away."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages as notes
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import policy
from chat import selectors, services
from chat.audience import TEAM, Reader
from chat.forms_people import ColleagueForm, ContactForm, PartnerForm
from chat.models import Room
from chat.views.doors import person, place_of, team_room
from lib import clock
from lib.errors import DomainError, FieldErrors

FORMS: dict[str, type[Any]] = {"colleague": ColleagueForm, "partner": PartnerForm, "contact": ContactForm}


@login_required
@require_http_methods(["GET", "POST"])
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """Who takes part, since when and on which side; the team invites from here."""
    if request.method == "POST":
        return _invited(request, team_room(request, pk, "room.invite"))
    return _draw(request, pk, {}, 200)


@login_required
@require_POST
def remove_person(request: HttpRequest, pk: int, stay: int) -> HttpResponse:
    """Send somebody away."""
    room = team_room(request, pk, "room.invite")
    one = get_object_or_404(room.participants.select_related("room"), pk=stay, left_at=None)
    name = str(one.person)
    services.remove(stay=one, by=person(request), at=clock.now())
    notes.success(request, _("%(name)s no longer takes part.") % {"name": name})
    return redirect("chat:people", pk)


def _invited(request: HttpRequest, room: Room) -> HttpResponse:
    kind = request.POST.get("kind", "")
    if kind not in FORMS:
        return _draw(request, room.pk, {}, 400)
    form = FORMS[kind](request.POST, room=room)
    if form.is_valid():
        try:
            stay = _bring(request, room, kind, form)
        except FieldErrors as error:
            form.add_error(None, [str(words) for words in error.fields.values()])
        except (DomainError, ValidationError) as error:
            words = error.messages if isinstance(error, ValidationError) else [str(error)]
            form.add_error(None, words)
        else:
            notes.success(request, _("%(name)s takes part now.") % {"name": stay.person})
            return redirect("chat:people", room.pk)
    return _draw(request, room.pk, {kind: form}, 422)


def _bring(request: HttpRequest, room: Room, kind: str, form: Any) -> Any:
    given = form.cleaned_data
    facts: dict[str, Any] = {"room": room, "by": person(request), "at": clock.now()}
    if kind == "colleague":
        return services.invite(user=given["user"], **facts)
    if kind == "contact":
        return services.invite_contact(contact=given["contact"], seen=form.seen(), **facts)
    outsider = services.Outsider(given["email"], given["name"], given["company"] or given["new_company"])
    return services.invite_partner(outsider=outsider, seen=form.seen(), **facts)


def _draw(request: HttpRequest, pk: int, filled: dict[str, forms.Form], status: int) -> HttpResponse:
    place, user = place_of(request, pk), person(request)
    room = Room.objects.select_related("entity", "dispute__customer", "dispute__reason", "customer").get(
        pk=pk
    )
    stays = selectors.present(pk).select_related("user", "contact__customer", "party")
    known = [stay for stay in stays if place.reader.knows(Reader(stay.side, stay.party_id))]
    team = place.reader == TEAM and policy.may(user, "room.invite", room.entity_id)
    context: dict[str, Any] = {
        "room": room,
        "stays": sorted(known, key=lambda stay: (stay.side, str(stay.person))),
        "may_invite": team,
        "may_ask_contacts": bool(room.dispute_id or room.customer_id),
    }
    if team:
        context |= {kind: filled.get(kind) or form(room=room) for kind, form in FORMS.items()}
    context["open"] = next(iter(filled), "")
    return render(request, "chat/people.html", context, status=status)
