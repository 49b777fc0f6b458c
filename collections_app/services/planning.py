"""Planning calls: by people, by steps of a plan, and by what came of the call before."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.events import emit
from accounts.models import User
from collections_app.errors import CallError
from collections_app.models import Call, Step
from ledger.models import Contact, Customer


@transaction.atomic
def plan_call(
    *,
    customer: Customer,
    reason: str,
    due_on: date,
    at: datetime,
    by: User | None = None,
    contact: Contact | None = None,
    about: str = "",
    due_at: datetime | None = None,
    assigned_to: User | None = None,
    step: Step | None = None,
    key: str = "",
    follows: Call | None = None,
) -> Call:
    """Put a call on the worklist. With a `key` it is planned once, however often this is asked for.

    Raises CallError for a contact of another customer.
    """
    if contact is not None and contact.customer_id != customer.pk:
        raise CallError(_("This contact belongs to another customer."), code="call_contact")
    facts: dict[str, Any] = {
        "entity_id": customer.entity_id,
        "customer": customer,
        "contact": contact,
        "reason": reason,
        "step": step,
        "due_on": due_on,
        "due_at": due_at,
        "assigned_to": assigned_to,
        "about": about,
        "planned_by": by,
        "planned_at": at,
        "follows": follows,
    }
    Call(**facts).clean_fields()
    if not key:
        call = Call.objects.create(**facts)
    else:
        call, fresh = Call.objects.get_or_create(key=key, defaults=facts)
        if not fresh:
            return call
    data = {"due_on": str(due_on), "reason": str(reason), "about": about}
    say(call, "call.planned", by, at, **data)
    return call


def say(call: Call, kind: str, by: User | None, at: datetime, **data: object) -> None:
    """Write what became of a call into the customer's stream."""
    emit(
        stream="customer",
        object_id=call.customer_id,
        entity_id=call.entity_id,
        kind=kind,
        actor=by,
        at=at,
        data={"call": call.pk, **data},
    )
