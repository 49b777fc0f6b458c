"""Builds a pack on disk, file by file, each entry of its index chained to the one before by SHA-256.

Nothing is held in memory but one piece of one file. The root covers everything but the summary, which prints it; the
seal covers the summary too.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

from accounts.models import User
from disputes.errors import IllegalAct
from disputes.evidence import keeping
from disputes.evidence.pack import parts, summary
from disputes.evidence.pack.verify_pack import FORMAT, GENESIS, INDEX, SUMMARY, head_of, link, written
from disputes.models import Dispute, Evidence

SCRIPT = Path(__file__).with_name("verify_pack.py")
MOST_BYTES = 2 << 30


@dataclass(frozen=True, slots=True)
class Pack:
    """A built pack: its bytes (a file without a name, gone when closed), what it is called and what proves it."""

    file: IO[bytes]
    name: str
    root: str
    seal: str
    files: int
    size: int


class Writer:
    """Puts members into the ZIP and chains their entries."""

    def __init__(self, archive: zipfile.ZipFile, head: dict[str, Any], at: datetime) -> None:
        self.archive, self.at = archive, at.astimezone(UTC)
        self.index: dict[str, Any] = {**head, "entries": []}
        self.chain = link(GENESIS, head_of(self.index))

    def add(
        self, path: str, pieces: Iterable[bytes], *, kind: str, packed: bool = True, **facts: Any
    ) -> None:
        """One member, written piece by piece."""
        state, size = hashlib.sha256(), 0
        with self.archive.open(self._info(path, packed), "w") as member:
            for piece in pieces:
                state.update(piece)
                size += len(piece)
                member.write(piece)
        self.note(path, state.hexdigest(), size, kind=kind, **facts)

    def note(self, path: str | None, sha256: str, size: int, *, kind: str, **facts: Any) -> None:
        """The next entry of the index; without a path it speaks of what is not there any more."""
        entry = {
            "n": len(self.index["entries"]) + 1,
            "path": path,
            "sha256": sha256,
            "size": size,
            "kind": kind,
            **facts,
        }
        entry["chain"] = self.chain = link(self.chain, entry)
        self.index["entries"].append(entry)

    def close(self, root: str) -> None:
        """The index comes last."""
        self.index |= {"root": root, "seal": self.chain}
        self.archive.writestr(self._info(INDEX, packed=True), written(self.index))

    def _info(self, path: str, packed: bool) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(path, self.at.timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = 0o644 << 16
        return info


def build(dispute: Dispute, *, by: User, at: datetime) -> Pack:
    """The pack of a dispute as it is now, in the active language. Raises IllegalAct when a file is not what it was."""
    files = list(
        Evidence.objects.filter(dispute=dispute)
        .select_related("party", "added_by", "redacted_by")
        .order_by("pk")
    )
    if sum(one.kept_size for one in files) > MOST_BYTES:
        raise IllegalAct(_("The files of this dispute are too large for one pack."), code="pack_too_large")
    out: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - whoever gets the pack closes it
    try:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
            writer = Writer(archive, _head(dispute, by, at), at)
            _fill(writer, dispute, files, by=by, at=at)
    except BaseException:
        out.close()
        raise
    size = out.tell()
    out.seek(0)
    entries = len([one for one in writer.index["entries"] if one["path"]])
    name = f"evidence-{dispute.ref}.zip"
    return Pack(out, name, writer.index["root"], writer.index["seal"], entries, size)


def _head(dispute: Dispute, by: User, at: datetime) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "dispute": dispute.ref,
        "entity": dispute.entity.code,
        "customer": dispute.customer.name,
        "made_at": at.astimezone(UTC).isoformat(timespec="seconds"),
        "made_by": by.name,
    }


def _fill(writer: Writer, dispute: Dispute, files: list[Evidence], *, by: User, at: datetime) -> None:
    writer.add("README.txt", [summary.readme(dispute).encode()], kind="readme")
    writer.add("verify_pack.py", [SCRIPT.read_bytes()], kind="verifier")
    writer.add("dispute.json", [_json(parts.facts_of(dispute))], kind="dispute")
    writer.add("events.json", _rows(parts.events_of(dispute)), kind="events")
    for name, rows in sorted(parts.PARTS.items()):
        writer.add(f"{name}.json", _rows(rows(dispute)), kind=name)
    for number, one in enumerate(files, 1):
        _add_file(writer, number, one)
    root = writer.chain
    pdf = summary.as_pdf(dispute, files, root=root, by=by, at=at)
    writer.add(SUMMARY, [pdf], kind="summary", packed=False)
    writer.close(root)


def _add_file(writer: Writer, number: int, one: Evidence) -> None:
    facts: dict[str, Any] = {
        "evidence": one.pk,
        "name": one.name,
        "media_type": one.kept_type,
        "original_sha256": one.sha256,
        "original_size": one.size,
        "side": one.side,
        "party": one.party.name if one.party else "",
        "added_at": one.added_at.astimezone(UTC).isoformat(timespec="seconds"),
        "added_by": one.added_by.name if one.added_by else "",
        "redacted": parts.redaction_of(one),
    }
    if one.is_erased:
        writer.note(None, "", 0, kind="evidence", **facts)
        return
    path = f"evidence/{number:03d}-{one.name}"
    try:
        with keeping.open_stored(one.stored_as) as stream:
            writer.add(path, keeping.pieces(stream), kind="evidence", packed=False, **facts)
    except OSError:
        raise _not_as_it_was(one) from None
    if writer.index["entries"][-1]["sha256"] != one.kept_sha256:
        raise _not_as_it_was(one)


def _not_as_it_was(one: Evidence) -> IllegalAct:
    sentence = _("The stored file %(name)s is not what was added, so no pack can be made. Check the books.")
    return IllegalAct(sentence % {"name": one.name}, code="evidence_broken")


def _json(value: object) -> bytes:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, indent=1, default=parts.plain)
    return f"{text}\n".encode()


def _rows(rows: Iterable[dict[str, Any]]) -> Iterable[bytes]:
    """A JSON list, row by row."""
    start = "[\n"
    for row in rows:
        yield f"{start}{json.dumps(row, sort_keys=True, ensure_ascii=False, default=parts.plain)}".encode()
        start = ",\n"
    yield b"[]\n" if start == "[\n" else b"\n]\n"
