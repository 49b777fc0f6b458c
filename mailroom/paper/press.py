"""The PDF: letters of any number of entities in one document, by typst. PDF/A-2b, fonts embedded, tagged."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any, Literal

import typst
from django.core.files.storage import default_storage

from accounts.models import LegalEntity
from mailroom.paper.letterhead import letterhead_of
from mailroom.paper.sheet import drawn

LAYOUT = Path(__file__).with_name("letter.typ")
STANDARD: Literal["a-2b"] = "a-2b"
Sheet = tuple[LegalEntity, dict[str, Any]]


def press(sheets: Sequence[Sheet], *, title: str, at: datetime, cover: dict[str, Any] | None = None) -> bytes:
    """One document of these sheets, in their order. The same sheets and moment give the same bytes."""
    with TemporaryDirectory(prefix="paper-") as folder:
        root = Path(folder)
        shutil.copy(LAYOUT, root / LAYOUT.name)
        houses, places = _houses([entity for entity, _data in sheets], root)
        letters = [
            data
            | {
                "house": places[entity.pk],
                "window": letterhead_of(entity).window.as_data(),
                "parts": [drawn(part) for part in data["parts"]],
            }
            for entity, data in sheets
        ]
        given = {
            "title": title,
            "author": houses[0]["name"],
            "houses": houses,
            "letters": letters,
            "cover": cover,
        }
        made = typst.compile(
            str(root / LAYOUT.name),
            root=str(root),
            sys_inputs={"data": json.dumps(given, ensure_ascii=False)},
            pdf_standards=STANDARD,
            timestamp=int(at.timestamp()),
        )
    return bytes(made)


def _houses(entities: Sequence[LegalEntity], root: Path) -> tuple[list[dict[str, Any]], dict[int, int]]:
    """The letterheads of these entities, and where each stands in the list."""
    houses: list[dict[str, Any]] = []
    places: dict[int, int] = {}
    for entity in entities:
        if entity.pk in places:
            continue
        head = letterhead_of(entity)
        places[entity.pk] = len(houses)
        houses.append(
            {
                "name": head.name,
                "lines": list(head.lines),
                "mentions": list(head.mentions),
                "logo": _logo(head.logo, entity, root),
            }
        )
    return houses, places


def _logo(key: str, entity: LegalEntity, root: Path) -> str:
    """The logo beside the layout; none when its file is gone."""
    if not key:
        return ""
    name = f"logo-{entity.pk}{PurePosixPath(key).suffix}"
    with suppress(OSError), default_storage.open(key, "rb") as stream:
        (root / name).write_bytes(stream.read())
        return name
    return ""
