"""How a bank's table is to be read, when a person has said so once: a saved profile, by name."""

from ledger.bank.readers import READERS, table
from ledger.bank.statements import Statement
from ledger.intake.documents import NoticeBook, Unreadable
from ledger.intake.formats import Format
from ledger.intake.job import Job
from ledger.models import MappingProfile

TABLES = frozenset({"bank_csv", "bank_xlsx"})


def read_statements(job: Job, found: Format, notices: NoticeBook) -> list[Statement]:
    """The statements of a file. The profile that the person named, if any, says which column of a table is which;
    a profile of a list of invoices says nothing about a bank's table. Raises Unreadable."""
    if not job.how.profile or found.name not in TABLES:
        return list(READERS[found.name](job.path, notices))
    profile = MappingProfile.objects.filter(entity=job.entity, name=job.how.profile).first()
    if profile is None:
        raise Unreadable("unknown_profile", profile=job.how.profile)
    return table.read(job.path, notices, profile.mapping)
