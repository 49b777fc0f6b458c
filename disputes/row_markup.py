"""The rows of the queue as HTML, in one pass: a template asked fifty times costs more than all queries together.

Everything that comes from data is escaped here; the drawings are our own.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import escape
from django.utils.safestring import SafeString

from disputes.queue_rows import Row
from lib.templatetags.zanjar import icon, initials, tone


def rows_html(
    rows: Iterable[Row], *, keep: str, choosable: bool, points: bool = False, opened: int | None = None
) -> SafeString:
    """The rows of the list. `keep` is the filter in the address; `choosable` is for whoever may act on many."""
    kept = escape(keep)
    return SafeString("\n".join(_row(row, kept, choosable, points, row.pk == opened) for row in rows))


def _row(row: Row, keep: str, choosable: bool, points: bool, opened: bool) -> str:
    """One row: to choose it, its customer as the link that opens it, its facts, and its amount and deadline."""
    customer, here = escape(row.customer), f"?{keep}&amp;open={row.pk}"
    return (
        f'<li class="row{" is-unread" if row.unread else ""}" id="row-{row.pk}"{CURRENT if opened else ""}>'
        f"{_box(row) if choosable and row.is_open else ''}"
        f'<span class="row-main"><span class="row-title">'
        f'<a class="row-link wide-only" id="open-{row.pk}" href="{here}" hx-get="{here}" hx-target="#pane"'
        f' hx-swap="innerHTML show:none" hx-push-url="true">{customer}</a>'
        f'<a class="row-link narrow-only" href="/disputes/{row.pk}/?{keep}">{customer}</a></span>'
        f'<span class="row-meta"><span>{row.ref}</span>{_note(row.unread)}'
        f'<span class="badge badge-{row.tone}">{icon(row.icon)}{escape(row.words)}</span>'
        f"<span>{escape(row.reason)}</span>{_points(row) if points else ''}"
        f'<span class="truncate">{escape(row.numbers)}</span></span></span>'
        f'<span class="row-side"><strong>{escape(row.amount)}</strong> '
        f'<span class="row-foot">{_nap(row)}{_when(row)}{_holder(row)}</span></span></li>'
    )


CURRENT = ' aria-current="true"'


def _box(row: Row) -> str:
    return f'<input type="checkbox" name="dispute" value="{row.pk}" aria-label="{escape(row.choose)}">'


def _points(row: Row) -> str:
    return f"<span>{escape(row.priority)}</span>"


def _note(words: str) -> str:
    return f'<span class="sr-only">{escape(words)}</span>' if words else ""


def _nap(row: Row) -> str:
    if not row.snoozed:
        return ""
    words = escape(row.snoozed)
    return (
        f'<span class="badge badge-mute" title="{words}">{icon("alarm-clock")}'
        f'<span class="sr-only">{words}</span></span>'
    )


def _when(row: Row) -> str:
    """The deadline as time left, red when it has gone by."""
    if row.late:
        return (
            f'<span class="badge badge-bad" title="{escape(row.when_exact)}">{icon("clock-alert")}'
            f"{escape(row.when)}</span>"
        )
    if row.when:
        return f'<time datetime="{row.when_iso}" title="{escape(row.when_exact)}">{escape(row.when)}</time>'
    return ""


def _holder(row: Row) -> str:
    """Who has it: the initials of a person, the sign of a team; the others are named."""
    if not row.is_open or not row.holder:
        return ""
    name = escape(row.holder)
    shown, css = (escape(initials(row.holder)), tone(row.holder)) if row.person else (icon("users", 14), "")
    return (
        f'<span class="avatar avatar-s {css}" title="{name}" aria-hidden="true">{shown}</span>'
        f'<span class="sr-only">{name}</span>'
    )
