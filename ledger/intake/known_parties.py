"""Customers whose tax id an e-invoice writes otherwise than the ledger: with the country before it, or without."""

from collections.abc import Iterable
from dataclasses import replace

from django.db.models import F, Func, Value
from django.db.models.functions import Upper

from accounts.models import LegalEntity
from ledger.intake.documents import Party
from ledger.intake.einvoice import EFile
from ledger.intake.parties import tax_key, tax_keys
from ledger.models import Customer


def as_known(entity: LegalEntity, made: EFile) -> None:
    """Write the tax ids of the buyers as the ledger has them, where it has them in another way only."""
    documents = made.chunk.documents
    parties = {document.customer for document in documents if document.customer.tax_id}
    known = _known(entity, parties)
    for place, document in enumerate(documents):
        party = document.customer
        keys = tax_keys(party.tax_id, party.country)
        if keys and keys[0] not in known:
            other = next((known[key] for key in keys[1:] if key in known), None)
            if other:
                documents[place] = document._replace(customer=replace(party, tax_id=other))


def _known(entity: LegalEntity, parties: Iterable[Party]) -> dict[str, str]:
    """Key of a tax id -> the tax id as a customer of the entity has it."""
    wanted = {key for party in parties for key in tax_keys(party.tax_id, party.country)}
    if not wanted:
        return {}
    letters = Func(Upper(F("tax_id")), Value("[^0-9A-Z]"), Value(""), Value("g"), function="regexp_replace")
    rows = Customer.objects.filter(entity=entity).exclude(tax_id="").annotate(tax_letters=letters)
    found = rows.filter(tax_letters__in=wanted).values_list("tax_id", flat=True)
    return {tax_key(tax_id): tax_id for tax_id in found}
