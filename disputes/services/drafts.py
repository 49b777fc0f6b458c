"""The draft of a new dispute: one per person, kept while they type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from accounts.models import User
from disputes.models import NewDraft

MOST_FIELDS = 400
LONGEST_VALUE = 4000
NEVER = {"csrfmiddlewaretoken", "act", "words", "add", "drop"}


def keep_draft(*, user: User, values: Mapping[str, Sequence[str]], at: datetime) -> NewDraft | None:
    """Keep what is typed; a form without an invoice, a customer and words is none."""
    data = {
        name[:80]: [str(value)[:LONGEST_VALUE] for value in given][:60]
        for name, given in list(values.items())[:MOST_FIELDS]
        if name not in NEVER
    }
    if not any(
        data.get(name, [""])[0].strip() for name in ("invoice", "customer", "statement") if data.get(name)
    ):
        return None
    draft, _new = NewDraft.objects.update_or_create(user=user, defaults={"data": data, "saved_at": at})
    return draft


def drop_draft_of(*, user: User) -> None:
    """Forget it: it was opened, or the person starts afresh."""
    NewDraft.objects.filter(user=user).delete()
