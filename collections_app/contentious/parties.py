"""What court papers need to know of the parties: from the books where it stands there, else typed by a person.

Nothing is guessed: what is nowhere is missing, and asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from collections_app.choices_contentious import Law
from collections_app.models import LegalFile
from mailroom.paper.letterhead import letterhead_of

LONGEST = 600


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a paper needs: by which laws, and whether the paper cannot do without it."""

    name: str
    words: Promise
    laws: tuple[str, ...] = (Law.ES, Law.FR)
    needed: bool = True
    long: bool = False
    help: Promise | str = ""


ES_ONLY, FR_ONLY = (Law.ES.value,), (Law.FR.value,)
FACTS = (
    Fact("court", _("Court"), help=_("In full, as it is addressed; by law that of the debtor's place.")),
    Fact("creditor_tax_id", _("Our tax id")),
    Fact("creditor_address", _("Our registered address"), long=True),
    Fact("creditor_registry", _("Our legal form, capital and registry"), FR_ONLY),
    Fact("creditor_contact", _("Our phone, fax and e-mail for the court"), ES_ONLY, needed=False),
    Fact("debtor_tax_id", _("The debtor's tax id")),
    Fact("debtor_address", _("The debtor's registered address"), long=True),
    Fact("debtor_contact", _("The debtor's phone and e-mail"), ES_ONLY, needed=False),
    Fact(
        "ground",
        _("Where the debt comes from"),
        long=True,
        help=_("The contract or the orders, what was delivered or done, and when; in the court's language."),
    ),
    Fact(
        "negotiation",
        _("Attempt to settle before going to court"),
        ES_ONLY,
        long=True,
        help=_("Which means, when, and how it ended (Organic Law 1/2025, art. 5); in Spanish."),
    ),
    Fact("signer", _("Who signs")),
    Fact(
        "capacity", _("In which capacity"), help=_("In the court's language: legal representative, lawyer...")
    ),
    Fact("place", _("Place of signing")),
)


def facts_of(file: LegalFile) -> dict[str, str]:
    """Every fact of the file's law: as typed, else as the books have it, else empty."""
    known = _known(file)
    return {
        one.name: str(file.facts.get(one.name) or known.get(one.name, "")).strip()
        for one in FACTS
        if file.law in one.laws
    }


def _known(file: LegalFile) -> dict[str, str]:
    entity, customer = file.entity, file.customer
    paper: dict[str, Any] = entity.settings.get("letterhead", {})
    head = letterhead_of(entity)
    return {
        "court": file.court,
        "creditor_tax_id": entity.tax_id,
        "creditor_address": str(paper.get("address", "")),
        "creditor_registry": " · ".join(
            str(paper[name]) for name in ("capital", "registry") if paper.get(name)
        ),
        "creditor_contact": " · ".join(str(paper[name]) for name in ("phone", "email") if paper.get(name)),
        "debtor_tax_id": customer.tax_id,
        "debtor_address": customer.address,
        "debtor_contact": customer.email,
        "place": head.place,
    }


def fields_of(file: LegalFile) -> list[Fact]:
    """What the form asks."""
    return [one for one in FACTS if file.law in one.laws]


def missing(file: LegalFile) -> list[Fact]:
    """What the court file cannot be made without."""
    have = facts_of(file)
    return [one for one in fields_of(file) if one.needed and not have[one.name]]
