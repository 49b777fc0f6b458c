"""Watches who issued the documents: an invoice of another of our companies does not go into this one."""

from accounts.models import LegalEntity
from ledger.intake.documents import Chunk, Document, NoticeBook, Party, Reject
from ledger.intake.parties import name_key, tax_key


class Sellers:
    """Knows our legal entities by tax id."""

    def __init__(self, entity: LegalEntity, notices: NoticeBook) -> None:
        self.entity, self.notices = entity, notices
        found = LegalEntity.objects.exclude(tax_id="").values_list("tax_id", "code")
        self.codes = {tax_key(tax_id): code for tax_id, code in found}

    def ours(self, chunk: Chunk) -> list[Document]:
        """The chunk's documents without those that another of our entities issued; these become rejects."""
        if not any(document.seller for document in chunk.documents):
            return chunk.documents
        kept = []
        for document in chunk.documents:
            code = self.codes.get(tax_key(document.seller.tax_id)) if document.seller else None
            if code and code != self.entity.code and document.seller:
                params = {"seller": document.seller.name, "code": code}
                chunk.rejects.append(Reject(document.line, "other_entity", "", params, document.raw))
                continue
            if document.seller and not code and not self._is_us(document.seller):
                self.notices.add("other_seller", 0, seller=document.seller.name, entity=self.entity.code)
            kept.append(document)
        return kept

    def _is_us(self, seller: Party) -> bool:
        """Whether the seller could be this entity: nothing to tell by, or the same tax id or name."""
        if seller.tax_id and self.entity.tax_id:
            return tax_key(seller.tax_id) == tax_key(self.entity.tax_id)
        return not seller.name or name_key(seller.name) == name_key(self.entity.name)


def entity_by_seller(seller: Party | None) -> LegalEntity | None:
    """The one of our entities that has the seller's tax id."""
    if seller is None or not seller.tax_id:
        return None
    wanted = tax_key(seller.tax_id)
    return next((e for e in LegalEntity.objects.exclude(tax_id="") if tax_key(e.tax_id) == wanted), None)
