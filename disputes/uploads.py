"""Several files at once, for every door: each is kept or told why not, whatever becomes of the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from accounts.models import User
from disputes import services
from disputes.models import Dispute, Evidence
from lib.errors import DomainError

MOST_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one file."""

    name: str
    evidence: Evidence | None = None
    error: DomainError | None = None

    @property
    def words(self) -> str:
        """In a sentence that names the file."""
        if self.error is not None:
            return f"{self.name}: {self.error}"
        assert self.evidence is not None
        return (
            self.outcome if self.evidence.was_known else _("%(name)s added.") % {"name": self.evidence.name}
        )

    @property
    def outcome(self) -> str:
        """What to say beside the file's name."""
        if self.evidence is None:
            return str(self.error)
        if self.evidence.was_known:
            return _("%(name)s is in the dispute already.") % {"name": self.evidence.name}
        return _("Added.")


def take(
    files: Iterable[UploadedFile[Any]],
    *,
    dispute: Dispute,
    by: User,
    at: datetime,
    via: str,
    note: str = "",
    side: str = "internal",
    party: int | None = None,
) -> list[Result]:
    """Add each file; what is refused is told and does not stop the rest. A role that may not is refused at once."""
    results = []
    for file in files:
        name = file.name or ""
        try:
            evidence = services.add_evidence(
                dispute=dispute,
                file=file,
                name=name,
                by=by,
                at=at,
                via=via,
                note=note,
                side=side,
                party=party,
            )
            results.append(Result(name, evidence=evidence))
        except DomainError as error:
            if error.status == 403:
                raise
            results.append(Result(name, error=error))
    return results
