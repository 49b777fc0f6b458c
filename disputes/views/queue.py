"""The triage queue: list and pane, and acts on many."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts import policy
from accounts.models import User
from disputes import queue as rules
from disputes import queue_sums, selectors, services, triage
from disputes.choices import Nap
from disputes.forms import people_in
from disputes.forms_queue import FilterForm
from disputes.models import Reason
from disputes.row_markup import rows_html
from disputes.services.changes import ME, Step
from disputes.views.common import card_context, find, person
from lib import clock
from lib.htmx import is_htmx


@login_required
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """The list of a view, filtered, with the chosen dispute beside it; for htmx the part that is asked for."""
    opened = request.GET.get("open", "")
    if is_htmx(request) and request.headers.get("HX-Target") == "pane" and opened.isdigit():
        context = {"opened": int(opened), **card_context(request, find(request, int(opened)))}
        return render(request, "disputes/_pane.html", context)
    user, at = person(request), clock.now()
    form = FilterForm(request.GET, user=user)
    filters = form.filters()
    context = _head(form, filters, user, at)
    if is_htmx(request) and request.headers.get("HX-Target") == "queue-tabs":
        return render(request, "disputes/_queue_head.html", context | {"oob": True})
    context |= _list(form, filters, user, at)
    if opened.isdigit():
        context |= {"opened": int(opened), **card_context(request, find(request, int(opened)))}
    return render(request, "disputes/queue.html", context)


def _head(form: FilterForm, filters: rules.Filters, user: User, at: datetime) -> dict[str, Any]:
    """Views with their counts, totals, and what can be taken back."""
    views = list(triage.views_for(user).select_related(None))
    own = [(f"v{view.pk}", rules.kept_filters(view.filters)) for view in views]
    counts = queue_sums.counts(user, at, own)
    saved = form.cleaned_data.get("saved")
    chosen = next((view for view in views if view.pk == saved), None)
    kept = form.kept()
    return {
        "filters": filters,
        "views": [
            *_tabs(counts, "" if chosen else filters.view),
            *({
                "url": "?" + urlencode({**view.filters, "saved": view.pk}),
                "words": view.name,
                "count": counts.get(f"v{view.pk}"),
                "here": view == chosen,
            } for view in views),
        ],
        "chosen_view": chosen,
        "unsaved": bool(filters.narrowed or filters.sort)
        and (chosen is None or triage.shown_filters(kept) != chosen.filters),
        "totals": queue_sums.totals(user, filters, at),
        "deed": triage.last_deed(user, at),
        "keep": urlencode(kept),
        "may_macro": bool(policy.scope(user).entities("dispute.move")),
    }  # fmt: skip


def _list(form: FilterForm, filters: rules.Filters, user: User, at: datetime) -> dict[str, Any]:
    """Rows, and what can be done to many of them."""
    may_handle = bool(policy.scope(user).wide("dispute.move"))
    page, opened = rules.page(user, filters, at), form.data.get("open", "")
    return {
        "form": form,
        "page": page,
        "rows": rows_html(
            page.rows,
            keep=urlencode({"view": filters.view, **form.kept()}),
            choosable=may_handle,
            points=filters.points,
            opened=int(opened) if opened.isdigit() else None,
        ),
        "chips": [{**chip, "url": "?" + urlencode(chip["kept"])} for chip in form.chips()],
        "since": at.isoformat(),
        "may_open": bool(policy.scope(user).entities("dispute.open")),
        "may_handle": may_handle,
        "naps": Nap.choices,
    }


@login_required
@require_GET
def choices(request: HttpRequest, act: str) -> HttpResponse:
    """What one menu of the bar below the list offers; fetched when the menu is opened for the first time."""
    user = person(request)
    entities = policy.scope(user).wide("dispute.move")
    if act == "assign":
        found = [(str(one.pk), one.name) for one in people_in(entities, "dispute.move")]
    elif act == "classify":
        reasons = Reason.objects.filter(entity__in=entities, active=True)
        found = list({reason.code: reason.label for reason in reasons}.items())
    else:
        found = [(str(one.pk), one.name) for one in triage.macros_for(user)]
    return render(request, "disputes/_bulk_choices.html", {"act": act, "choices": found if entities else []})


def _tabs(counts: dict[str, int], here: str) -> list[dict[str, Any]]:
    return [
        {
            "url": f"?{urlencode({'view': view.value})}",
            "words": view.label,
            "count": counts.get(view.value),
            "here": view == here,
        }
        for view in rules.View
    ]


@login_required
@require_GET
def row(request: HttpRequest, pk: int) -> HttpResponse:
    """One row of the list as it is now; nothing when the view no longer shows it."""
    user, at = person(request), clock.now()
    find(request, pk)
    form = FilterForm(request.GET, user=user)
    filters = form.filters()
    found = rules.one(user, filters, pk, at)
    if found is None:
        return HttpResponse("")
    may_handle = bool(policy.scope(user).wide("dispute.move"))
    kept = urlencode({"view": filters.view, **form.kept()})
    return HttpResponse(rows_html([found], keep=kept, choosable=may_handle, points=filters.points))


@login_required
@require_GET
def step(request: HttpRequest, pk: int, way: str) -> HttpResponse:
    """On to the dispute after this one (or before it) in the list one came from; at its end, back to the list."""
    user = person(request)
    find(request, pk)
    form = FilterForm(request.GET or {"view": rules.View.ALL.value}, user=user)
    found = rules.beside(user, form.filters(), pk, clock.now(), forward=way == "next")
    where = reverse("disputes:detail", args=[found]) if found else reverse("disputes:list")
    if found is None:
        messages.info(request, _("That was the last one.") if way == "next" else _("That was the first one."))
    return redirect(f"{where}?{urlencode(form.kept())}")


@login_required
@require_GET
def fresh(request: HttpRequest) -> HttpResponse:
    """How many disputes came since the page was drawn: a strip that shows them when pressed, never by itself."""
    since = _moment(request.GET.get("since", ""))
    rows = selectors.disputes_for(person(request)).filter(closed_at=None)
    new = rows.filter(opened_at__gt=since).count() if since else 0
    return render(request, "disputes/_fresh.html", {"new": new, "since": request.GET.get("since", "")})


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


@login_required
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """One act on the chosen disputes. A refusal of one does not stop the others; the list says which."""
    user, at = person(request), clock.now()
    ids = [int(pk) for pk in request.POST.getlist("dispute") if pk.isdigit()]
    steps = _steps(request.POST, user)
    kept = urlencode(parse_qsl(request.POST.get("keep", "")))
    back = redirect(f"{reverse('disputes:list')}?{kept}")
    if not ids:
        messages.error(request, _("Choose at least one dispute."))
        return back
    if not steps:
        messages.error(request, _("Choose what to do with them."))
        return back
    chosen = selectors.disputes_for(user).filter(pk__in=ids)
    outcomes = services.change_many(disputes=chosen, steps=steps, by=user, at=at)
    for refusal in outcomes.failed:
        messages.error(request, f"{refusal.dispute.ref}: {refusal.sentence}")
    done = len(outcomes.done)
    if done:
        said = ngettext("%(n)s dispute changed.", "%(n)s disputes changed.", done) % {"n": done}
        messages.success(request, said)
    return back


def _steps(posted: QueryDict, user: User) -> list[Step]:
    """What the pressed button of the bar stands for; nothing when its choice is missing."""
    act, chosen = posted.get("act", ""), {name: posted.get(name, "") for name in ("user", "reason", "nap")}
    if act == "macro":
        key = posted.get("macro", "")
        macro = triage.macros_for(user).filter(pk=key).first() if key.isdigit() else None
        return list(macro.steps) if macro else []
    steps: dict[str, Step] = {
        "take": {"do": "assign", "user": ME},
        "ask_sales": {"do": "move", "move": "ask_sales"},
        "ask_customer": {"do": "move", "move": "ask_customer"},
    }
    if chosen["user"].isdigit():
        steps["assign"] = {"do": "assign", "user": int(chosen["user"])}
    if chosen["reason"]:
        steps["classify"] = {"do": "classify", "reason": chosen["reason"]}
    if chosen["nap"] in Nap.values:
        steps["snooze"] = {"do": "snooze", "for": chosen["nap"]}
    return [steps[act]] if act in steps else []
