"""The letter that confirms an agreement on instalments, in the customer's language."""

from datetime import datetime
from functools import cache
from pathlib import Path

import yaml
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from collections_app.choices import InstalmentStatus
from collections_app.errors import PromiseError
from collections_app.models import InstalmentPlan
from collections_app.services.instalments import hold_plan, say
from collections_app.services.letters import Recipient, recipient_of
from collections_app.services.limits import rules_of
from ledger.models import Contact
from lib import formats
from mailroom.catalogue import late_payment_law
from mailroom.models import Letter
from mailroom.rendering import Table, Value
from mailroom.services import Draft, Rendered, queue_letter, render, text_for

KIND = "instalments.agreed"
WORDS = Path(__file__).parent.parent / "catalogue" / "instalment_words.yaml"


@cache
def _words() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return loaded


def _recipient(plan: InstalmentPlan) -> Recipient:
    """Who agreed when they have an address, else who gets the reminders."""
    contacts = Contact.objects.filter(customer=plan.customer_id).exclude(email="")
    said = contacts.filter(pk=plan.contact_id or 0).first()
    return recipient_of(plan.customer, said or contacts.order_by("-is_billing", "pk").first())


def write_agreement(plan: InstalmentPlan) -> Rendered:
    """The letter as it goes, or would go."""
    recipient = _recipient(plan)
    text = text_for(kind=KIND, language=recipient.language, entity=plan.entity)
    with translation.override(text.language):
        values = _values(plan, recipient, text.language)
    return render(text=text, entity=plan.entity, values=values)


def _values(plan: InstalmentPlan, recipient: Recipient, language: str) -> dict[str, Value]:
    rows, entity = list(plan.instalments.order_by("number")), plan.entity
    rules = rules_of(entity)
    return {
        "recipient": recipient.name,
        "customer": plan.customer.name,
        "entity": entity.name,
        "date": formats.day(plan.agreed_on or plan.made_on, "long"),
        "invoices": _invoices(plan, language),
        "instalments": _instalments(plan, language),
        "total": formats.money(plan.amount, plan.currency),
        "first_day": formats.day(rows[0].due_on, "long"),
        "count": str(len(rows)),
        "grace": str(rules.grace_days),
        "whole": "1" if rules.whole_comes_back else "",
        "iban": " ".join(entity.iban[i : i + 4] for i in range(0, len(entity.iban), 4)),
        "law": late_payment_law(language, entity.country),
    }


def _invoices(plan: InstalmentPlan, language: str) -> Table:
    words = _words().get(language) or _words()["en"]
    covered = plan.invoices.select_related("invoice").order_by("invoice__due_on", "invoice_id")
    return Table(
        head=(words["invoice"], words["due_on"], words["covered"]),
        rows=tuple(
            (row.invoice.number, formats.day(row.invoice.due_on), formats.money(row.amount, plan.currency))
            for row in covered
        ),
        right=frozenset({2}),
        foot=(words["total"], "", formats.money(plan.amount, plan.currency)),
    )


def _instalments(plan: InstalmentPlan, language: str) -> Table:
    words = _words().get(language) or _words()["en"]
    return Table(
        head=(words["number"], words["day"], words["amount"]),
        rows=tuple(
            (str(row.number), formats.day(row.due_on, "long"), formats.money(row.amount, plan.currency))
            for row in plan.instalments.order_by("number")
        ),
        right=frozenset({2}),
        foot=(words["total"], "", formats.money(plan.amount, plan.currency)),
    )


@transaction.atomic
def mail_agreement(*, plan_id: int, at: datetime) -> Letter:
    """Put the confirmation into the outbox, once per agreement; the outbox delivers it."""
    plan = hold_plan(plan_id, InstalmentStatus.RUNNING)
    if plan.letter is not None:
        raise PromiseError(_("The confirmation was already sent."), code="instalments_mailed")
    recipient = _recipient(plan)
    draft = Draft(
        entity=plan.entity,
        key=f"instalments:{plan.pk}",
        kind=KIND,
        to_address=recipient.address,
        to_name=recipient.name or plan.customer.name,
        words=write_agreement(plan),
        about_stream="customer",
        about_id=plan.customer_id,
    )
    plan.letter = queue_letter(draft=draft, at=at)
    plan.save(update_fields=["letter"])
    say(plan, "instalments.mailed", None, at, letter=plan.letter.pk)
    return plan.letter
