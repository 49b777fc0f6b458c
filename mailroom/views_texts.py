"""The pages of texts and paper: words of each kind of letter, seen before they are kept; the company's letterhead."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import policy
from accounts.choices import Language
from accounts.models import LegalEntity, User
from lib import clock
from lib.errors import DomainError
from lib.frames import framed
from mailroom import services, trying
from mailroom.catalogue import kinds, shipped_text
from mailroom.choices import Channel
from mailroom.forms import LetterheadForm, TextForm
from mailroom.kind_words import name_of
from mailroom.layout import bubble
from mailroom.models import Template
from mailroom.paper.letterhead import FIELDS


def _entity(request: HttpRequest, code: str) -> tuple[LegalEntity, list[LegalEntity]]:
    """The entity that is meant, of those whose texts the person may change; 404 without any."""
    mine = list(
        LegalEntity.objects.filter(pk__in=policy.scope(request.user).entities("plan.edit")).order_by("code")
    )
    found = next((one for one in mine if one.code == code), mine[0] if mine and not code else None)
    if found is None:
        raise Http404
    return found, mine


def _one_of(wanted: str, allowed: list[str], default: str) -> str:
    return wanted if wanted in allowed else default


@login_required
@require_http_methods(["GET", "POST"])
def texts(request: HttpRequest) -> HttpResponse:
    """One text with its names; kept when it can be used, else told why not."""
    data = request.POST if request.method == "POST" else request.GET
    entity, entities = _entity(request, data.get("entity", ""))
    kind = _one_of(data.get("kind", ""), kinds(), "dunning.friendly")
    language = _one_of(data.get("language", ""), list(Language.values), entity.language)
    channel = _one_of(data.get("channel", ""), list(Channel.values), Channel.EMAIL.value)
    key = {"kind": kind, "language": language, "channel": channel}
    status = 200
    if request.method == "POST":
        form = TextForm(request.POST)
        if form.is_valid() and _kept(request, entity, form):
            messages.success(request, _("The text is kept and used from now on."))
            return redirect(f"{request.path}?{urlencode(key | {'entity': entity.code})}")
        status = 422
    else:
        text = services.text_for(entity=entity, **key)
        form = TextForm(initial={"subject": text.subject, "body": text.body, **key})
    context = {
        "entity": entity,
        "entities": entities,
        "kinds": sorted(((kind, name_of(kind)) for kind in kinds()), key=lambda pair: pair[1]),
        "languages": Language.choices,
        "channels": Channel.choices,
        "key": key,
        "form": form,
        "names": sorted(shipped_text(kind, language).values),
        "own": Template.objects.filter(entity=entity, **key).exists(),
    }
    return render(request, "mailroom/texts.html", context, status=status)


def _kept(request: HttpRequest, entity: LegalEntity, form: TextForm) -> bool:
    """Keep the text; a refusal stands in the form."""
    try:
        services.save_template(
            entity=entity, by=cast(User, request.user), at=clock.now(), **form.cleaned_data
        )
    except DomainError as error:
        form.add_error("body", str(error))
        return False
    return True


@login_required
@require_POST
def reset(request: HttpRequest) -> HttpResponse:
    """Back to the shipped words."""
    entity, _mine = _entity(request, request.POST.get("entity", ""))
    key = {name: request.POST.get(name, "") for name in ("kind", "language", "channel")}
    services.reset_template(entity=entity, **key)
    messages.success(request, _("The shipped words are used again."))
    return redirect(f"{reverse('mailroom:texts')}?{urlencode(key | {'entity': entity.code})}")


@login_required
@require_POST
@xframe_options_sameorigin
def try_text(request: HttpRequest) -> HttpResponse:
    """How the text would read, for the sandboxed frame beside the form; nothing is kept."""
    entity, _mine = _entity(request, request.POST.get("entity", ""))
    form = TextForm(request.POST)
    if not form.is_valid():
        return _told(" ".join(str(one) for errors in form.errors.values() for one in errors))
    on = clock.today(entity.time_zone)
    try:
        words, whose = trying.tried(entity=entity, user=cast(User, request.user), on=on, **form.cleaned_data)
    except DomainError as error:
        return _told(str(error))
    if request.POST.get("as") == "pdf":
        pdf = trying.paper_of(entity, words, on, clock.now())
        disposition = 'inline; filename="letter.pdf"'
        return HttpResponse(pdf, content_type="application/pdf", headers={"Content-Disposition": disposition})
    if not words.html:
        note = " · ".join(filter(None, (trying.counted(words), whose)))
        return framed(bubble(language=words.language, text=words.text.strip(), note=note))
    return framed(services.framed_html(words.html, words.transfer))


def _told(sentence: str) -> HttpResponse:
    """Why it cannot be read, in the frame."""
    return framed(bubble(language=get_language() or "en", text=sentence, note=""))


@login_required
@require_http_methods(["GET", "POST"])
def letterhead(request: HttpRequest) -> HttpResponse:
    """The company's paper: look at it and change it."""
    entity, entities = _entity(request, request.GET.get("entity", ""))
    head = entity.settings.get("letterhead", {})
    fields = {name: words for name, words in head.items() if name in FIELDS}
    form = LetterheadForm(request.POST or None, request.FILES or None, initial=fields)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        logo = data["logo"].read() if data["logo"] else None
        try:
            services.set_letterhead(
                entity=entity,
                values={name: data[name] for name in FIELDS},
                by=cast(User, request.user),
                at=clock.now(),
                logo=logo,
                drop_logo=data["drop_logo"],
            )
        except DomainError as error:
            form.add_error("logo", str(error))
        else:
            messages.success(request, _("The paper is kept: letters from now on use it."))
            return redirect(f"{request.path}?entity={entity.code}")
    context = {"entity": entity, "entities": entities, "form": form, "has_logo": bool(head.get("logo"))}
    return render(request, "mailroom/letterhead.html", context, status=422 if form.is_bound else 200)


@login_required
@require_GET
def letterhead_pdf(request: HttpRequest) -> HttpResponse:
    """A specimen letter on the company's paper."""
    entity, _mine = _entity(request, request.GET.get("entity", ""))
    if not policy.may(request.user, "plan.edit", entity.pk):
        raise PermissionDenied
    text = services.text_for(
        kind="dunning.firm", language=entity.language, entity=entity, channel=Channel.POST
    )
    on = clock.today(entity.time_zone)
    words, _whose = trying.tried(
        entity=entity,
        kind=text.kind,
        language=text.language,
        channel=Channel.POST,
        subject=text.subject,
        body=text.body,
        user=cast(User, request.user),
        on=on,
    )
    pdf = trying.paper_of(entity, words, on, clock.now())
    return HttpResponse(
        pdf, content_type="application/pdf", headers={"Content-Disposition": 'inline; filename="letter.pdf"'}
    )
