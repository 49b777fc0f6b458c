"""What the intake tests share."""

from pathlib import Path
from typing import Any

from accounts.models import LegalEntity
from ledger.intake.batch import import_file
from ledger.intake.job import Job
from ledger.intake.reading import HowToRead
from ledger.intake.results import FileResult
from tests.factories import AT, ON

FILES = Path(__file__).parent / "files"
HEADER = "Number;Customer code;Customer name;Issue date;Due date;Amount;Currency;Order"

VAT = (
    "<cac:PartyTaxScheme><cbc:CompanyID>{}</cbc:CompanyID>"
    "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>"
)


def bring(entity: LegalEntity, path: Path, **how: Any) -> FileResult:
    """Import a file at the moment of the tests."""
    return import_file(Job(path=path, entity=entity, at=AT, day=ON, how=HowToRead(**how)))


def bring_rows(entity: LegalEntity, folder: Path, *rows: str, header: str = HEADER) -> FileResult:
    """Import a list with these rows."""
    path = folder / "rows.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return bring(entity, path)


def numbers(result: FileResult) -> tuple[int, int, int, int]:
    """Created, updated, unchanged, rejected."""
    return result.created, result.updated, result.unchanged, result.rejected


def codes(result: FileResult) -> list[tuple[int, str]]:
    """Line and code of every reject."""
    return [(listed.line, listed.code) for listed in result.rejects]


def put(folder: Path, content: str | bytes, name: str = "document.xml") -> Path:
    """A file with this content."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def words(result: FileResult) -> set[str]:
    """The codes of the notices."""
    return {notice.code for notice in result.notices}
