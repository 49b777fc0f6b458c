"""The pages of boards: all of them, a new one, a change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import LegalEntity, User
from accounts.requests import person
from lib import clock
from lib.errors import FieldErrors
from reporting.boards import services
from reporting.boards.choices import STANDARD_TILES, Standard
from reporting.boards.forms import Arranged, BoardForm, arranged, rearranged
from reporting.boards.models import Board
from reporting.boards.selectors import Opened, all_boards, boards_of, opened
from reporting.selectors.frame import entities_for


def _readable(user: User) -> list[LegalEntity]:
    """The legal entities whose figures the person reads; 404 without any."""
    found = list(entities_for(user).order_by("code"))
    if not found:
        raise Http404
    return found


@login_required
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The boards a person can open: the standard ones, their own, those of colleagues."""
    user = person(request)
    boards = all_boards(user, _readable(user)[0].pk)
    groups: list[tuple[str, list[Opened]]] = [
        (_("Mine"), [one for one in boards if one.mine]),
        (_("Of colleagues"), [one for one in boards if one.owner]),
        (_("For everybody"), [one for one in boards if one.board is None]),
    ]
    return render(request, "reporting/boards.html", {"groups": [group for group in groups if group[1]]})


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new board, beginning with the tiles of another one."""
    user = person(request)
    entities = _readable(user)
    if request.method == "GET":
        begin = opened(all_boards(user, entities[0].pk), request.GET.get("from", ""))
        tiles = begin.tiles if begin else STANDARD_TILES[Standard.FINANCE]
        form = _form(user, None, initial={"entity": entities[0]})
        return _draw(request, form, arranged(None, tiles))
    form, tiles_sent = _form(user, request), rearranged(request.POST)
    return _save(
        request, form, tiles_sent,
        lambda: services.make_board(
            entity=form.cleaned_data["entity"], draft=form.draft(tiles_sent.tiles), by=user, at=clock.now()
        ),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one of mine; nobody else finds it here."""
    user = person(request)
    board = get_object_or_404(boards_of(user), pk=pk)
    if request.method == "GET":
        form = _form(user, None, initial={"name": board.name, "shared": board.shared}, entity=False)
        return _draw(request, form, arranged(board), board)
    form, sent = _form(user, request, entity=False), rearranged(request.POST)
    return _save(
        request, form, sent,
        lambda: services.change_board(board=board, draft=form.draft(sent.tiles), by=user, at=clock.now()),
        board,
    )  # fmt: skip


def _form(user: User, request: HttpRequest | None, *, entity: bool = True, **begin: Any) -> BoardForm:
    form = BoardForm(request.POST if request else None, **begin)
    fields: dict[str, Any] = form.fields
    fields["entity"].queryset = entities_for(user).order_by("code")
    if not entity:
        del form.fields["entity"]
    return form


def _save(
    request: HttpRequest, form: BoardForm, sent: Arranged, save: Callable[[], Board], board: Board | None = None
) -> HttpResponse:  # fmt: skip
    """Move a tile and show the form again, or save it all."""
    if sent.way:
        form = _form(person(request), None, initial=_said(request), entity=board is None)
        return _draw(request, form, sent, board, unsaved=True)
    if form.is_valid():
        try:
            saved = save()
        except FieldErrors as wrong:
            for name, sentence in wrong.fields.items():
                form.add_error(name if name in form.fields else None, ValidationError(sentence))
        else:
            messages.success(request, _("Saved."))
            return redirect(f"{reverse('reporting:dashboard')}?board={saved.pk}")
    return _draw(request, form, sent, board, status=422)


def _said(request: HttpRequest) -> dict[str, Any]:
    """What the form said so far, though it was not saved."""
    entity = request.POST.get("entity", "")
    return {
        "entity": entity if entity.isdecimal() else None,
        "name": request.POST.get("name", ""),
        "shared": "shared" in request.POST,
    }


def _draw(
    request: HttpRequest, form: BoardForm, tiles: Arranged, board: Board | None = None, *, status: int = 200,
    unsaved: bool = False,
) -> HttpResponse:  # fmt: skip
    one_entity = "entity" in form.fields and entities_for(person(request)).count() < 2
    context = {
        "form": form,
        "lines": tiles.lines,
        "board": board,
        "one_entity": one_entity,
        "unsaved": unsaved,
    }
    return render(request, "reporting/board.html", context, status=status)


@login_required
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete one of mine."""
    board = get_object_or_404(boards_of(person(request)), pk=pk)
    services.delete_board(board=board, by=person(request), at=clock.now())
    messages.success(request, _("The board is gone."))
    return redirect("reporting:boards")


@login_required
@require_POST
def first(request: HttpRequest) -> HttpResponse:
    """Open a board first from now on; 404 for one the person may not see."""
    user = person(request)
    _readable(user)
    try:
        services.open_first(key=request.POST.get("board", ""), by=user)
    except FieldErrors as wrong:
        raise Http404(str(wrong)) from wrong
    messages.success(request, _("The dashboard opens with this board from now on."))
    return redirect("reporting:boards")
