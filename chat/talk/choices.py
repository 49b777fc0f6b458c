"""The closed lists around a message."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Emoji(TextChoices):
    """The reactions there are. A reaction says what a message of one word would say."""

    YES = "👍", _("Agreed")
    DONE = "✅", _("Done")
    SEEN = "👀", _("Looking at it")
    THANKS = "🙏", _("Thank you")
    GREAT = "🎉", _("Great news")
    NO = "👎", _("Not agreed")
