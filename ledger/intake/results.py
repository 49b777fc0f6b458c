"""What an import did, for the command, the page and the API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ledger.intake.documents import Notice, Unreadable
from ledger.intake.sentences import place, sentence

LISTED = 10_000


@dataclass(frozen=True, slots=True)
class Listed:
    """One reject as it is listed: place, code, and what its sentence needs."""

    line: int
    column: str
    code: str
    params: Mapping[str, Any]

    def as_json(self) -> dict[str, str]:
        """`at`, `code`, `message` of DESIGN.md section 5."""
        return {
            "at": place(self.line, self.column),
            "code": self.code,
            "message": sentence(self.code, self.params),
        }


@dataclass(slots=True)
class FileResult:
    """What happened to one file. `totals`: currency -> exact sum of what the accepted documents state."""

    path: str
    format: str = ""
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    payments: int = 0
    # Of a bank file: per statement what DESIGN.md section 5 lists under `statements`.
    statements: list[dict[str, Any]] = field(default_factory=list)
    rejects: list[Listed] = field(default_factory=list)
    totals: dict[str, Decimal] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    error: Unreadable | None = None
    batch_id: int | None = None

    @property
    def documents(self) -> int:
        """Everything that was read, good or bad."""
        return self.created + self.updated + self.unchanged + self.rejected

    @property
    def exit_code(self) -> int:
        """0 all in, 1 some rejected, 2 unreadable."""
        return 2 if self.error else 1 if self.rejected or self.rejects else 0

    def list_reject(self, listed: Listed) -> None:
        """Count a reject; the first LISTED are kept by name, all of them are in the database."""
        self.rejected += 1
        if len(self.rejects) < LISTED:
            self.rejects.append(listed)

    def as_json(self) -> dict[str, Any]:
        """The shape of DESIGN.md section 5; an unreadable file has its reason as the one entry of `rejects`."""
        rejects = [listed.as_json() for listed in self.rejects]
        if self.error:
            at = place(self.error.line, self.error.column or "")
            message = sentence(self.error.code, self.error.params)
            rejects.append({"at": at, "code": self.error.code, "message": message})
        bank = {"statements": self.statements} if self.statements else {}
        return {
            "path": self.path,
            "format": self.format,
            "documents": self.documents,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
            "rejects": rejects,
            "totals": {currency: money_text(total) for currency, total in self.totals.items()},
            **bank,
        }

    def notices_json(self) -> list[dict[str, Any]]:
        """What is worth a word but kept nothing out."""
        return [
            {
                "path": self.path,
                "code": notice.code,
                "count": notice.count,
                "message": notice_sentence(notice),
            }
            for notice in self.notices
        ]


def notice_sentence(notice: Notice) -> str:
    """The notice in words."""
    return sentence(notice.code, {**notice.params, "count": notice.count, "line": notice.line})


def money_text(amount: Decimal) -> str:
    """An exact amount with at least two decimals."""
    exponent = amount.as_tuple().exponent
    return format(amount, "f") if isinstance(exponent, int) and exponent <= -2 else format(amount, ".2f")
