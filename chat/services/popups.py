"""Pop-ups that come back later."""

from datetime import datetime

from accounts.models import User
from chat.models import Snooze
from disputes.models import Question


def put_off(*, question: Question, by: User, until: datetime) -> None:
    """Show the pop-up of this question to this person again only at `until`."""
    Snooze.objects.update_or_create(question=question, user=by, defaults={"until": until})
