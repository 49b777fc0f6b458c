"""A legal file as pages and the API show it: badge, next step, checklist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from collections_app.choices_contentious import FileStatus, Law
from collections_app.contentious.claim import Claim
from collections_app.contentious.court import claimed_before, enclosures_of
from collections_app.contentious.parties import missing
from collections_app.models import LegalFile
from ledger.models import InvoiceFile
from lib import formats

S = FileStatus
LOOKS = {
    S.PREPARED: ("info", "folder-open"),
    S.NOTIFIED: ("warn", "mail-warning"),
    S.AGREED: ("ok", "handshake"),
    S.AGENCY: ("warn", "briefcase"),
    S.RETURNED: ("bad", "undo-2"),
    S.COURT: ("warn", "landmark"),
    S.ORDERED: ("ok", "gavel"),
    S.OPPOSED: ("bad", "shield-alert"),
    S.ENFORCED: ("warn", "gavel"),
    S.REJECTED: ("bad", "ban"),
    S.CLOSED: ("mute", "circle-check"),
}


@dataclass(frozen=True, slots=True)
class Point:
    """A line of the checklist."""

    done: bool
    words: str
    detail: str = ""


def next_step(file: LegalFile, on: date, *, paid: bool) -> str:
    """What is to be done now, in a sentence."""
    if file.status == S.CLOSED:
        return ""
    if paid:
        return _("Everything is paid: close the file.")
    if file.status == S.NOTIFIED and file.deadline:
        if on <= file.deadline:
            return _("Wait for the money until %(day)s.") % {"day": formats.day(file.deadline)}
        return _("The time to pay is over: hand it over to an agency, or file it at court.")
    return {
        S.PREPARED: _("Send the formal notice."),
        S.AGREED: _("Watch that what was agreed is paid."),
        S.AGENCY: _("Note what the agency reports."),
        S.RETURNED: _("File it at court, or close it."),
        S.COURT: _("Wait for the court's order; note it when it comes."),
        S.ORDERED: _("Ask for enforcement if it is not paid or opposed in time."),
        S.OPPOSED: _("Speak with a lawyer about the ordinary proceedings."),
        S.ENFORCED: _("Note what is collected."),
        S.REJECTED: _("Mend what the court says and file it again, or close it."),
    }.get(S(file.status), "")


def checklist(file: LegalFile, claim: Claim) -> list[Point]:
    """What a lawyer or an agency will ask for, and whether it is there. A fixed number of queries."""
    ids = [one.invoice.pk for one in claim.lines]
    with_paper = InvoiceFile.objects.filter(invoice__in=ids).values("invoice").distinct().count()
    there = enclosures_of(file, claim)
    lacking = missing(file) if file.law != Law.OTHER else []
    before = claimed_before(file, claim.on)
    points = [
        Point(
            with_paper == len(ids),
            _("Invoices as they were sent"),
            ""
            if with_paper == len(ids)
            else _("%(n)d of %(all)d; for the others the pack has their data.")
            % {"n": with_paper, "all": len(ids)},
        ),
        Point(there.reminders, _("Reminders sent")),
        Point(there.notice, _("Formal notice"), file.tracking),
        Point(not claim.disputed, _("Nothing in dispute"), _disputed(claim)),
        Point(not claim.provisional, _("Interest rates known"), _provisional(claim)),
    ]
    if before:
        refs = ", ".join(one.ref for one in before)
        points.append(Point(False, _("Interest claimed by debit notes, not counted here"), refs))
    if file.law != Law.OTHER:
        names = ", ".join(str(one.words) for one in lacking)
        points.append(Point(not lacking, _("Facts for the court file"), names))
    return points


def _disputed(claim: Claim) -> str:
    return formats.money(claim.disputed, claim.currency) if claim.disputed else ""


def _provisional(claim: Claim) -> str:
    return _("The rate of a half-year is not known yet.") if claim.provisional else ""
