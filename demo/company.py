"""Makes the whole company: people, books, disputes and talk in one transaction; the last reminders after it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import LegalEntity, User
from demo import books
from demo.bank import last_statement
from demo.buyers import record_buyers
from demo.calling import call_round
from demo.carrier import bring_carrier
from demo.cast import ES, House, open_houses
from demo.claims import share_out
from demo.collecting import collect
from demo.contentious import pursue
from demo.desk import lay_out
from demo.dice import dice
from demo.interest import charge
from demo.knowing import know_them
from demo.letters import furnish, post
from demo.paths import maps_of, places_of
from demo.plans import Frame, Plan, invent
from demo.play import play_all
from demo.questions import ask_more
from demo.quiet import hear, no_bells
from demo.talk import read_rooms, team_talk
from lib.errors import DomainError

Tell = Callable[[str], None]


class NotEmpty(DomainError):
    """The demo company only goes into an empty database."""


@dataclass(slots=True)
class Made:
    """What was made, to be told at the end."""

    houses: list[House] = field(default_factory=list)
    customers: int = 0
    papers: int = 0
    closed: int = 0
    live: int = 0


def make_company(frame: Frame, *, tell: Tell = lambda line: None) -> Made:
    """The demo company as it stands on the morning of `frame.on`. Raises NotEmpty when there is any data."""
    made = Made()
    with transaction.atomic(), no_bells():
        if LegalEntity.objects.exists() or User.objects.exists():
            raise NotEmpty(
                _(
                    "The demo company needs an empty database, and this one has data in it. Nothing was changed. "
                    "Give it a database of its own with DATABASE_URL, or another VAR_DIR."
                ),
                code="not_empty",
            )
        opened = datetime.combine(frame.first - timedelta(days=1), time(17), UTC)
        tell("people")
        made.houses = open_houses(opened)
        places = share_out(places_of(maps_of(made.houses[0].entity)))
        for house in made.houses:
            with translation.override(house.language):
                plan = invent(frame, house, places[house.entity.code == ES])
                _write(frame, house, plan, opened, tell)
            made.customers += len(plan.buyers)
            made.papers += len(plan.papers)
            made.live += sum(not claim.closed for claim in plan.claims)
            made.closed += sum(bool(claim.closed) for claim in plan.claims)
        read_rooms(dice(frame.seed, "read"), made.houses, max(map(frame.now, made.houses)))
        hear()
    _remind(frame, made.houses, tell)
    return made


def _write(frame: Frame, house: House, plan: Plan, opened: datetime, tell: Tell) -> None:
    """Customers, books, disputes and talk of one house."""
    name, last, now = house.entity.name, frame.last(house), frame.now(house)
    tell(f"{name}: customers and invoices")
    furnish(house, opened)
    record_buyers(house, plan.buyers, opened)
    books.write_books(house, plan.papers, frame.first, last)
    books.place_credits(plan.papers, house)
    books.write_off(house, plan.given_up)
    hear()
    tell(f"{name}: disputes and conversations")
    disputes = play_all(house, plan.claims, now, frame.seed)
    ask_more(house, disputes, now)
    team_talk(house, now)
    lay_out(house, disputes, now)
    bring_carrier(house, disputes, now)
    hear()


def _remind(frame: Frame, houses: list[House], tell: Tell) -> None:
    with connection.cursor() as cursor:
        # Hundreds of small commits that need not reach the disk one by one.
        cursor.execute("SET synchronous_commit TO off")
    for house in houses:
        tell(f"{house.entity.name}: promises and reminders")
        with translation.override(house.language):
            promises = frame.part(house, frame.size.promises)
            collect(house, frame.last(house), frame.size.days, promises, frame.seed)
            post(house, frame.last(house))
            call_round(house, frame.last(house))
            know_them(house, frame.last(house))
            last_statement(house, frame.last(house))
            if house.entity.code == ES:
                charge(house, frame.last(house))
            pursue(house, frame.last(house))
    with connection.cursor() as cursor:
        cursor.execute("RESET synchronous_commit")
