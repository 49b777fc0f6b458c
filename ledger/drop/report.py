"""What is put beside a file: the report of the command as JSON, and the rejected rows in their own columns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ledger.drop.folder import Claim, free_names
from ledger.intake.results import FileResult
from ledger.intake.shown import rejects_as_csv
from ledger.models import ImportBatch


def put_away(claim: Claim, folder: Path, results: list[FileResult], said: dict[str, Any]) -> Path:
    """Report and rejected rows first, the file last: dying in between leaves the file to be taken up again."""
    name = _reserve(claim, folder, said)
    several = len(results) > 1
    for number, result in enumerate(results, start=1):
        if result.batch_id and result.rejected:
            part = f".{number}" if several else ""
            _write_rejects(folder / f"{name}{part}.rejected.csv", result.batch_id)
    target = folder / name
    claim.path.rename(target)
    return target


def _reserve(claim: Claim, folder: Path, said: dict[str, Any]) -> str:
    """Write the report under the first name that is free, or that was ours before we died. The name of the file."""
    text = json.dumps(said | {"claim": claim.home.name}, ensure_ascii=False, indent=2)
    for name in free_names(claim.path.name):
        report = folder / f"{name}.report.json"
        if (folder / name).exists():
            continue
        try:
            with report.open("x", encoding="utf-8") as target:
                target.write(text)
            return name
        except FileExistsError:
            if _claim_of(report) == claim.home.name:
                report.write_text(text, encoding="utf-8")
                return name
    raise AssertionError("there is always a further name")


def _claim_of(report: Path) -> str:
    try:
        return str(json.loads(report.read_text(encoding="utf-8")).get("claim", ""))
    except (OSError, ValueError, AttributeError):
        return ""


def _write_rejects(path: Path, batch_id: int) -> None:
    answer = rejects_as_csv(ImportBatch.objects.get(pk=batch_id))
    with path.open("wb") as target:
        for piece in answer.streaming_content:  # type: ignore[union-attr]
            target.write(piece)
