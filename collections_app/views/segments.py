"""The pages of segments: who is where, the rules as sentences, a draft of them and what it would change."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import policy
from accounts.models import LegalEntity
from accounts.requests import person
from collections_app.forms_segments import RuleForm
from collections_app.models import SegmentRules
from collections_app.segmenting import shown
from collections_app.segmenting.words import label
from collections_app.services import segments
from collections_app.services.segments import RuleInput
from collections_app.views.common import must, refusal, said
from collections_app.views.days import entity_of
from ledger.choices import Segment
from lib import clock

PAGE = 50


@login_required
@require_GET
def segment_list(request: HttpRequest) -> HttpResponse:
    """The segments with their customers and money, and the rules in force."""
    entity, mine = entity_of(request)
    current = shown.version_of(entity, draft=False)
    context = {
        "entity": entity,
        "entities": mine,
        "rows": shown.counted(request.user, entity),
        "version": current,
        "rules": shown.in_force(entity, current),
        "learned_on": shown.learned_on(entity),
        "draft": shown.version_of(entity, draft=True),
        "may_edit": policy.may(request.user, "plan.edit", entity.pk),
    }
    return render(request, "collections_app/segments.html", context)


@login_required
@require_GET
def segment_members(request: HttpRequest, code: str) -> HttpResponse:
    """The customers of a segment, each with what put them there."""
    entity, mine = entity_of(request)
    if code not in Segment.values:
        raise Http404
    found = shown.members(request.user, entity, code)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "entity": entity,
        "entities": mine,
        "name": label(code),
        "page": page,
        "rows": [(customer, shown.standing(customer, entity.currency)) for customer in page],
    }
    return render(request, "collections_app/segment_members.html", context)


@login_required
@require_GET
def segment_rules(request: HttpRequest) -> HttpResponse:
    """The rules to change: the draft, else those in force."""
    entity, mine = entity_of(request)
    must(request, "plan.edit", entity.pk)
    base = _base(entity)
    rules = segments.inputs_of(base) if base else []
    context = {
        "entity": entity,
        "entities": mine,
        "draft": base if base and base.draft else None,
        "base": base.pk if base else 0,
        "rules": [(place, shown.words_of(rule, entity)) for place, rule in enumerate(rules, start=1)],
    }
    return render(request, "collections_app/segment_rules.html", context)


def _base(entity: LegalEntity) -> SegmentRules | None:
    """What a change starts from."""
    return shown.version_of(entity, draft=True) or shown.version_of(entity, draft=False)


@login_required
@require_GET
def segment_tried(request: HttpRequest) -> HttpResponse:
    """Whom the draft would move, as a part of the page of rules."""
    entity, _mine = entity_of(request)
    must(request, "plan.edit", entity.pk)
    draft = shown.version_of(entity, draft=True)
    if draft is None:
        raise Http404
    seen = shown.tried(request.user, entity, list(draft.rules.all()))
    return render(request, "collections_app/_segment_tried.html", {"seen": seen, "entity": entity})


@login_required
@require_http_methods(["GET", "POST"])
def segment_rule(request: HttpRequest, place: int) -> HttpResponse:
    """One rule of the draft as a form; place 0 is a new one, at the end."""
    entity, _mine = entity_of(request)
    must(request, "plan.edit", entity.pk)
    base = _base(entity)
    rules = segments.inputs_of(base) if base else []
    if place > len(rules):
        raise Http404
    rule = rules[place - 1] if place else None
    if request.method == "GET":
        return _form(request, entity, RuleForm(rule=rule), place, base)
    rows = request.POST.get("rows", "")
    form = RuleForm(request.POST, rows=int(rows) if rows.isdecimal() and len(rows) < 3 else 3)
    if form.is_valid():
        changed = [*rules[: place - 1], form.rule, *rules[place:]] if place else [*rules, form.rule]
        sentence = refusal(lambda: _save(request, entity, changed))
        if not sentence:
            return redirect(f"{reverse('collections_app:segment_rules')}?entity={entity.code}")
        form.add_error(None, sentence)
    return _form(request, entity, form, place, base, status=422)


def _form(
    request: HttpRequest,
    entity: LegalEntity,
    form: RuleForm,
    place: int,
    base: SegmentRules | None,
    status: int = 200,
) -> HttpResponse:
    context = {"entity": entity, "form": form, "place": place, "base": base.pk if base else 0}
    return render(request, "collections_app/segment_rule.html", context, status=status)


def _save(request: HttpRequest, entity: LegalEntity, rules: list[RuleInput]) -> None:
    base = request.POST.get("base", "")
    segments.save_draft(
        entity=entity,
        rules=rules,
        by=person(request),
        at=clock.now(),
        base=int(base) if base.isdecimal() else 0,
    )


@login_required
@require_POST
def segment_rules_act(request: HttpRequest) -> HttpResponse:
    """Move a rule, take it out, start with the shipped ones, put the draft into force or discard it."""
    entity, _mine = entity_of(request)
    must(request, "plan.edit", entity.pk)
    act, user = request.POST.get("act", ""), person(request)
    on = clock.today(entity.time_zone)
    if act == "publish":
        done = _("In force. Every customer is in the segment that follows.")
        said(request, done, lambda: segments.publish_draft(entity=entity, by=user, on=on, at=clock.now()))
        return redirect(f"{reverse('collections_app:segments')}?entity={entity.code}")
    if act == "discard":
        segments.discard_draft(entity=entity)
        messages.success(request, _("The draft is discarded."))
        return redirect(f"{reverse('collections_app:segments')}?entity={entity.code}")
    base = _base(entity)
    rules = _acted(segments.inputs_of(base) if base else [], act, request.POST.get("place", ""))
    sentence = refusal(lambda: _save(request, entity, rules))
    if sentence:
        messages.error(request, sentence)
    return redirect(f"{reverse('collections_app:segment_rules')}?entity={entity.code}")


def _acted(rules: list[RuleInput], act: str, place: str) -> list[RuleInput]:
    """The rules after a move; 404 for a rule that is not there."""
    if act == "start":
        return segments.inputs_of(None)
    at = int(place) - 1 if place.isdecimal() else -1
    if not 0 <= at < len(rules):
        raise Http404
    rule = rules.pop(at)
    if act in {"up", "down"}:
        rules.insert(max(at + (1 if act == "down" else -1), 0), rule)
    return rules
