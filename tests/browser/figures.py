"""Reports by e-mail and boards of the small company, and the screens that show them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from reporting.boards.services import Draft, make_board
from reporting.models import Board, Subscription
from reporting.subscriptions import links, services
from reporting.subscriptions.contents import Wanted
from reporting.subscriptions.services import Shape
from tests.factories import Cast

NEW = "/dashboard/mails/new/?report=aging&months=6"


def add_mails(cast: Cast, at: datetime) -> None:
    """Alice has the aging sent to herself and Sam each Monday; the DSO is paused, and one reader of it left.

    She shares a board.
    """
    shape = Shape("week", 8, "sent", "xlsx", 0, (cast.sam.pk,))
    for report in ("aging", "dso"):
        wanted = Wanted(report, cast.entity, {"months": "6", "salesperson": str(cast.sam.pk)})
        row = services.subscribe(wanted=wanted, shape=shape, by=cast.alice, at=at)
    services.pause(subscription=row, by=cast.alice, at=at)
    services.leave(reader=row.readers.get(user=cast.sam), at=at)
    draft = Draft("Mondays", ("flow", "in_dispute", "hours"), shared=True)
    make_board(entity=cast.entity, draft=draft, by=cast.alice, at=at)


def _change(company: Any) -> str:
    row = Subscription.objects.filter(owner=company.cast.alice, paused_at=None).get()
    return f"/dashboard/mails/{row.pk}/"


def _board(company: Any) -> Board:
    return Board.objects.get(owner=company.cast.alice)


def _stop(company: Any) -> str:
    row = Subscription.objects.filter(owner=company.cast.alice, paused_at=None).get()
    return urlsplit(links.address(row.readers.get(user=company.cast.sam).pk)).path


MAILS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "reports by e-mail": ("alice", lambda c: "/dashboard/mails/"),
    "reports from colleagues": ("sam", lambda c: "/dashboard/mails/"),
    "no reports by e-mail": ("fin", lambda c: "/dashboard/mails/"),
    "a new report by e-mail": ("alice", lambda c: f"{NEW}&salesperson={c.cast.sam.pk}"),
    "change a report by e-mail": ("alice", _change),
    "boards": ("sam", lambda c: "/dashboard/boards/"),
    "a new board": ("fin", lambda c: "/dashboard/boards/new/?from=finance"),
    "change a board": ("alice", lambda c: f"/dashboard/boards/{_board(c).pk}/"),
    "a board of mine": ("alice", lambda c: f"/dashboard/?board={_board(c).pk}"),
    "a board with everything": ("fin", lambda c: "/dashboard/?board=credit"),
    "one's own figures": ("sam", lambda c: "/dashboard/"),
    "choose a salesperson": ("alice", lambda c: "/dashboard/?board=person"),
    "get a report no more": ("", _stop),
}
