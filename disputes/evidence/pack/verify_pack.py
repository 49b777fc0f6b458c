"""Verifies a Zanjar evidence pack, offline, with nothing but Python (3.8 or newer).

    python verify_pack.py evidence-D-000123.zip [ROOT]

ROOT is the root hash as printed in the summary (summary.pdf) or told by the system that made the pack. Without it the
pack is compared with the root inside its own summary: that shows damage and careless changes; only a root that you
got some other way (on paper, by mail) shows a pack that was made anew as a whole.

It prints what was found and ends with 0 (nothing was changed), 1 (something was, it says what) or 2 (not a pack).
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import zipfile
import zlib
from typing import Any

FORMAT = "zanjar-evidence-pack/1"
INDEX = "index.json"
SUMMARY = "summary.pdf"
GENESIS = "0" * 64
ROOT = re.compile(rb"zanjar-root-([0-9a-f]{64})")
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError)


def canonical(value: Any) -> bytes:
    """The one way to write JSON that hashes are made of."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def written(index: dict[str, Any]) -> bytes:
    """The one way to write the index."""
    return (json.dumps(index, sort_keys=True, ensure_ascii=False, indent=1) + "\n").encode()


def link(previous: str, entry: dict[str, Any]) -> str:
    """The hash of an entry and of everything before it."""
    facts = {name: value for name, value in entry.items() if name != "chain"}
    return hashlib.sha256(previous.encode() + canonical(facts)).hexdigest()


def head_of(index: dict[str, Any]) -> dict[str, Any]:
    """What the index says about the pack as a whole: the first link of the chain."""
    return {name: value for name, value in index.items() if name not in ("entries", "root", "seal")}


def name_of(index: dict[str, Any]) -> str:
    """What the pack is about: a dispute, or a legal file."""
    return str(index.get("dispute") or index.get("legal_file") or "")


def digest(archive: zipfile.ZipFile, name: str) -> tuple[str, int]:
    """SHA-256 and size of a member, read in pieces."""
    state, size = hashlib.sha256(), 0
    with archive.open(name) as stream:
        for piece in iter(lambda: stream.read(1 << 18), b""):
            state.update(piece)
            size += len(piece)
    return state.hexdigest(), size


def check_index(data: bytes) -> tuple[dict[str, Any] | None, str]:
    """The index when it is whole, else None; and what is wrong with it."""
    try:
        index = json.loads(data.decode("utf-8"))
        if index["format"] != FORMAT or written(index) != data:
            return None, "it was edited"
        chain, root = link(GENESIS, head_of(index)), ""
        for number, entry in enumerate(index["entries"], 1):
            root = chain if entry["path"] == SUMMARY else root
            chain = link(chain, entry)
            if entry["n"] != number or entry["chain"] != chain:
                return None, f"it was edited at entry {number}"
        if index["root"] != root or index["seal"] != chain:
            return None, "its root or seal was edited"
    except (ValueError, KeyError, TypeError, AttributeError):
        return None, "it was edited and cannot be read"
    return index, ""


def check_events(archive: zipfile.ZipFile, index: dict[str, Any]) -> list[tuple[str, str]]:
    """The chain of the dispute's events, and that every file was in it from the day it was added."""
    try:
        events = json.loads(archive.read("events.json").decode("utf-8"))
        previous, added = GENESIS, {}
        for number, event in enumerate(events, 1):
            names = ("stream", "object_id", "seq", "entity", "kind", "actor", "at", "data", "previous_hash")
            facts = [event[name] for name in names]
            text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            whole = event["hash"] == hashlib.sha256(text.encode()).hexdigest()
            if not whole or event["previous_hash"] != previous or event["seq"] != number:
                return [("events.json", f"the chain is broken at event {number}")]
            previous = event["hash"]
            if event["kind"] == "evidence.added":
                added[event["data"]["evidence"]] = event["data"]["sha256"]
    except (*BROKEN, ValueError, KeyError, TypeError):
        return [("events.json", "it cannot be read")]
    files = [entry for entry in index["entries"] if entry["kind"] == "evidence"]
    return [
        (entry["name"], "its hash is not the one of the day it was added")
        for entry in files
        if added.get(entry["evidence"]) != entry["original_sha256"]
    ]


