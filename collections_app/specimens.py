"""Real figures for trying the text of a reminder: those of the customer who owes most and would get it today."""

from __future__ import annotations

from datetime import date

from accounts.models import LegalEntity, User
from collections_app.selectors import preview_letter
from collections_app.services.letters import values_of
from ledger.models import Customer, Invoice
from mailroom.rendering import Values

TRIED = 5


def of_reminder(
    entity: LegalEntity, kind: str, language: str, user: User, on: date
) -> tuple[str, Values] | None:
    """The values of a reminder to one of the entity's customers whom the person may see; None without one."""
    late = Invoice.objects.open_now().filter(entity=entity, due_on__lt=on, currency=entity.currency)
    ids = list(late.order_by("-amount", "pk").values_list("customer", flat=True)[: TRIED * 4])
    mine = Customer.objects.visible_to(user).select_related("entity").filter(pk__in=ids)
    for customer in sorted(mine, key=lambda one: ids.index(one.pk))[:TRIED]:
        found = preview_letter(customer=customer, currency=entity.currency, on=on)
        if found is not None:
            return customer.name, values_of(found.reminder, language)
    return None
