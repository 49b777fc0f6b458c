"""Keeps how the columns of a source are to be read, so that the next file of the same source needs no thought."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from accounts.models import LegalEntity
from ledger.intake.documents import Unreadable
from ledger.intake.mapping import TableMapping, guess, signature, styled
from ledger.intake.scan import TableScan
from ledger.models import MappingProfile


def mapping_for(
    entity: LegalEntity, scan: TableScan, name: str = ""
) -> tuple[TableMapping, MappingProfile | None]:
    """The mapping of a named profile, of the profile that knows this header, or a guess. Raises Unreadable."""
    profiles = MappingProfile.objects.filter(entity=entity)
    profile = profiles.filter(name=name).first() if name else None
    if name and profile is None:
        raise Unreadable("unknown_profile", profile=name)
    profile = profile or profiles.filter(signature=signature(scan.header)).first()
    if profile is None:
        return guess(scan.header, scan.evidence), None
    return styled(TableMapping.from_json(profile.mapping, scan.header), scan.evidence), profile


def keep_profile(
    *, entity: LegalEntity, header: Sequence[str], mapping: TableMapping, file_name: str, at: datetime
) -> MappingProfile:
    """Remember the mapping for files with this header."""
    profile, _made = MappingProfile.objects.update_or_create(
        entity=entity,
        signature=signature(header),
        defaults={"mapping": mapping.as_json(header)},
        create_defaults={
            "mapping": mapping.as_json(header),
            "name": _free_name(entity, Path(file_name).name.split(".")[0] or "file"),
            "created_at": at,
        },
    )
    return profile


def _free_name(entity: LegalEntity, stem: str) -> str:
    """A profile name that is not taken."""
    stem = stem[:90]
    taken = set(
        MappingProfile.objects.filter(entity=entity, name__startswith=stem).values_list("name", flat=True)
    )
    names = [stem, *(f"{stem} {number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)
