"""One bulk call: what was sent, what became of each row, and the import that remembers it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from accounts.models import LegalEntity, User
from ledger.choices import BatchSource
from ledger.intake.documents import Reject
from ledger.intake.job import Job
from ledger.intake.keeping import close_batch, keep_rejects, open_batch
from ledger.intake.results import FileResult
from ledger.intake.sentences import sentence
from ledger.models import ImportBatch

CREATED, UPDATED, UNCHANGED, REJECTED = "created", "updated", "unchanged", "rejected"


@dataclass(frozen=True, slots=True)
class Call:
    """Who sends rows of what, where to, and when. `digest` tells one body from another."""

    what: str
    entity: LegalEntity
    by: User
    at: datetime
    day: date
    digest: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line of NDJSON that is no JSON, and why."""

    detail: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row."""

    index: int
    status: str
    id: int | None = None
    code: str = ""
    column: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The row of the answer, in the language of the request."""
        wrong = {"code": self.code, "message": sentence(self.code, self.params), "field": self.column}
        return {"index": self.index, "status": self.status, "id": self.id} | (wrong if self.code else {})


class Sheet:
    """Collects the outcome of every row. `header` are the names that a row may have."""

    def __init__(self, call: Call, rows: Sequence[object], header: Sequence[str]) -> None:
        self.call, self.rows, self.header = call, rows, tuple(header)
        self.outcomes: dict[int, Outcome] = {}
        self.batch = open_batch(self._job(None), format=f"api_{call.what}")

    @property
    def entity(self) -> LegalEntity:
        """Where the rows go."""
        return self.call.entity

    def done(self, index: int, status: str, pk: int | None) -> None:
        """The row is in."""
        self.outcomes[index] = Outcome(index, status, pk)

    def refuse(self, index: int, code: str, column: str = "", **params: Any) -> None:
        """The row is not in."""
        self.outcomes[index] = Outcome(index, REJECTED, None, code, column, params)

    def close(self) -> dict[str, Any]:
        """Keep the import with its rejected rows; the answer to the call."""
        job = self._job(self.batch)
        counts = Counter(outcome.status for outcome in self.outcomes.values())
        result = FileResult(path=job.label, format=self.batch.format, batch_id=self.batch.pk)
        result.created, result.updated, result.unchanged = (counts[s] for s in (CREATED, UPDATED, UNCHANGED))
        keep_rejects(self.batch, self.header, self._rejects(), result)
        close_batch(job, self.batch, result)
        return {
            "import": self.batch.pk,
            **{status: counts[status] for status in (CREATED, UPDATED, UNCHANGED, REJECTED)},
            "rows": [self.outcomes[index].as_json() for index in range(len(self.rows))],
        }

    def _rejects(self) -> list[Reject]:
        refused = (self.outcomes[index] for index in range(len(self.rows)))
        return [
            Reject(row.index + 1, row.code, row.column, row.params, self._raw(row.index))
            for row in refused
            if row.status == REJECTED
        ]

    def _raw(self, index: int) -> tuple[str, ...]:
        """What the row said, as text, under the names of the header."""
        said = self.rows[index]
        if not isinstance(said, Mapping):
            return (str(said)[:2000],)
        return tuple("" if said.get(name) is None else str(said[name]) for name in self.header)

    def _job(self, batch: ImportBatch | None) -> Job:
        call = self.call
        batch = batch or ImportBatch(
            entity=call.entity,
            file_name=f"api/v1/{call.what}/bulk/",
            source=BatchSource.API,
            sha256=call.digest,
            by=call.by,
            started_at=call.at,
        )
        return Job(
            path=Path(batch.file_name), entity=call.entity, at=call.at, day=call.day, by=call.by, batch=batch
        )
