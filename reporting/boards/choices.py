"""The tiles there are, the boards every company has, and who begins with which."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import Role


class Tile(TextChoices):
    """A headline figure or a picture of the dashboard."""

    IN_DISPUTE = "in_dispute", _("In dispute")
    DISPUTE_DSO = "dispute_dso", _("Dispute DSO")
    DSO = "dso", _("DSO")
    OVERDUE = "overdue", _("Overdue")
    ANSWER = "answer", _("Median answer")
    FREED = "freed", _("Cash freed")
    ASKED = "asked", _("Questions answered")
    WAITING = "waiting", _("Waiting for the salesperson")
    AGING = "aging", _("Aging")
    PARETO = "pareto", _("Reasons for disputes")
    WATERFALL = "waterfall", _("DSO by part")
    SERIES = "series", _("DSO month by month")
    FLOW = "flow", _("Disputes opened and solved")
    STAGES = "stages", _("Where open disputes stand")
    HOURS = "hours", _("When questions are answered")


# The headline figures; the rest are pictures.
CARDS = frozenset(
    {
        *(Tile.IN_DISPUTE, Tile.DISPUTE_DSO, Tile.DSO, Tile.OVERDUE, Tile.ANSWER, Tile.FREED),
        *(Tile.ASKED, Tile.WAITING),
    }
)
# They say something only about one salesperson.
ABOUT_A_PERSON = frozenset({Tile.ASKED, Tile.WAITING})


class Standard(TextChoices):
    """A board every company has, for one kind of reader."""

    FINANCE = "finance", pgettext_lazy("board", "Finance")
    CREDIT = "credit", pgettext_lazy("board", "Credit management")
    SALES = "sales", pgettext_lazy("board", "Sales")
    PERSON = "person", pgettext_lazy("board", "One salesperson")


STANDARD_TILES: dict[str, tuple[Tile, ...]] = {
    Standard.FINANCE: (
        *(Tile.IN_DISPUTE, Tile.DISPUTE_DSO, Tile.DSO, Tile.OVERDUE, Tile.ANSWER, Tile.FREED),
        *(Tile.AGING, Tile.PARETO, Tile.WATERFALL, Tile.SERIES, Tile.FLOW, Tile.STAGES),
    ),
    Standard.CREDIT: (
        *(Tile.IN_DISPUTE, Tile.OVERDUE, Tile.DISPUTE_DSO, Tile.ANSWER, Tile.FREED, Tile.DSO),
        *(Tile.STAGES, Tile.FLOW, Tile.PARETO, Tile.AGING, Tile.HOURS, Tile.WATERFALL),
    ),
    Standard.SALES: (
        *(Tile.IN_DISPUTE, Tile.OVERDUE, Tile.ANSWER),
        *(Tile.HOURS, Tile.STAGES, Tile.PARETO, Tile.AGING, Tile.FLOW),
    ),
    Standard.PERSON: (
        *(Tile.WAITING, Tile.ASKED, Tile.IN_DISPUTE, Tile.OVERDUE, Tile.DISPUTE_DSO, Tile.FREED),
        *(Tile.STAGES, Tile.AGING, Tile.PARETO, Tile.FLOW),
    ),
}

# Who opens which board first while they chose none; of several roles the first here counts.
FIRST_FOR: dict[str, Standard] = {
    Role.FINANCE: Standard.FINANCE,
    Role.ADMIN: Standard.FINANCE,
    Role.CREDIT_MANAGER: Standard.CREDIT,
    Role.COLLECTOR: Standard.CREDIT,
    Role.SALES: Standard.PERSON,
}
