"""The pages of plans: who follows which, one plan with its draft, the editor, what a draft would change."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import policy
from accounts.models import User
from collections_app import selectors
from collections_app.forms_plans import NewPlanForm, VersionForm, step_forms
from collections_app.models import Plan, PlanVersion
from collections_app.pictures import drawn_version
from collections_app.plan_words import sentences
from collections_app.services import plans
from collections_app.services.comparing import compare
from collections_app.services.plans import Rules, StepInput
from collections_app.views.days import entity_of
from disputes.labels import in_language
from ledger.choices import Segment
from lib import clock
from lib.errors import DomainError, FieldErrors


def _plan(request: HttpRequest, pk: int, *, edit: bool = False) -> Plan:
    """The plan with its entity; 404 when the person may not read it, 403 when they may not change it."""
    plan = get_object_or_404(Plan.objects.visible_to(request.user).select_related("entity"), pk=pk)
    if edit and not policy.may(request.user, "plan.edit", plan.entity_id):
        raise PermissionDenied
    return plan


@login_required
@require_GET
def plan_list(request: HttpRequest) -> HttpResponse:
    """The plans of an entity, drawn, and which segment follows which."""
    entity, mine = entity_of(request)
    found = list(selectors.plans(request.user, drafts=True).filter(entity=entity))
    followed = {row.code: row.plan_id for row in selectors.segments(entity)}
    in_force = [plan for plan in found if plan.in_force]  # type: ignore[attr-defined]
    context = {
        "entity": entity,
        "entities": mine,
        "plans": [_card(plan) for plan in found],
        "segments": [{"code": s.value, "name": s.label, "plan": followed.get(s.value)} for s in Segment],
        "choices": [(plan.pk, in_language(plan.labels) or plan.code) for plan in in_force],
        "may_edit": policy.may(request.user, "plan.edit", entity.pk),
        "form": NewPlanForm(plans=_likes(in_force)),
    }
    return render(request, "collections_app/plans.html", context)


def _likes(in_force: list[Plan]) -> list[tuple[str, str]]:
    return [(plan.code, in_language(plan.labels) or plan.code) for plan in in_force]


def _card(plan: Plan) -> dict[str, Any]:
    current, draft = plan.in_force, plan.drafts  # type: ignore[attr-defined]
    shown = (current or draft)[0]
    return {
        "plan": plan,
        "picture": drawn_version(plan, shown),
        "draft": bool(draft),
        "current": bool(current),
    }


@login_required
@require_POST
def plan_new(request: HttpRequest) -> HttpResponse:
    """A new plan, as a draft."""
    entity, _mine = entity_of(request)
    if not policy.may(request.user, "plan.edit", entity.pk):
        raise PermissionDenied
    in_force = [p for p in selectors.plans(request.user).filter(entity=entity) if p.in_force]  # type: ignore[attr-defined]
    form = NewPlanForm(request.POST, plans=_likes(in_force))
    if not form.is_valid():
        messages.error(request, " ".join(str(e) for errors in form.errors.values() for e in errors))
        return redirect(f"{reverse('collections_app:plans')}?entity={entity.code}")
    like = next((plan for plan in in_force if plan.code == form.cleaned_data["like"]), None)
    labels = {(get_language() or "en")[:2]: form.cleaned_data["name"]}
    user, at = cast(User, request.user), clock.now()
    plan = plans.create_plan(entity=entity, labels=labels, by=user, at=at, like=like)
    return redirect("collections_app:plan_edit", plan.pk)


@login_required
@require_POST
def plan_follow(request: HttpRequest) -> HttpResponse:
    """Which plan a segment follows."""
    entity, _mine = entity_of(request)
    if not policy.may(request.user, "plan.edit", entity.pk):
        raise PermissionDenied
    user, at = cast(User, request.user), clock.now()
    for segment in Segment:
        wanted = request.POST.get(segment.value)
        if wanted is None:
            continue
        plan = Plan.objects.filter(entity=entity, pk=int(wanted)).first() if wanted.isdecimal() else None
        try:
            plans.follow(entity=entity, code=segment.value, plan=plan, by=user, at=at)
        except DomainError as error:
            messages.error(request, str(error))
            break
    else:
        messages.success(request, _("Saved. It counts from the next decision on."))
    return redirect(f"{reverse('collections_app:plans')}?entity={entity.code}")


@login_required
@require_GET
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """One plan: what is in force, its draft beside it, and its former versions."""
    found = _plan(request, pk)
    versions = list(found.versions.prefetch_related("steps").select_related("created_by").order_by("-number"))
    current = next((version for version in versions if version.current), None)
    draft = next((version for version in versions if version.draft), None)
    context = {
        "plan": found,
        "name": in_language(found.labels) or found.code,
        "current": _shown(found, current),
        "draft": _shown(found, draft),
        "former": [version for version in versions if not (version.draft or version.current)],
        "may_edit": policy.may(request.user, "plan.edit", found.entity_id),
    }
    return render(request, "collections_app/plan.html", context)


def _shown(found: Plan, version: PlanVersion | None) -> dict[str, Any] | None:
    if version is None:
        return None
    currency = found.entity.currency
    return {
        "version": version,
        "picture": drawn_version(found, version),
        "words": sentences(version, currency),
    }


@login_required
@require_GET
def plan_tried(request: HttpRequest, pk: int) -> HttpResponse:
    """What the draft would change, as a part of the plan's page: it takes a while for large books."""
    found = _plan(request, pk)
    draft = get_object_or_404(found.versions.select_related("plan__entity"), draft=True)
    seen = compare(draft=draft, on=clock.today(found.entity.time_zone))
    return render(
        request, "collections_app/_plan_tried.html", {"seen": seen, "currency": found.entity.currency}
    )


