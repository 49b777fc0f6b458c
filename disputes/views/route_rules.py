"""The rules that choose a route: sentences in order, tried on the last 90 days, and the form of one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import policy
from accounts.models import LegalEntity
from accounts.requests import chosen_entity
from accounts.selectors import entities_for
from disputes.errors import FieldErrors
from disputes.forms_rule import RuleForm
from disputes.models import RouteRule
from disputes.rules_tried import first_day, rules_of, sentence_of, try_rules
from disputes.services.common import day_of
from disputes.services.route_rules import drop_rule, order_rules, set_rule
from disputes.views.common import person
from lib import clock
from lib.errors import DomainError


def _tried(entity: LegalEntity, rules: list[RouteRule]) -> Any:
    return try_rules(entity, rules, first_day(day_of(clock.now(), entity)))


@require_GET
@login_required
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule in order, and where the disputes of the last 90 days would have gone."""
    entity = chosen_entity(request, "route.edit")
    found = rules_of(entity)
    tried = _tried(entity, found)
    context = {
        "entity": entity,
        "entities": entities_for(person(request), "route.edit").order_by("code"),
        "rows": [(rule, sentence_of(rule), tried.by_rule.get(rule.pk, 0)) for rule in found],
        "tried": tried,
    }
    return render(request, "disputes/rules.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def rule(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Change a rule or add one; tried on the last 90 days before it is saved, when asked for."""
    found = _find(request, pk) if pk else None
    entity = found.entity if found else chosen_entity(request, "route.edit")
    form = RuleForm(request.POST or None, entity=entity, rule=found)
    context: dict[str, Any] = {"form": form, "entity": entity, "rule": found}
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        if request.POST.get("act") == "try":
            context |= _try(entity, form, found)
            return render(request, "disputes/rule_form.html", context)
        try:
            set_rule(entity=entity, wanted=form.wanted(), by=person(request), at=clock.now(), rule=found)
        except FieldErrors as wrong:
            for name, sentence in wrong.fields.items():
                form.add_error(name if name in form.fields else None, sentence)
        else:
            messages.success(request, _("The rule is saved. It holds for disputes opened from now on."))
            return redirect(_back(entity))
    return render(request, "disputes/rule_form.html", context, status=status)


def _try(entity: LegalEntity, form: RuleForm, found: RouteRule | None) -> dict[str, Any]:
    """What the last 90 days would be with the rule as it stands in the form: at its place, or as the last one."""
    tried = form.tried(found)
    others = rules_of(entity)
    changed = [tried if one.pk == tried.pk else one for one in others]
    answer = _tried(entity, changed if found else [*others, tried])
    return {"tried": answer, "sentence": sentence_of(tried), "hits": answer.by_rule.get(tried.pk or 0, 0)}


def _find(request: HttpRequest, pk: int) -> RouteRule:
    """The rule; 404 for strangers, 403 for colleagues who may not change it."""
    scope = policy.scope(person(request))
    rows = RouteRule.objects.filter(entity__in=scope.entities("dispute.read"))
    found = get_object_or_404(rows.select_related("entity", "reason", "route"), pk=pk)
    if not policy.may(person(request), "route.edit", found.entity_id):
        raise PermissionDenied
    return found


def _back(entity: LegalEntity) -> str:
    return f"{reverse('disputes:rules')}?entity={entity.pk}"


@require_POST
@login_required
def rule_act(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a rule out, or ask it earlier or later."""
    found = _find(request, pk)
    act, by, at = request.POST.get("act", ""), person(request), clock.now()
    steps = {"up": -1, "down": 1}
    if act not in ("drop", *steps):
        raise Http404
    try:
        if act == "drop":
            drop_rule(rule=found, by=by, at=at)
        else:
            order_rules(entity=found.entity, ids=_shifted(found, steps[act]), by=by, at=at)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(_back(found.entity))


def _shifted(found: RouteRule, step: int) -> list[int]:
    """The keys of the rules with this one a place earlier or later."""
    ids = [one.pk for one in rules_of(found.entity)]
    place = ids.index(found.pk)
    if 0 <= place + step < len(ids):
        ids[place], ids[place + step] = ids[place + step], ids[place]
    return ids
