"""The check of the outbox: where each letter stands agrees with its dates."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from lib import books
from lib.books import Difference

books.kind("letter", _("letter"), "mailroom:letter")

STATES = """
SELECT entity_id, 'letter', id, key, status,
       CASE WHEN sent_at IS NOT NULL THEN 'sent' WHEN claimed_at IS NOT NULL THEN 'sending' ELSE 'not sent' END
FROM mailroom_letter
WHERE (status IN ('sent', 'bounced')) <> (sent_at IS NOT NULL) OR (status = 'sending') <> (claimed_at IS NOT NULL)
   OR (status IN ('failed', 'bounced') AND trouble = '') OR sent_at < created_at
"""


@books.check("letter.state", _("A letter is marked as sent exactly when it has the moment it was sent."))
def letter_state() -> Iterator[Difference]:
    """Each letter beside its dates."""
    return books.differences(STATES)
