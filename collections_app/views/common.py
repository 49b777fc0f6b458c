"""What the pages of the collections room share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from accounts import policy
from ledger.models import Customer
from lib.errors import DomainError


def customer_of(request: HttpRequest, pk: int) -> Customer:
    """The customer, 404 for one the person may not see."""
    rows = Customer.objects.visible_to(request.user).select_related("entity", "salesperson")
    return get_object_or_404(rows, pk=pk)


def must(request: HttpRequest, action: str, entity_id: int) -> None:
    """403 unless the person may do this in the legal entity."""
    if not policy.may(request.user, action, entity_id):
        raise PermissionDenied


def refusal(act: Callable[[], Any]) -> str:
    """Do it; the sentence of the refusal, empty when it was done."""
    try:
        act()
    except DomainError as error:
        return str(error)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def said(request: HttpRequest, done: str, act: Callable[[], Any]) -> bool:
    """Do it and tell the person how it went."""
    sentence = refusal(act)
    if sentence:
        messages.error(request, sentence)
    else:
        messages.success(request, done)
    return not sentence
