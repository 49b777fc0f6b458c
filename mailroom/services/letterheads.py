"""Changes an entity's paper: its lines, its legal mentions, its logo."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import puremagic
import typst
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import LegalEntity, User
from accounts.services import change_settings
from mailroom.errors import BadLogo
from mailroom.paper.letterhead import FIELDS

PART = "letterhead"
LARGEST_LOGO = 512 * 1024
KINDS = {".png", ".jpg", ".jpeg", ".svg"}
TRIAL = '#set page(width: 50mm, height: 20mm)\n#image("/{name}", height: 14mm, fit: "contain")'


@transaction.atomic
def set_letterhead(
    *,
    entity: LegalEntity,
    values: Mapping[str, str],
    by: User,
    at: datetime,
    logo: bytes | None = None,
    drop_logo: bool = False,
) -> LegalEntity:
    """The lines of `FIELDS` as given, cut to their length; a new logo, or none. Raises BadLogo."""
    head = dict(entity.settings.get("letterhead", {}))
    head |= {name: str(values.get(name, "")).strip()[:most] for name, most in FIELDS.items()}
    if logo:
        head["logo"] = _keep(entity, logo)
    elif drop_logo:
        head.pop("logo", None)
    return change_settings(entity=entity, part=PART, values=head, by=by, at=at)


def _keep(entity: LegalEntity, data: bytes) -> str:
    """The logo in the storage, under its digest. It must be one that can be drawn."""
    if len(data) > LARGEST_LOGO:
        raise BadLogo(_("The logo is larger than 512 kB."), code="logo_too_large")
    kind = ".svg" if data.lstrip()[:5] in (b"<?xml", b"<svg ", b"<svg>") else _kind(data)
    if kind not in KINDS:
        raise BadLogo(_("The logo must be a PNG, JPEG or SVG file."), code="logo_kind")
    try:
        with TemporaryDirectory(prefix="logo-") as folder:
            (Path(folder) / f"logo{kind}").write_bytes(data)
            trial = Path(folder) / "main.typ"
            trial.write_text(TRIAL.format(name=f"logo{kind}"))
            typst.compile(str(trial), root=folder)
    except typst.TypstError as error:
        raise BadLogo(_("The logo cannot be drawn: save it again as PNG."), code="logo_broken") from error
    name = f"letterhead/{entity.code}-{hashlib.sha256(data).hexdigest()[:16]}{kind}"
    if not default_storage.exists(name):
        name = default_storage.save(name, ContentFile(data))
    return str(name)


def _kind(data: bytes) -> str:
    try:
        return str(puremagic.from_string(data))
    except puremagic.PureError:
        return ""
