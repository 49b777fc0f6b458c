"""Pages of calendars and absences."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import policy, selectors, services
from accounts.forms_away import AbsenceForm, CalendarForm, ClosureForm, LeadForm
from accounts.models import Calendar, Closure, LegalEntity, User
from accounts.requests import chosen_entity, person
from lib import clock
from lib.errors import DomainError, FieldErrors

PREVIEW_DAYS = 14
HORIZON = timedelta(days=183)


def _calendar(request: HttpRequest, pk: int) -> Calendar:
    """A calendar the person may edit; 404 otherwise."""
    entities = policy.scope(person(request)).entities("calendar.edit")
    return get_object_or_404(selectors.calendars(person(request)).filter(entity__in=entities), pk=pk)


def _say_wrong(form: forms.Form, wrong: FieldErrors) -> None:
    for name, sentence in wrong.fields.items():
        form.add_error(name if name in form.fields else None, sentence)


@require_GET
@login_required
def calendars(request: HttpRequest) -> HttpResponse:
    """Every calendar of an entity, and who leads its departments."""
    entity = chosen_entity(request, "calendar.edit")
    rows = selectors.calendars(person(request)).filter(entity=entity)
    today = clock.now().date()
    people = User.objects.filter(memberships__entity=entity, is_active=True).distinct().order_by("name", "pk")
    context = {
        "entity": entity,
        "entities": selectors.entities_for(person(request), "calendar.edit").order_by("code"),
        "rows": selectors.calendars_in_order(rows),
        "today": today,
        "departments": entity.departments.select_related("lead"),
        "people": people,
    }
    return render(request, "accounts/calendars.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def calendar(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """One calendar: its hours, closures and the days to come; or a new one."""
    row = _calendar(request, pk) if pk else None
    entity = row.entity if row else chosen_entity(request, "calendar.edit")
    form = CalendarForm(request.POST if request.method == "POST" else None, entity=entity, row=row)
    if form.is_bound and form.is_valid():
        try:
            saved = services.save_calendar(
                entity=entity, wanted=form.wanted(), by=person(request), at=clock.now(), row=row
            )
        except FieldErrors as wrong:
            _say_wrong(form, wrong)
        else:
            messages.success(request, _("Calendar saved. Open deadlines are counted again."))
            return redirect("accounts:calendar", saved.pk)
    return _show_calendar(
        request, entity, row, form, ClosureForm(auto_id="closure_%s"), 422 if form.is_bound else 200
    )


def _show_calendar(
    request: HttpRequest,
    entity: LegalEntity,
    row: Calendar | None,
    form: forms.Form,
    closure: forms.Form,
    status: int,
) -> HttpResponse:
    context: dict[str, Any] = {"entity": entity, "row": row, "form": form, "closure_form": closure}
    if row is not None:
        office = selectors.office_of_calendar(row)
        today = clock.now().date()
        days = [today + timedelta(days=n) for n in range(PREVIEW_DAYS)]
        context["days"] = [
            {"day": day, "hours": services.write_hours(office.spans(day)), "why": office.why_closed(day)}
            for day in days
        ]
        context["holidays"] = selectors.coming_closures(office, today, today + HORIZON)
        context["closures"] = [one for one in row.closures.all() if one.ends_on >= today - timedelta(days=31)]
    return render(request, "accounts/calendar.html", context, status=status)


@require_POST
@login_required
def drop_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a calendar away."""
    row = _calendar(request, pk)
    try:
        services.drop_calendar(row=row, by=person(request), at=clock.now())
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("accounts:calendar", pk)
    messages.success(request, _("The calendar is gone; the next wider one holds."))
    return redirect(f"{reverse('accounts:calendars')}?entity={row.entity_id}")


@require_POST
@login_required
def add_closure(request: HttpRequest, pk: int) -> HttpResponse:
    """Close on some days."""
    row = _calendar(request, pk)
    form = ClosureForm(request.POST, auto_id="closure_%s")
    if form.is_valid():
        try:
            services.add_closure(calendar=row, by=person(request), at=clock.now(), **form.cleaned_data)
        except FieldErrors as wrong:
            _say_wrong(form, wrong)
        else:
            messages.success(request, _("Closure saved. Open deadlines are counted again."))
            return redirect("accounts:calendar", pk)
    return _show_calendar(request, row.entity, row, CalendarForm(None, entity=row.entity, row=row), form, 422)


@require_POST
@login_required
def drop_closure(request: HttpRequest, pk: int) -> HttpResponse:
    """Open on these days again."""
    closure = get_object_or_404(Closure.objects.select_related("calendar"), pk=pk)
    row = _calendar(request, closure.calendar_id)
    services.drop_closure(closure=closure, by=person(request), at=clock.now())
    messages.success(request, _("The closure is gone. Open deadlines are counted again."))
    return redirect("accounts:calendar", row.pk)


@require_POST
@login_required
def set_lead(request: HttpRequest) -> HttpResponse:
    """Say who leads a department."""
    entity = chosen_entity(request, "calendar.edit")
    form = LeadForm(request.POST, entity=entity)
    if not form.is_valid():
        messages.error(request, _("Choose a person of this legal entity."))
    else:
        try:
            services.set_lead(by=person(request), at=clock.now(), **form.cleaned_data)
            messages.success(request, _("Settings saved."))
        except DomainError as error:
            messages.error(request, str(error))
    return redirect(f"{reverse('accounts:calendars')}?entity={entity.pk}")


@require_http_methods(["GET", "POST"])
@login_required
def absences(request: HttpRequest) -> HttpResponse:
    """One's own absences, and for the office those of colleagues; a new one."""
    user = person(request)
    form = AbsenceForm(
        request.POST if request.method == "POST" else None,
        by=user,
        people=selectors.people_to_report_for(user),
        colleagues=selectors.colleagues(user),
    )
    if form.is_bound and form.is_valid():
        try:
            services.report_absence(by=user, at=clock.now(), **form.cleaned_data)
        except FieldErrors as wrong:
            _say_wrong(form, wrong)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Absence saved."))
            return redirect("accounts:absences")
    today = clock.now().date()
    rows = selectors.absences(user).select_related("user", "deputy")
    context = {
        "form": form,
        "rows": rows.filter(ends_on__gte=today).order_by("starts_on", "user__name", "pk"),
        "today": today,
        "several": form.fields["user"].queryset.count() > 1,  # type: ignore[attr-defined]
    }
    return render(request, "accounts/absences.html", context, status=422 if form.is_bound else 200)


@require_POST
@login_required
def end_absence(request: HttpRequest, pk: int) -> HttpResponse:
    """The person is back, or does not go."""
    absence = get_object_or_404(selectors.absences(person(request)), pk=pk)
    on: date = clock.now().date()
    try:
        services.end_absence(absence=absence, on=on, by=person(request), at=clock.now())
        messages.success(
            request, _("The absence is over. What the deputy got stays there until it is given back.")
        )
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("accounts:absences")
