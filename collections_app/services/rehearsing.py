"""A letter to oneself: as the customer would read it, sent to the person who asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from collections_app.services.letters import Reminder
from mailroom.models import Letter
from mailroom.services import Draft, Rendered, queue_letter


def send_test(*, reminder: Reminder, words: Rendered, by: User, at: datetime) -> Letter:
    """Queue the reminder's letter to `by`, marked as a test. The same letter asked for twice within a minute goes once.

    Nothing is written at the customer: no notice, no step, no line of the timeline.
    """
    with override(by.language):
        subject = _("[Test] %(subject)s") % {"subject": words.subject}
    draft = Draft(
        entity=reminder.entity,
        key=f"test:{by.pk}:{reminder.customer.pk}:{reminder.currency}:{reminder.step.pk}:{at:%Y%m%d%H%M}",
        kind=reminder.step.kind,
        to_address=by.email,
        to_name=str(by),
        words=replace(words, subject=subject),
    )
    return queue_letter(draft=draft, at=at)
