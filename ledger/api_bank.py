"""The API of bank statements and of what their money is for."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from accounts.models import LegalEntity
from accounts.selectors import entities_for
from ledger import selectors, shapes_bank
from ledger.api_base import ReadOnly
from ledger.bank import bounce, by_hand, cash, decide, held, limits
from ledger.bank.matching import Proposal
from ledger.bank.proposals import chosen
from ledger.models import BankStatement, BankTransaction
from lib import clock

OUT = {200: shapes_bank.BankTransactionOut}


class BankStatementViewSet(ReadOnly):
    """Bank statements. One that does not balance is held: `book` it as it is, or `dismiss` it."""

    serializer_class = shapes_bank.BankStatementOut
    queryset = BankStatement.objects.none()
    filterset_fields = ("entity", "batch", "account", "currency", "status")

    def get_queryset(self) -> QuerySet[BankStatement]:
        """Yours only."""
        return BankStatement.objects.visible_to(self.request.user).select_related("entity")

    @extend_schema(request=shapes_bank.ReasonIn, responses={200: shapes_bank.BankStatementOut})
    @action(detail=True, methods=["post"])
    def book(self, request: Request, pk: str) -> Response:
        """Book a held statement as it is, with a few words why, and match its movements."""
        row, at = self.get_object(), clock.now()
        note = self.shape(shapes_bank.ReasonIn)["note"]
        held.book_held(statement=row, at=at, by=self.person, note=note)
        cash.match_new(entity=row.entity, at=at)
        return Response(shapes_bank.BankStatementOut(self.get_object()).data)

    @extend_schema(request=shapes_bank.BankNoteIn, responses={200: shapes_bank.BankStatementOut})
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: str) -> Response:
        """Put a held statement aside: nothing of it is booked."""
        note = self.shape(shapes_bank.BankNoteIn)["note"]
        row = held.dismiss(statement=self.get_object(), at=clock.now(), by=self.person, note=note)
        return Response(shapes_bank.BankStatementOut(row).data)


class BankTransactionViewSet(ReadOnly):
    """Movements on the account, with what they may be for."""

    serializer_class = shapes_bank.BankTransactionOut
    queryset = BankTransaction.objects.none()
    filterset_fields = {
        "entity": ["exact"],
        "statement": ["exact"],
        "status": ["exact", "in"],
        "currency": ["exact"],
        "payment": ["exact"],
        "booked_on": ["exact", "gte", "lte"],
        "end_to_end_id": ["exact"],
    }

    def get_queryset(self) -> QuerySet[BankTransaction]:
        """Yours only."""
        return BankTransaction.objects.visible_to(self.request.user).select_related("entity", "statement")

    def _out(self) -> Response:
        return Response(shapes_bank.BankTransactionOut(self.get_object()).data)

    def _place(self, row: BankTransaction, proposal: Proposal, data: dict[str, Any]) -> Response:
        decide.place(
            transaction=row,
            proposal=proposal,
            dispute=data["rest"] == by_hand.DISPUTE,
            dispute_reason=data["dispute_reason"],
            note=data["note"],
            at=clock.now(),
            by=self.person,
        )
        return self._out()

    @extend_schema(request=shapes_bank.AcceptIn, responses=OUT)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Place the money as one of the proposals says."""
        row, data = self.get_object(), self.shape(shapes_bank.AcceptIn)
        proposal = by_hand.with_rest(row, chosen(row.proposal, data["proposal"]), data["rest"])
        return self._place(row, proposal, data)

    @extend_schema(request=shapes_bank.AllocateIn, responses=OUT)
    @action(detail=True, methods=["post"])
    def allocate(self, request: Request, pk: str) -> Response:
        """Place the money by hand on invoices of one customer."""
        row = self.get_object()
        data = self.shape(shapes_bank.AllocateIn, customer=selectors.customers(request.user))
        amounts = {part["invoice"]: part["amount"] for part in data["parts"]}
        proposal = by_hand.by_hand(
            transaction=row, customer=data["customer"], amounts=amounts, rest=data["rest"]
        )
        return self._place(row, proposal, data)

    @extend_schema(request=shapes_bank.BankAssignIn, responses=OUT)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str) -> Response:
        """The money is this customer's and stays on the account, not placed."""
        row = self.get_object()
        data = self.shape(shapes_bank.BankAssignIn, customer=selectors.customers(request.user))
        return self._place(
            row,
            decide.on_account(data["customer"].pk),
            {"rest": by_hand.KEEP, "dispute_reason": "", "note": data["note"]},
        )

    @extend_schema(request=shapes_bank.BankNoteIn, responses=OUT)
    @action(detail=True, methods=["post"])
    def ignore(self, request: Request, pk: str) -> Response:
        """Not from a customer."""
        row, note = self.get_object(), self.shape(shapes_bank.BankNoteIn)["note"]
        decide.set_aside(transaction=row, at=clock.now(), by=self.person, note=note)
        return self._out()

    @extend_schema(request=shapes_bank.ReturnIn, responses=OUT)
    @action(detail=True, methods=["post"], url_path="return")
    def take_back(self, request: Request, pk: str) -> Response:
        """The bank's return takes this payment back; its invoices are open again."""
        row = self.get_object()
        data = self.shape(shapes_bank.ReturnIn, payment=selectors.payments(request.user))
        bounce.take_back(row=row, payment=data["payment"], at=clock.now(), by=self.person)
        return self._out()

    @extend_schema(request=shapes_bank.BankNoteIn, responses=OUT)
    @action(detail=True, methods=["post"])
    def reverse(self, request: Request, pk: str) -> Response:
        """Take a decision back: the movement waits again, with fresh proposals."""
        row, at = self.get_object(), clock.now()
        note = self.shape(shapes_bank.BankNoteIn)["note"]
        if row.payment_return_id:
            bounce.undo(row=row, at=at, by=self.person, note=note)
        else:
            decide.reverse(transaction=row, at=at, by=self.person, note=note)
        cash.match_waiting(entity=row.entity, at=at, beside=row)
        return self._out()


class CashLimitsViewSet(ReadOnly):
    """What may be let off when a customer pays less, per legal entity (its id)."""

    serializer_class = shapes_bank.CashLimitsOut
    queryset = LegalEntity.objects.none()

    def get_queryset(self) -> QuerySet[LegalEntity]:
        """Those whose limits you may set."""
        return entities_for(self.request.user, "ledger.limits")

    @extend_schema(request=shapes_bank.CashLimitsIn, responses={200: shapes_bank.CashLimitsOut})
    def update(self, request: Request, pk: str) -> Response:
        """Set all four limits."""
        entity, values = self.get_object(), self.shape(shapes_bank.CashLimitsIn)
        entity = limits.set_limits(entity=entity, values=values, by=self.person, at=clock.now())
        return Response(shapes_bank.CashLimitsOut(entity).data)


def register(router: DefaultRouter) -> None:
    """Put these resources on the API."""
    router.register("bank-statements", BankStatementViewSet, basename="bank-statement")
    router.register("bank-transactions", BankTransactionViewSet, basename="bank-transaction")
    router.register("cash-limits", CashLimitsViewSet, basename="cash-limit")
