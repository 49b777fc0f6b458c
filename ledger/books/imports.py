"""What imports say they did is what they left behind; the documents of invoices lie on disk as they came."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from ledger.intake.formats import DOCUMENTS, KNOWN
from ledger.models import InvoiceFile
from lib import books
from lib.books import Difference

books.kind("import", _("import"), "ledger:import")
books.kind("file", _("file"))

BATCHES = """
SELECT b.entity_id, 'import', b.id, b.file_name, b.created::text, coalesce(i.rows, 0)::text
FROM ledger_importbatch b LEFT JOIN (
    SELECT batch_id, count(*) AS rows FROM ledger_invoice WHERE batch_id IS NOT NULL GROUP BY batch_id
) i ON i.batch_id = b.id
WHERE (b.status IN ('done', 'partly') AND b.format = ANY(%(formats)s) AND b.created <> coalesce(i.rows, 0))
   OR (b.status IN ('undone', 'cancelled', 'unreadable') AND coalesce(i.rows, 0) > 0)
"""
PAID = """
SELECT b.entity_id, 'import', b.id, b.file_name, b.created::text, coalesce(p.rows, 0)::text
FROM ledger_importbatch b LEFT JOIN (
    SELECT batch_id, count(*) AS rows FROM ledger_payment WHERE batch_id IS NOT NULL GROUP BY batch_id
) p ON p.batch_id = b.id
WHERE b.format = 'api_payments' AND b.created * (b.status IN ('done', 'partly'))::int <> coalesce(p.rows, 0)
"""
SUMS = """
SELECT entity_id, 'import', id, file_name, documents::text, (created + updated + unchanged + rejected)::text
FROM ledger_importbatch
WHERE status IN ('done', 'partly') AND documents <> created + updated + unchanged + rejected
"""
REJECTS = """
SELECT b.entity_id, 'import', b.id, b.file_name, b.rejected::text, coalesce(r.rows, 0)::text
FROM ledger_importbatch b LEFT JOIN (
    SELECT batch_id, count(*) AS rows FROM ledger_rejectedrow GROUP BY batch_id) r ON r.batch_id = b.id
WHERE b.status IN ('done', 'partly') AND b.statements = '[]'
  AND b.rejected <> coalesce(r.rows, 0)
"""
# A held bank statement is one rejected row, and counts with its entries.
FEWER = """
SELECT b.entity_id, 'import', b.id, b.file_name, b.rejected::text, '>= ' || r.rows
FROM ledger_importbatch b JOIN (
    SELECT batch_id, count(*) AS rows FROM ledger_rejectedrow GROUP BY batch_id) r ON r.batch_id = b.id
WHERE b.status IN ('done', 'partly') AND b.statements <> '[]' AND b.rejected < r.rows
"""
# The event of an import carries the digest of what it changed; the chain of the events keeps the digest.
CHANGES = """
SELECT b.entity_id, 'import', b.id, b.file_name, left(e.digest, 12), coalesce(nullif(left(c.digest, 12), ''), 'none')
FROM (SELECT DISTINCT ON (object_id) object_id, data -> 'changes' ->> 'digest' AS digest FROM accounts_event
      WHERE stream = 'import' AND kind = 'import.finished' AND data ? 'changes' ORDER BY object_id, seq DESC) e
JOIN ledger_importbatch b ON b.id = e.object_id AND b.status IN ('done', 'partly')
LEFT JOIN (SELECT batch_id, encode(sha256(string_agg(sha256(convert_to(concat_ws(chr(31), coalesce(invoice_id, 0),
                  coalesce(customer_id, 0), field, before, after), 'UTF8')), ''::bytea ORDER BY id)), 'hex') AS digest
           FROM ledger_importchange GROUP BY batch_id) c ON c.batch_id = b.id
WHERE e.digest <> coalesce(c.digest, '')
"""


@books.check("import.created", _("An import made as many documents as it says."))
def import_created() -> Iterator[Difference]:
    """The count of each import of documents; one that was taken back left none."""
    formats = ["api_invoices", *(known.name for known in KNOWN if known.kind == DOCUMENTS)]
    yield from books.differences(BATCHES, {"formats": formats})
    yield from books.differences(PAID)


@books.check("import.documents", _("What an import read is what became of it."))
def import_documents() -> Iterator[Difference]:
    """New, changed, unchanged and rejected add up."""
    return books.differences(SUMS)


@books.check("import.rejected", _("An import kept as many rejected rows as it counts."))
def import_rejected() -> Iterator[Difference]:
    """The rejected rows of each import; a held statement is one of them, whatever it holds."""
    yield from books.differences(REJECTS)
    yield from books.differences(FEWER)


@books.check("import.changes", _("What an import changed is what its event says it changed."))
def import_changes() -> Iterator[Difference]:
    """The digest of the changes of each import."""
    return books.differences(CHANGES)


@books.check("file.content", _("The documents of invoices lie on disk as they came."))
def file_content() -> Iterator[Difference]:
    """Every file once: it is there, as long as it was, with the same digest."""
    rows = InvoiceFile.objects.order_by("stored_as", "pk").values_list(
        "invoice__entity", "pk", "name", "stored_as", "size", "sha256", "invoice"
    )
    seen = ("", "")
    for entity, pk, name, stored_as, size, sha256, invoice in rows.iterator(chunk_size=books.PIECE):
        if seen[0] != stored_as:
            seen = (stored_as, _facts(Path(settings.MEDIA_ROOT) / stored_as))
        said = f"{size} {sha256}"
        if seen[1] != said:
            yield Difference(entity, "file", pk, name, _short(said), _short(seen[1]), "invoice", invoice)


def _facts(path: Path) -> str:
    """Size and digest of a file, or that it is not there."""
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            return f"{stream.tell()} {digest}"
    except OSError as error:
        return error.strerror or "not there"


def _short(facts: str) -> str:
    size, _sep, digest = facts.partition(" ")
    return f"{size} {digest[:12]}" if len(digest) == 64 else facts