@login_required
@require_http_methods(["GET", "POST"])
def plan_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The editor: figures and steps. Saving makes the draft; nothing changes for customers before it is published."""
    found = _plan(request, pk, edit=True)
    base = found.versions.filter(draft=True).first() or found.versions.get(current=True)
    if request.method == "GET":
        form, steps = VersionForm.of(base), step_forms(None, plans.steps_of(base))
        return _editor(request, found, form, steps)
    form, steps = VersionForm(request.POST), step_forms(request.POST, [])
    if "add" in request.POST:
        return _editor(request, found, form, _one_more(request))
    if not (form.is_valid() and steps.is_valid()):
        return _editor(request, found, form, steps, status=422)
    kept = [one.step for one in steps if one.cleaned_data and not one.cleaned_data.get("gone")]
    try:
        _save(request, found, kept, form.rules)
    except FieldErrors as error:
        return _editor(request, found, form, steps, error=str(error), status=422)
    messages.success(request, _("The draft is saved. Look at what it would change, then put it into force."))
    return redirect("collections_app:plan", found.pk)


def _save(request: HttpRequest, found: Plan, steps: list[StepInput], rules: Rules) -> None:
    plans.save_draft(plan=found, steps=steps, rules=rules, by=cast(User, request.user), at=clock.now())


def _one_more(request: HttpRequest) -> Any:
    """The same forms with an empty one at the end."""
    post = request.POST.copy()
    post["steps-TOTAL_FORMS"] = str(min(int(post.get("steps-TOTAL_FORMS") or 0) + 1, plans.MOST_STEPS))
    return step_forms(post, [])


def _editor(
    request: HttpRequest, found: Plan, form: VersionForm, steps: Any, *, error: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "plan": found,
        "name": in_language(found.labels) or found.code,
        "form": form,
        "steps": steps,
        "error": error,
    }
    return render(request, "collections_app/plan_edit.html", context, status=status)


@login_required
@require_POST
def plan_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft comes into force."""
    found = _plan(request, pk, edit=True)
    try:
        plans.publish_draft(plan=found, by=cast(User, request.user), at=clock.now())
        messages.success(request, _("In force from the next decision on."))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("collections_app:plan", found.pk)


@login_required
@require_POST
def plan_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft goes; a plan that never was in force goes with it."""
    found = _plan(request, pk, edit=True)
    plans.discard_draft(plan=found)
    messages.success(request, _("The draft is discarded."))
    found.refresh_from_db()
    if found.active:
        return redirect("collections_app:plan", found.pk)
    return redirect(f"{reverse('collections_app:plans')}?entity={found.entity.code}")
