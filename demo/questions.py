"""Questions that people ask by hand, beside those of the stages: typed, with one-tap answers where it can be."""

from datetime import datetime, timedelta

from accounts.models import User
from demo.cast import House
from demo.dice import words, working_moment
from demo.quiet import hear
from disputes import services
from disputes.choices import QuestionKind, Status
from disputes.models import Dispute, Question

# Where they fit: by reason, in disputes that people work on.
FITTING = {"amount": ("price", "quality", "quantity"), "delivery": ("delivery", "quantity")}


def ask_more(house: House, disputes: list[Dispute], now: datetime) -> list[Question]:
    """Every salesperson is asked something by hand; the first one an amount and a delivery too."""
    asked: list[Question] = []
    taken: set[int] = set()
    for place, salesperson in enumerate(house.sales):
        for name in ("amount", "delivery") if place == 0 else ("amount",):
            dispute = _fitting(house, disputes, salesperson, name, taken)
            if dispute:
                taken.add(dispute.pk)
                asked.append(_ask(house, dispute, salesperson, name, now))
    hear()
    return asked


def _fitting(
    house: House, disputes: list[Dispute], salesperson: User, name: str, taken: set[int]
) -> Dispute | None:
    """A dispute of one of the salesperson's customers that people work on and that asks them nothing yet."""
    live = [
        d
        for d in disputes
        if d.status == Status.IN_PROGRESS
        and d.customer.salesperson_id == salesperson.pk
        and d.pk not in taken
    ]
    quiet = [d for d in live if not d.questions.filter(status="open", asked_of=salesperson).exists()] or live
    fitting = [d for d in quiet if d.reason.code in FITTING[name]] or quiet
    return fitting[-1] if fitting else None


def _ask(house: House, dispute: Dispute, salesperson: User, name: str, now: datetime) -> Question:
    asked = words("talk")[house.language]["asked"][name]
    kind = QuestionKind.AMOUNT if name == "amount" else QuestionKind.YES_NO
    customer = dispute.customer.name.partition(",")[0]
    return services.ask_question(
        dispute=dispute,
        asked_of=salesperson,
        kind=kind,
        text=asked["text"].format(name=salesperson.name.split()[0], customer=customer),
        by=dispute.coordinator,
        at=now,
        target_field=asked["field"],
        due_at=working_moment(house.entity, now + timedelta(days=1)),
    )
