"""One file and where it goes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from accounts.models import LegalEntity, User
from ledger.intake.reading import HowToRead
from ledger.models import ImportBatch

# Rows seen so far, and rows there are. May raise Cancelled: then nothing of the file is written.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Job:
    """A file to be taken in. `at` is the moment, `day` the entity's day; `batch` a row made before (upload)."""

    path: Path
    entity: LegalEntity
    at: datetime
    day: date
    how: HowToRead = field(default_factory=HowToRead)
    by: User | None = None
    name: str = ""
    batch: ImportBatch | None = None
    progress: Progress | None = None
    # Everything is taken back afterwards: nothing may be left behind outside the database either.
    rehearsal: bool = False

    @property
    def label(self) -> str:
        """The file's name as people know it."""
        return self.name or str(self.path)

    @property
    def file_name(self) -> str:
        """The label without its folders."""
        return Path(self.label).name[-500:]
