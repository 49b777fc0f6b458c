"""A report as a letter to one reader: the headline figures in the text, the file beside it, and how to end it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from lib import formats
from mailroom import services as mailroom
from mailroom.rendering import Links, Table, Values
from reporting.models import ReportSending, Subscription, SubscriptionReader
from reporting.reports import Report
from reporting.subscriptions import links
from reporting.subscriptions.asked import ON_THE_DASHBOARD, Names, query
from reporting.subscriptions.contents import GROUP, file_of, headline, title_of

KIND = "report.subscription"
FOLDER = "reports"


@dataclass(frozen=True, slots=True)
class Made:
    """A report of one language and one sight: the table, and the file in the storage."""

    report: Report
    file: mailroom.File


def keep_file(sending: ReportSending, report: Report) -> Made:
    """Write the file of a report where letters find it. Its folder is the day it was due: sweepers read that."""
    row = sending.subscription
    media_type, data = file_of(report, row.form)
    place = row.report if row.report == GROUP else f"{row.report}-{row.entity.code}"
    name = f"{place}-{sending.day}.{row.form}"
    path = f"{FOLDER}/{sending.due_at:%Y-%m-%d}/{sending.pk}-{name}"
    return Made(report, mailroom.File(name, media_type, default_storage.save(path, ContentFile(data))))


def draft(sending: ReportSending, reader: SubscriptionReader, made: Made) -> mailroom.Draft:
    """The letter, in the language that is active."""
    row, user = sending.subscription, reader.user
    text = mailroom.text_for(kind=KIND, language=user.language, entity=row.entity)
    stop = links.address(reader.pk)
    values: Values = {
        "recipient": user.name,
        "title": title_of(row.report),
        "company": row.entity.name,
        "day": formats.day(sending.day),
        "figures": Table(
            (_("Figure"), formats.day(sending.day)), tuple(headline(made.report)), frozenset({1})
        ),
        "filters": _filters(row, user),
        "notes": "\n\n".join(made.report.notes),
        "nothing": "" if made.report.rows else _("There is nothing to report."),
        "owner": "" if row.owner_id == user.pk else row.owner.name,
        "link": Links(
            (
                (_("Open in Zanjar"), address(row, sending.day)),
                (_("Reports by e-mail"), _full(reverse("reporting:subscriptions"))),
            )
        ),
        "stop": stop,
    }
    return mailroom.Draft(
        entity=row.entity,
        key=key_of(sending, user),
        kind=KIND,
        to_address=user.email,
        to_name=user.name,
        words=mailroom.render(text=text, entity=row.entity, values=values),
        thread=mailroom.Thread(unsubscribe=stop, one_click=True),
        files=(made.file,),
    )


def key_of(sending: ReportSending, user: User) -> str:
    """What the outbox knows the letter by: the same one whenever it is tried."""
    return f"report:{sending.pk}:{user.pk}"


def _filters(row: Subscription, reader: User) -> str:
    words = Names([row.filters], reader).words(row.filters)
    return " · ".join(f"{name}: {value}" for name, value in words)


def address(row: Subscription, day: date) -> str:
    """The dashboard with the same filters, on the day of the figures."""
    more = {"entity": row.entity.code, "as_of": day.isoformat()}
    return _full(reverse("reporting:dashboard")) + query(row.filters, ON_THE_DASHBOARD, **more)


def _full(path: str) -> str:
    return f"{settings.BASE_URL.rstrip('/')}{path}"
