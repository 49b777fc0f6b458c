"""Plays disputes from their opening to where they stand, through the services, each act at its own moment."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from accounts.models import User
from demo.books import invoices_of
from demo.cast import House
from demo.claims import Claim, Part
from demo.dice import dice, weighted
from demo.pace import LATE, closed_moments, hurry, live_moments, talk_moments
from demo.paths import RouteMap, maps_of
from demo.quiet import hear
from demo.talk import Talk
from disputes import services
from disputes.choices import (
    ApprovalState,
    Demand,
    HolderKind,
    QuestionKind,
    QuestionStatus,
    Status,
    Telling,
    Verdict,
    Via,
)
from disputes.models import Dispute, Move, Question
from ledger.models import Invoice, InvoiceLine

# What was behind a dispute when it was not what the customer said.
CAUSES = {
    "to_classify": "price",
    "price": "invoice_data",
    "delivery": "quantity",
    "already_paid": "duplicate",
}
# In older disputes only the events speak.
TALKED_ABOUT = timedelta(days=120)
# Whoever lost a dispute lately still has to be told.
TO_BE_TOLD = timedelta(days=14)
DOORS = ((Via.POPUP, 0.6), (Via.CHAT, 0.2), (Via.PAGE, 0.2))


@dataclass(slots=True)
class Player:
    """One dispute being played."""

    house: House
    claim: Claim
    route: RouteMap
    talk: Talk
    chance: random.Random
    dispute: Dispute

    def go(self, moves: list[Move], moments: list[datetime], end: datetime) -> None:
        """Make the moves at their moments, with what is said in each stage; the first moment was the opening."""
        self._talk(self.route.stages[0].code, moments[0], moments[1] if moves else end)
        for place, move in enumerate(moves, start=1):
            self._make(move, moments[place])
            self._agree(moments[place])
            if move.to_stage:
                left = moments[place + 1] if place + 1 < len(moments) else end
                self._talk(move.to_stage.code, moments[place], left)

    def _talk(self, stage: str, entered: datetime, left: datetime) -> None:
        hear()
        lines = self.talk.lines(stage) if self.talk.heard and left > entered else []
        self.talk.say(self.dispute, lines, talk_moments(entered, left, len(lines)))

    def _make(self, move: Move, at: datetime) -> None:
        """Answer the question that makes the move, or make it."""
        self.dispute.refresh_from_db()
        for question in self.dispute.questions.filter(status=QuestionStatus.OPEN).select_related("asked_of"):
            value = self._answer(question, move)
            if value is not None:
                services.answer_question(
                    question_id=question.pk,
                    value=value,
                    by=question.asked_of,
                    at=at,
                    via=weighted(self.chance, DOORS),
                )
                return
        services.make_move(
            dispute=self.dispute, move_code=move.code, by=self._mover(move), at=at, fields=self._fields(move)
        )

    def _agree(self, at: datetime) -> None:
        """Those whose yes is needed say it, one after the other."""
        self.dispute.refresh_from_db()
        waiting = self.dispute.approvals.filter(state=ApprovalState.PENDING).first()
        while waiting is not None and self.dispute.status == Status.TO_APPROVE:
            voter = self.dispute.holder_user
            assert voter is not None
            services.vote(approval_id=waiting.pk, yes=True, by=voter, at=at)
            self.dispute.refresh_from_db()

    def _answer(self, question: Question, move: Move) -> Any:
        """The answer that makes this move; None when no answer does."""
        chosen = [c["value"] for c in question.choices if c.get("move") == move.code]
        if chosen:
            return chosen[0]
        if question.move != move.code:
            return None
        if question.kind == QuestionKind.NUMBER:
            part = self.claim.parts[0]
            sent = part.paper.items[part.line or 0].quantity - (part.quantity or 1)
            return f"{max(sent, 0):.0f}"
        answers = self.talk.words["answers"]
        return self.talk.fill(answers["seen" if question.target_field == "seen" else "order"])

    def _mover(self, move: Move) -> User:
        """Who makes a move: the department that has it, the salesperson, else the coordinator."""
        kind = move.stage.holder_kind
        if kind == HolderKind.DEPARTMENT and "expert" in move.roles and move.stage.department:
            return self.house.experts[move.stage.department.code]
        if kind == HolderKind.SALESPERSON and "sales" in move.roles:
            return self.talk.salesperson
        return self.dispute.coordinator if "collector" in move.roles else self.house.manager

    def _fields(self, move: Move) -> dict[str, Any]:
        """What the move demands, and the root cause with an ending."""
        fields: dict[str, Any] = {}
        if Demand.NOTE in move.demands:
            fields[Demand.NOTE] = self.talk.words["fallback_note"]
        if Demand.CREDIT_AMOUNT in move.demands:
            placed = [(c, given) for part in self.claim.parts for c, given in part.paper.credits]
            fields[Demand.CREDIT_AMOUNT] = sum(given for _credit, given in placed)
            fields[Demand.CREDIT_NOTE_NUMBER] = ", ".join(credit.number for credit, _given in placed)
        if move.to_stage is None:
            other = CAUSES.get(self.claim.reason)
            fields[Demand.ROOT_CAUSE] = other if other and self.chance.random() < 0.3 else self.claim.reason
        return fields

    def decide(self, at: datetime) -> None:
        """Close by hand what no move of the route ends this way."""
        services.close_dispute(
            dispute=self.dispute,
            verdict=Verdict.PARTLY,
            resolution=self.claim.resolution,
            by=self.house.manager,
            at=at,
            note=self.talk.words["fallback_note"],
        )
        self._agree(at)


def play_all(house: House, claims: Iterable[Claim], now: datetime, seed: int) -> list[Dispute]:
    """Play every claim, in the order of their opening, so that their numbers follow their days."""
    routes = maps_of(house.entity)
    claims = sorted(claims, key=lambda claim: (claim.opened, claim.parts[0].paper.number))
    papers = Papers.of(house, claims)
    chance = dice(seed, f"play {house.entity.code}")
    return [_play(house, claim, routes[claim.reason], papers, chance, now) for claim in claims]


@dataclass(frozen=True, slots=True)
class Papers:
    """The recorded documents behind the claims: by number, and their lines by document and place."""

    invoices: dict[str, Invoice]
    lines: dict[tuple[int, int], int]

    @classmethod
    def of(cls, house: House, claims: Iterable[Claim]) -> Self:
        """Read them once."""
        invoices = invoices_of(house, {part.paper.number for claim in claims for part in claim.parts})
        ids = [invoice.pk for invoice in invoices.values()]
        rows = InvoiceLine.objects.filter(invoice__in=ids).values_list("invoice", "position", "pk")
        return cls(invoices, {(invoice, position): pk for invoice, position, pk in rows})

    def inputs(self, claim: Claim) -> list[services.LineInput]:
        """The contested parts as the service takes them."""
        return [
            services.LineInput(
                invoice_id=self.invoices[part.paper.number].pk,
                amount=part.amount,
                invoice_line_id=self._line(part),
                quantity=part.quantity,
            )
            for part in claim.parts
        ]

    def _line(self, part: Part) -> int | None:
        if part.line is None:
            return None
        return self.lines[self.invoices[part.paper.number].pk, part.line + 1]


def _play(
    house: House, claim: Claim, route: RouteMap, papers: Papers, chance: random.Random, now: datetime
) -> Dispute:
    entity = house.entity
    if claim.closed:
        moves = route.way_out(chance, claim.resolution, partly=claim.partly)
        by_hand = not moves or moves[-1].to_stage_id is not None
        moments = closed_moments(chance, entity, claim, len(moves) + by_hand)
    else:
        moves, by_hand = route.way_to(claim.stage), False
        stage = next(stage for stage in route.stages if stage.code == claim.stage)
        late = chance.randrange(LATE) == 0
        moments = live_moments(chance, entity, claim, stage, len(moves), now, late=late)
    asked = [place for place, move in enumerate(moves, start=1) if route.asks(move.stage_id)]
    moments = hurry(chance, entity, moments, asked)
    buyer = claim.parts[0].paper.buyer
    talk = Talk(house, claim, buyer.salesperson, chance, heard=now - moments[-1] < TALKED_ABOUT)
    dispute = _open(house, claim, route, papers, talk, moments[0])
    player = Player(house, claim, route, talk, chance, dispute)
    end = moments[-1] if claim.closed else now
    player.go(moves, moments[: len(moves) + 1], end)
    if by_hand:
        player.decide(moments[-1])
    hear()
    dispute.refresh_from_db()
    if claim.closed and moments[-1] < now - TO_BE_TOLD:
        _tell(dispute, house.manager, moments[-1] + timedelta(minutes=4))
        hear()
    if claim.closed and talk.heard and moments[-1] < now:
        after = moments[-1] + timedelta(minutes=chance.randint(5, 90))
        talk.say(dispute, talk.closing(), [min(after, now)])
    return dispute


def _tell(dispute: Dispute, by: User, at: datetime) -> None:
    """The customer hears on the telephone how it ended, where no letter says it."""
    if dispute.outcome.is_untold:
        services.tell_otherwise(dispute=dispute, how=Telling.OTHERWISE, by=by, at=at)


def _open(house: House, claim: Claim, route: RouteMap, papers: Papers, talk: Talk, at: datetime) -> Dispute:
    """Most are opened by who collects; some by the salesperson who heard of it, some from an e-mail."""
    options = [(house.manager, 0.5), (house.collector, 0.35), (talk.salesperson, 0.15)]
    return services.open_dispute(
        customer=papers.invoices[claim.parts[0].paper.number].customer,
        lines=papers.inputs(claim),
        reason=route.reason,
        by=weighted(talk.chance, options),
        at=at,
        statement=talk.statement(),
        via=weighted(talk.chance, ((Via.PAGE, 0.6), (Via.MAIL, 0.4))),
    )
