"""What of the queue's disputes a person has not read yet."""

from __future__ import annotations

from chat.selectors import unread_in
from disputes.selectors import add_unread

add_unread(unread_in)
