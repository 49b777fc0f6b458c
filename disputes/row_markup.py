"""The rows of the queue as HTML, in one pass: a template asked fifty times costs more than all queries together.

Everything that comes from data is escaped here; the drawings are our own.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import escape
from django.utils.safestring import SafeString

from disputes.queue_rows import Row
from lib.templatetags.zanjar import icon


def rows_html(rows: Iterable[Row], *, keep: str, choosable: bool, opened: int | None = None) -> SafeString:
    """The rows of the list. `keep` is the filter in the address; `choosable` is for whoever may act on many."""
    kept = escape(keep)
    return SafeString("\n".join(_row(row, kept, choosable, row.pk == opened) for row in rows))


def _row(row: Row, keep: str, choosable: bool, opened: bool) -> str:
    """One row: to choose it, its customer as the link that opens it, its facts, and its amount and deadline."""
    customer, here = escape(row.customer), f"?{keep}&amp;open={row.pk}"
    return (
        f'<li class="row" id="row-{row.pk}"{CURRENT if opened else ""}>'
        f"{_box(row) if choosable and row.is_open else ''}"
        f'<span class="row-main"><span class="row-title">'
        f'<a class="row-link wide-only" id="open-{row.pk}" href="{here}" hx-get="{here}" hx-target="#pane"'
        f' hx-swap="innerHTML show:none" hx-push-url="true">{customer}</a>'
        f'<a class="row-link narrow-only" href="/disputes/{row.pk}/">{customer}</a></span>'
        f'<span class="row-meta"><span>{row.ref}</span>'
        f'<span class="badge badge-{row.tone}">{icon(row.icon)}{escape(row.words)}</span>'
        f'<span>{escape(row.reason)}</span><span class="truncate">{escape(row.numbers)}</span></span></span>'
        f'<span class="row-side"><strong>{escape(row.amount)}</strong> {_nap(row)}{_when(row)}</span></li>'
    )


CURRENT = ' aria-current="true"'


def _box(row: Row) -> str:
    return f'<input type="checkbox" name="dispute" value="{row.pk}" aria-label="{escape(row.choose)}">'


def _nap(row: Row) -> str:
    if not row.snoozed:
        return ""
    words = escape(row.snoozed)
    return (
        f'<span class="badge badge-mute" title="{words}">{icon("alarm-clock")}'
        f'<span class="sr-only">{words}</span></span>'
    )


def _when(row: Row) -> str:
    """The deadline as time left, red when it has gone by; without one, who has it."""
    if row.late:
        return (
            f'<span class="badge badge-bad" title="{escape(row.when_exact)}">{icon("clock-alert")}'
            f"{escape(row.when)}</span>"
        )
    if row.when:
        return f'<time datetime="{row.when_iso}" title="{escape(row.when_exact)}">{escape(row.when)}</time>'
    return f"<span>{escape(row.holder)}</span>"