def check_members(archive: zipfile.ZipFile, index: dict[str, Any]) -> list[tuple[str, str]]:
    """Every member beside its entry: changed, missing, added, in another order."""
    entries = {entry["path"]: entry for entry in index["entries"] if entry["path"]}
    names = archive.namelist()
    wanted = [*entries, INDEX]
    problems = [(name, "missing") for name in wanted if name not in names]
    problems += [(name, "added: the index does not know it") for name in names if name not in wanted]
    problems += [(name, "there is more than one") for name in sorted(set(names)) if names.count(name) > 1]
    if not problems and names != wanted:
        moved = next(name for place, name in enumerate(names) if name != wanted[place])
        problems.append((moved, "not in its place: the order was changed"))
    for name, entry in entries.items():
        if name in names:
            try:
                found = digest(archive, name)
            except BROKEN:
                found = None
            if found != (entry["sha256"], entry["size"]):
                problems.append((name, "changed"))
    return problems


def check_root(archive: zipfile.ZipFile, index: dict[str, Any], root: str) -> list[tuple[str, str]]:
    """The root of the index beside the one that was given, else the one in the summary."""
    if root:
        if root.strip().lower() in (index["root"], index["seal"]):
            return []
        return [(INDEX, "its root is not the one given: the pack was made anew")]
    try:
        found = ROOT.search(archive.read(SUMMARY))
    except (*BROKEN, KeyError):
        found = None
    if found is None or found.group(1).decode() != index["root"]:
        return [(SUMMARY, "the root in it is not the root of the index")]
    return []


def verify(path: Any, root: str = "") -> tuple[dict[str, Any] | None, list[tuple[str, str]]]:
    """(index or None, problems): each problem names the file and says what is wrong with it."""
    try:
        archive = zipfile.ZipFile(path)
    except BROKEN as error:
        return None, [(str(path), f"not a ZIP that can be read ({error})")]
    with archive:
        try:
            data = archive.read(INDEX)
        except BROKEN:
            return None, [(INDEX, "changed")]
        except KeyError:
            return None, [(INDEX, "missing")]
        index, wrong = check_index(data)
        if index is None:
            return None, [(INDEX, wrong)]
        problems = check_members(archive, index)
        if root or SUMMARY not in dict(problems):
            problems += check_root(archive, index, root)
        return index, problems or check_events(archive, index)


def main(arguments: list[str]) -> int:
    """What the command prints, and its exit code."""
    if len(arguments) not in (1, 2):
        sys.stderr.write(__doc__ or "")
        return 2
    index, problems = verify(*arguments)
    if index is None and problems[0][0] == str(arguments[0]):
        sys.stderr.write(": ".join(problems[0]) + "\n")
        return 2
    for name, wrong in problems:
        sys.stdout.write(f"NOT AS IT WAS  {name}: {wrong}\n")
    if problems or index is None:
        return 1
    for entry in index["entries"]:
        redacted = entry.get("redacted")
        if redacted:
            what = "erased" if entry["path"] is None else "redacted"
            trace = f"on {redacted['at']} by {redacted['by']}: {redacted['reason']}"
            sys.stdout.write(f"note: {what}: {entry['name']}, {trace}\n")
    files = sum(1 for entry in index["entries"] if entry["path"])
    sys.stdout.write(f"AS IT WAS  {name_of(index)}: {files} files, root {index['root']}\n")
    if len(arguments) == 1:
        sys.stdout.write(
            "Compare this root with the one you got from elsewhere, or give it as the second argument.\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
