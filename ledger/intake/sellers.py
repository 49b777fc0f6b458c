"""Watches who issued the documents: an invoice of another of our companies does not go into this one."""

from accounts.models import LegalEntity
from ledger.intake.documents import Chunk, Document, NoticeBook, Party, Reject
from ledger.intake.parties import name_key, tax_keys


class Sellers:
    """Knows our legal entities by tax id."""

    def __init__(self, entity: LegalEntity, notices: NoticeBook) -> None:
        self.entity, self.notices = entity, notices
        found = LegalEntity.objects.exclude(tax_id="").values_list("tax_id", "country", "code")
        self.codes = {key: code for tax_id, country, code in found for key in tax_keys(tax_id, country)}

    def ours(self, chunk: Chunk) -> list[Document]:
        """The chunk's documents without those that another of our entities issued; these become rejects."""
        if not any(document.seller for document in chunk.documents):
            return chunk.documents
        kept = []
        for document in chunk.documents:
            code = self._code(document.seller) if document.seller else None
            if code and code != self.entity.code and document.seller:
                params = {"seller": document.seller.name, "code": code}
                chunk.rejects.append(Reject(document.line, "other_entity", "", params, document.raw))
                continue
            if document.seller and not code and self._is_buyer(document.customer):
                params = {"seller": document.seller.name, "code": self.entity.code}
                chunk.rejects.append(Reject(document.line, "a_bill_to_us", "", params, document.raw))
                continue
            if document.seller and not code and not self._is_us(document.seller):
                self.notices.add("other_seller", 0, seller=document.seller.name, entity=self.entity.code)
            kept.append(document)
        return kept

    def _code(self, seller: Party) -> str | None:
        """The code of the entity that the seller is; the one this file goes to, when two share a tax id."""
        found = [self.codes[key] for key in tax_keys(seller.tax_id, seller.country) if key in self.codes]
        if set(tax_keys(seller.tax_id, seller.country)) & set(
            tax_keys(self.entity.tax_id, self.entity.country)
        ):
            return self.entity.code
        return found[0] if found else None

    def _is_buyer(self, buyer: Party) -> bool:
        """Whether this entity is the one who has to pay."""
        ours = tax_keys(self.entity.tax_id, self.entity.country)
        return bool(set(ours) & set(tax_keys(buyer.tax_id, buyer.country)))

    def _is_us(self, seller: Party) -> bool:
        """Whether the seller could be this entity: nothing to tell by, or the same tax id or name."""
        if seller.tax_id and self.entity.tax_id:
            return False  # _code has compared them
        return not seller.name or name_key(seller.name) == name_key(self.entity.name)


def entity_by_seller(seller: Party | None) -> LegalEntity | None:
    """The one of our entities that has the seller's tax id."""
    if seller is None or not seller.tax_id:
        return None
    wanted = set(tax_keys(seller.tax_id, seller.country))
    entities = LegalEntity.objects.exclude(tax_id="").order_by("pk")
    return next((e for e in entities if wanted & set(tax_keys(e.tax_id, e.country))), None)
