"""One's own views and macros: kept, renamed, put in order, shared, forgotten."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import LegalEntity, User
from accounts.requests import chosen_entity
from accounts.selectors import entities_for
from disputes import services, triage
from disputes.errors import FieldErrors
from disputes.forms_queue import FilterForm, MacroForm, ViewForm
from disputes.macros_shown import tell_macros
from disputes.models import Macro, SavedView
from disputes.views.common import person
from lib.errors import DomainError


@login_required
@require_GET
def saved_views(request: HttpRequest) -> HttpResponse:
    """One's views in their order, and those that others share."""
    user = person(request)
    found = list(triage.views_for(user))
    context = {
        "mine": [view for view in found if view.owner_id == user.pk],
        "theirs": [view for view in found if view.owner_id != user.pk],
    }
    return render(request, "disputes/views.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def view_form(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Keep a filter under a name, or change a kept one."""
    user = person(request)
    view = get_object_or_404(triage.views_for(user), pk=pk) if pk else None
    kept = request.POST.get("filters", request.GET.get("filters", ""))
    form = ViewForm(request.POST if request.method == "POST" else None, user=user, view=view)
    if request.method == "POST" and form.is_valid():
        try:
            saved = _save(form, view, kept, user)
        except FieldErrors as wrong:
            for name, sentence in wrong.fields.items():
                form.add_error(name if name in form.fields else None, sentence)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("View saved."))
            return redirect(f"{reverse('disputes:list')}?{urlencode({**saved.filters, 'saved': saved.pk})}")
    context = {"form": form, "view": view, "kept": kept}
    return render(request, "disputes/view_form.html", context, status=422 if form.is_bound else 200)


def _save(form: ViewForm, view: SavedView | None, kept: str, user: User) -> SavedView:
    filters = view.filters if view and not kept else _read(kept, user)
    return services.save_view(
        by=user,
        name=form.cleaned_data["name"],
        filters=filters,
        entity=form.cleaned_data.get("shared"),
        view=view,
    )


def _read(kept: str, user: User) -> dict[str, str]:
    """The filter of an address: what the form of the queue understands of it, and nothing else."""
    form = FilterForm(dict(parse_qsl(kept)), user=user)
    filters = form.filters()
    return {**triage.shown_filters(form.kept()), "view": filters.view}


@login_required
@require_POST
def view_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a view."""
    view = get_object_or_404(triage.views_for(person(request)), pk=pk)
    try:
        services.drop_view(view=view, by=person(request))
        messages.success(request, _("View deleted."))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("disputes:views")


@login_required
@require_POST
def view_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a view one place further to the front."""
    user = person(request)
    ids = list(SavedView.objects.filter(owner=user).values_list("pk", flat=True))
    place = ids.index(get_object_or_404(SavedView, owner=user, pk=pk).pk)
    ids.insert(max(place - 1, 0), ids.pop(place))
    services.order_views(by=user, ids=ids)
    return redirect("disputes:views")


@login_required
@require_GET
def macros(request: HttpRequest) -> HttpResponse:
    """One's macros and the shared ones, in words."""
    user = person(request)
    if not entities_for(user, "dispute.move").exists():
        raise PermissionDenied
    rows = [
        {"macro": one, "steps": steps, "may_change": services.may_change(one, user)}
        for one, steps in tell_macros(triage.macros_for(user))
    ]
    return render(request, "disputes/macros.html", {"rows": rows})


@login_required
@require_http_methods(["GET", "POST"])
def macro_form(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make a macro, or change one."""
    user = person(request)
    macro = get_object_or_404(triage.macros_for(user), pk=pk) if pk else None
    entity = macro.entity if macro else chosen_entity(request, "dispute.move")
    sharing = services.may_share(user, entity.pk)
    form = MacroForm(
        request.POST if request.method == "POST" else None, entity=entity, may_share=sharing, macro=macro
    )
    if request.method == "POST" and form.is_valid() and _saved(form, entity, user, macro):
        messages.success(request, _("Macro saved."))
        return redirect("disputes:macros")
    entities = entities_for(user, "dispute.move").order_by("code")
    context = {"form": form, "macro": macro, "entity": entity, "entities": entities}
    return render(request, "disputes/macro_form.html", context, status=422 if form.is_bound else 200)


def _saved(form: MacroForm, entity: LegalEntity, user: User, macro: Macro | None) -> bool:
    data = form.cleaned_data
    try:
        services.save_macro(
            entity=entity,
            by=user,
            name=data["name"],
            steps=form.steps(),
            then=data["then"],
            shared=data.get("shared", False),
            macro=macro,
        )
    except FieldErrors as wrong:
        for name, sentence in wrong.fields.items():
            form.add_error(name if name in form.fields else None, sentence)
        return False
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    return True


@login_required
@require_POST
def macro_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a macro."""
    macro = get_object_or_404(triage.macros_for(person(request)), pk=pk)
    try:
        services.drop_macro(macro=macro, by=person(request))
        messages.success(request, _("Macro deleted."))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("disputes:macros")
