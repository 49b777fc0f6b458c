"""Takes what an agency reports: each row a step of its file, the same row twice one step, bad rows listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import LegalEntity, User
from collections_app.choices_contentious import FileStatus
from collections_app.contentious.reports import Rejected, Report, read_reports
from collections_app.models import LegalFile
from collections_app.services.contentious import act
from collections_app.services.contentious_steps import Said
from lib.errors import DomainError


@dataclass(slots=True)
class Taken:
    """What became of the rows: new steps, rows known already, and rows that were not taken."""

    taken: int = 0
    known: int = 0
    rejects: list[Rejected] = field(default_factory=list)


def import_reports(*, entity: LegalEntity, content: bytes, by: User, on: date, at: datetime) -> Taken:
    """Read a file and take its rows. Raises ContentiousError when it is no list of reports at all."""
    read = read_reports(content)
    done = take_reports(entity=entity, reports=read.rows, by=by, on=on, at=at)
    done.rejects = sorted([*read.rejects, *done.rejects], key=lambda one: one.line)
    return done


def take_reports(
    *, entity: LegalEntity, reports: Sequence[Report], by: User, on: date, at: datetime
) -> Taken:
    """Each row in a transaction of its own: a bad one keeps no good one back."""
    done = Taken()
    files = _files(entity, reports)
    for one in reports:
        file = files.get(one.reference.upper())
        if file is None:
            sentence = _("No legal file has this reference.")
            done.rejects.append(Rejected(one.line, "unknown_file", sentence, one.reference))
            continue
        if file.steps.filter(key=one.key).exists():
            done.known += 1
            continue
        try:
            said = Said(note=one.note, on=one.on, amount=one.amount, key=one.key)
            act(file_id=file.pk, act=one.act, said=said, by=by, on=on, at=at)
        except DomainError as error:
            done.rejects.append(Rejected(one.line, error.code, str(error), one.reference))
        else:
            done.taken += 1
    return done


def _files(entity: LegalEntity, reports: Sequence[Report]) -> dict[str, LegalFile]:
    """The files by our reference and by the agency's; an open one goes before a closed one. Ambiguous: none."""
    wanted = {one.reference.upper() for one in reports}
    numbers = [_number(text) for text in wanted]
    ours = Q(pk__in=[])
    for year, number in filter(None, numbers):
        ours |= Q(year=year, number=number)
    theirs = Q(agency_reference__in={one.reference for one in reports})
    found: dict[str, LegalFile] = {}
    twice: set[str] = set()
    for file in LegalFile.objects.filter(ours | theirs, entity=entity).order_by("pk"):
        found[file.ref] = file
        name = file.agency_reference.upper()
        if name in wanted and name != file.ref:
            other = found.get(name)
            if other and other.status != FileStatus.CLOSED and file.status != FileStatus.CLOSED:
                twice.add(name)
            if other is None or other.status == FileStatus.CLOSED:
                found[name] = file
    return {name: file for name, file in found.items() if name not in twice}


def _number(text: str) -> tuple[int, int] | None:
    """Year and number of CT-2026-0007."""
    series, _dash, rest = text.partition("-")
    year, _dash, number = rest.partition("-")
    if series != "CT" or not (year.isdecimal() and number.isdecimal()) or len(year) != 4 or len(number) > 9:
        return None
    return int(year), int(number)
