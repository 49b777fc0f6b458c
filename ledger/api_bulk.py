"""Bulk calls of the API, and customers and contacts one by one: mixed into the viewsets of api.py."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import IO, Any, cast

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, JSONParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import LegalEntity
from accounts.selectors import colleagues, entities_for
from ledger import selectors, services, shapes
from ledger import shapes_bulk as rows_of
from ledger.api_base import ReadOnly
from ledger.bulk.contacts import take_contacts
from ledger.bulk.customers import take_customers
from ledger.bulk.documents import take_documents
from ledger.bulk.payments import take_payments
from ledger.bulk.sheet import BadRow, Call
from ledger.bulk.taking import Taker, TooManyRows, take_rows
from lib import clock
from lib.errors import Unprocessable
from lib.http import whole_body

Action = Callable[[Any, Request], Response]
ENTITY = OpenApiParameter(
    "entity",
    OpenApiTypes.STR,
    description="code or id of the legal entity; may be left out by whoever can write in only one",
)


class NdjsonParser(BaseParser):
    """One JSON object per line. A line that is none is a rejected row, and keeps nothing else out."""

    media_type = "application/x-ndjson"

    def parse(  # type: ignore[override]
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> list[object]:
        """The rows; blank lines are left out."""
        try:
            text = stream.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ParseError(_("The body is not UTF-8.")) from error
        return [_line(line) for line in text.splitlines() if line.strip()]


def _line(line: str) -> object:
    try:
        return json.loads(line, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        return BadRow(str(error)[:200])


def _no_number(name: str) -> float:
    raise ValueError(name)


class Bulk(ReadOnly):
    """What every bulk call does."""

    def take(self, what: str, shape: type[serializers.Serializer[Any]], taker: Taker) -> Response:
        """Read the body, find the legal entity, take the rows in, answer row by row."""
        try:
            whole_body(self.request._request)
        except RequestDataTooBig as error:
            raise TooManyRows(
                _("The body is too large. Send fewer rows in one call."), code="too_large"
            ) from error
        data = self.request.data
        rows, named = (data.get("rows"), data.get("entity")) if isinstance(data, Mapping) else (data, None)
        if not isinstance(rows, list):
            raise Unprocessable(_("Send a list of rows, or an object with “rows”."), code="no_rows")
        entity = self._entity(str(named or self.request.query_params.get("entity", "")))
        call = Call(
            what=what,
            entity=entity,
            by=self.person,
            at=clock.now(),
            day=clock.today(entity.time_zone),
            digest=hashlib.sha256(repr(rows).encode()).hexdigest(),
        )
        return Response(take_rows(call=call, rows=rows, shape=shape(), taker=taker))

    def _entity(self, named: str) -> LegalEntity:
        mine = list(entities_for(self.request.user, "ledger.write"))
        if not mine:
            raise PermissionDenied
        if not named:
            if len(mine) == 1:
                return mine[0]
            codes = ", ".join(entity.code for entity in mine)
            raise Unprocessable(
                _("Say which legal entity the rows are for: entity, one of %(codes)s.") % {"codes": codes},
                code="which_entity",
            )
        found = next((e for e in mine if named.lower() == e.code.lower() or named == str(e.pk)), None)
        if found is None:
            raise Http404
        return found


def bulk(shape: type[serializers.Serializer[Any]]) -> Callable[[Action], Action]:
    """The decorators of a bulk action."""

    def decorate(function: Action) -> Action:
        described = extend_schema(
            request={
                "application/json": shape(many=True),
                "application/x-ndjson": shape(many=True),
            },
            responses={200: rows_of.BulkOut},
            parameters=[ENTITY],
            filters=False,
        )
        made = action(detail=False, methods=["post"], parser_classes=[JSONParser, NdjsonParser])
        return cast(Action, made(described(function)))

    return decorate


class BulkInvoices(Bulk):
    """Many documents in one call."""

    @bulk(rows_of.InvoiceRow)
    def bulk(self, request: Request) -> Response:
        """Record up to 10,000 documents. Good rows go in, bad ones are listed; the same call again changes nothing."""
        return self.take("invoices", rows_of.InvoiceRow, take_documents)


class BulkPayments(Bulk):
    """Many payments in one call."""

    @bulk(rows_of.PaymentRow)
    def bulk(self, request: Request) -> Response:
        """Record up to 10,000 payments. Good rows go in, bad ones are listed; the same call again changes nothing."""
        return self.take("payments", rows_of.PaymentRow, take_payments)


class WriteCustomers(Bulk):
    """Customers, many in one call or one by one."""

    @bulk(rows_of.CustomerRow)
    def bulk(self, request: Request) -> Response:
        """Make or change up to 10,000 customers by their code. Good rows go in, bad ones are listed."""
        return self.take("customers", rows_of.CustomerRow, take_customers)

    @extend_schema(request=rows_of.CustomerIn, responses={201: shapes.CustomerOut})
    def create(self, request: Request) -> Response:
        """Make a customer. A known code is that customer, brought up to date."""
        mine, people = entities_for(request.user, "ledger.read"), colleagues(request.user)
        data = self.shape(rows_of.CustomerIn, entity=mine, salesperson=people)
        self.must("ledger.write", data["entity"])
        customer = services.record_customer(**data, at=clock.now(), by=self.person)
        return Response(shapes.CustomerOut(customer).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=rows_of.CustomerChange, responses=shapes.CustomerOut)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a customer; what is not given stays as it is."""
        customer = self.get_object()
        self.must("ledger.write", customer)
        data = self.shape(rows_of.CustomerChange, salesperson=colleagues(request.user))
        name = data.pop("name", customer.name)
        changed = services.record_customer(
            entity=customer.entity,
            code=customer.code,
            name=name,
            at=clock.now(),
            by=self.person,
            **data,
        )
        return Response(shapes.CustomerOut(changed).data)


class WriteContacts(Bulk):
    """Contacts, many in one call or one by one."""

    @bulk(rows_of.ContactRow)
    def bulk(self, request: Request) -> Response:
        """Make or change up to 10,000 contacts. Good rows go in, bad ones are listed."""
        return self.take("contacts", rows_of.ContactRow, take_contacts)

    @extend_schema(request=rows_of.ContactIn, responses={201: shapes.ContactOut})
    def create(self, request: Request) -> Response:
        """Make a contact. A known e-mail address of the customer is that contact, brought up to date."""
        data = self.shape(rows_of.ContactIn, customer=selectors.customers(request.user))
        self.must("ledger.write", data["customer"])
        contact = services.record_contact(**data)
        return Response(shapes.ContactOut(contact).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=rows_of.ContactFields, responses=shapes.ContactOut)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a contact; what is not given stays as it is."""
        contact = self.get_object()
        self.must("ledger.write", contact.customer)
        data = self.shape(rows_of.ContactFields)
        return Response(shapes.ContactOut(services.change_contact(contact=contact, **data)).data)
