"""The page of notifications, the journal, and where a page says that somebody uses it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import policy
from accounts import selectors as people
from accounts.models import LegalEntity, User
from accounts.reach import services as wishes_services
from accounts.reach.choices import ReachChannel
from accounts.reach.models import ReachRule, ReachWishes
from accounts.reach.selectors import wishes_of
from accounts.reach.whereabouts import report
from accounts.requests import chosen_entity, person
from chat.reach import journal, trying
from chat.reach.explaining import explain
from chat.reach.forms import BridgeForm, Rule, RulesForm, WishesForm
from chat.reach.muting import is_muted, mute_room
from chat.reach.outside import hint_of
from chat.selectors import standing
from disputes.selectors import questions_for
from lib import clock
from lib.errors import FieldErrors
from lib.htmx import is_htmx

PAGE = 50


def _rules(**whose: Any) -> dict[tuple[str, str], Rule]:
    rows = ReachRule.objects.filter(**whose)
    return {(row.event, row.channel): (row.on, row.after_minutes) for row in rows}


def home_of(user: User) -> LegalEntity | None:
    """The legal entity whose calendar and rules count for a person; the first of several."""
    return people.entities(user).order_by("pk").first()


def _page(
    request: HttpRequest,
    *,
    rules: RulesForm | None = None,
    wishes: WishesForm | None = None,
    bridge: BridgeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user, at = person(request), clock.now()
    entity = home_of(user)
    row = ReachWishes.objects.filter(user=user).first() or ReachWishes(user=user)
    wanted = wishes_of(user, entity) if entity else None
    context = {
        "rules": rules or RulesForm(None, own=_rules(user=user), wider=_rules(entity=entity)),
        "wishes": wishes or WishesForm(None, instance=row),
        "bridge_form": bridge or BridgeForm(),
        "bridge_hint": row.bridge_hint,
        "channels": [(c, c.label, wanted is not None and c in wanted.means) for c in ReachChannel],
        "preview": explain(wanted, at) if wanted else [],
        "entity": entity,
        "may_set_house": people.entities_for(user, "reach.house").exists(),
    }
    return render(request, "chat/reach.html", context, status=status)


@require_http_methods(["GET", "POST"])
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """How one wants to be told, and what would happen now."""
    if request.method == "GET":
        return _page(request)
    user = person(request)
    row = ReachWishes.objects.filter(user=user).first() or ReachWishes(user=user)
    rules = RulesForm(request.POST, own=_rules(user=user), wider=_rules(entity=home_of(user)))
    wishes = WishesForm(request.POST, instance=row)
    if rules.is_valid() and wishes.is_valid():
        try:
            wishes_services.save_wishes(user=user, wanted=wishes.wanted())
            wishes_services.save_rules(rules=rules.rules(), user=user)
        except FieldErrors as wrong:
            for name, sentence in wrong.fields.items():
                wishes.add_error(name if name in wishes.fields else None, sentence)
        else:
            messages.success(request, _("Settings saved."))
            return redirect("chat:reach")
    return _page(request, rules=rules, wishes=wishes, status=422)


@require_POST
@login_required
def bridge(request: HttpRequest) -> HttpResponse:
    """Give the address of one's messenger, or take it away."""
    form = BridgeForm(request.POST)
    if form.is_valid():
        address = form.cleaned_data["bridge"]
        try:
            hint = hint_of(address) if address else ""
            wishes_services.set_bridge(user=person(request), address=address, hint=hint)
        except FieldErrors as wrong:
            form.add_error("bridge", str(wrong))
        else:
            messages.success(request, _("Settings saved."))
            return redirect("chat:reach")
    return _page(request, bridge=form, status=422)


@require_POST
@login_required
def trial(request: HttpRequest) -> HttpResponse:
    """Send oneself a test over every channel there is."""
    entity = home_of(person(request))
    sent = trying.try_channels(user=person(request), entity=entity, at=clock.now()) if entity else []
    if sent:
        names = ", ".join(str(ReachChannel(channel).label) for channel in sent)
        messages.success(request, _("A test is on its way: %(channels)s.") % {"channels": names})
    else:
        messages.error(request, _("There is no channel to try."))
    return redirect("chat:reach")


@require_http_methods(["GET", "POST"])
@login_required
def house(request: HttpRequest) -> HttpResponse:
    """What holds in a legal entity for all who said nothing, and who calls how much urgent."""
    entity = chosen_entity(request, "reach.house")
    form = RulesForm(request.POST if request.method == "POST" else None, own=_rules(entity=entity), wider={})
    if form.is_bound and form.is_valid():
        wishes_services.save_house_rules(
            rules=form.rules(), entity=entity, by=person(request), at=clock.now()
        )
        messages.success(request, _("Settings saved."))
        return redirect(f"{request.path}?entity={entity.pk}")
    context = {
        "rules": form,
        "entity": entity,
        "entities": people.entities_for(person(request), "reach.house").order_by("code"),
        "channels": [(c, c.label, True) for c in ReachChannel],
        "urgent": journal.urgent_by_asker(entity, clock.now() - timedelta(days=30)),
        "failed": journal.failures(person(request)).filter(entity=entity)[:PAGE],
    }
    return render(request, "chat/reach_house.html", context, status=422 if form.is_bound else 200)


@require_POST
@login_required
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Try once more what failed."""
    row = get_object_or_404(journal.failures(person(request)), pk=pk)
    if trying.try_again(notification=row, at=clock.now()):
        messages.success(request, _("It is tried again."))
    return redirect("chat:reach_house")


@require_GET
@login_required
def told(request: HttpRequest) -> HttpResponse:
    """What one was told, newest first."""
    rows = Paginator(journal.of_person(person(request)), PAGE).get_page(request.GET.get("page"))
    return render(request, "chat/reach_journal.html", {"rows": rows})


@require_GET
@login_required
def question(request: HttpRequest, pk: int) -> HttpResponse:
    """How a question reached people, for those who see it."""
    asking = policy.scope(person(request)).entities("question.ask")
    found = get_object_or_404(questions_for(person(request)).filter(dispute__entity__in=asking), pk=pk)
    template = "chat/_delivery.html" if is_htmx(request) else "chat/delivery.html"
    return render(request, template, {"entries": journal.of_question(found), "question": found})


@require_http_methods(["GET", "POST"])
@login_required
def mute(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether one is told of messages of a room: the button, and pressing it."""
    user = person(request)
    if standing(user, pk) is None:
        raise Http404
    if request.method == "POST":
        mute_room(room_id=pk, user=user, muted=request.POST.get("muted") == "on")
        if not is_htmx(request):
            return redirect("chat:room", pk)
    return render(request, "chat/_mute.html", {"room_pk": pk, "muted": is_muted(room_id=pk, user=user)})


@require_POST
@login_required
def here(request: HttpRequest) -> HttpResponse:
    """A page says, each minute, whether somebody uses it."""
    tab = request.POST.get("tab", "")[:40]
    report(person(request).pk, tab=tab, active=request.POST.get("state") == "active")
    return HttpResponse(status=204)
