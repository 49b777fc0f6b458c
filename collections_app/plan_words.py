"""The figures of a plan's version as sentences, for those who read it."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from collections_app.choices import Attachment, Climb, Grouping, Release, Resume, StepChannel
from collections_app.models import PlanVersion, Step
from ledger.choices import Segment
from lib import formats


def sentences(version: PlanVersion, currency: str) -> list[str]:
    """What the version does beside its steps."""
    return list(_sentences(version, currency))


def _manner(version: PlanVersion) -> Iterator[str]:
    yield Climb(version.climb).label + "."
    if version.grouping != Grouping.CUSTOMER:
        yield Grouping(version.grouping).label + "."


def _limit(version: PlanVersion, most: int) -> str:
    if version.grouping == Grouping.CONTACT:
        words = ngettext(
            "At most %(n)d message to a contact within %(days)d days.",
            "At most %(n)d messages to a contact within %(days)d days.",
            most,
        )
    else:
        words = ngettext(
            "At most %(n)d message to a customer within %(days)d days.",
            "At most %(n)d messages to a customer within %(days)d days.",
            most,
        )
    return words % {"n": most, "days": version.cap_days}


def _sentences(version: PlanVersion, currency: str) -> Iterator[str]:
    yield from _manner(version)
    yield _("Nothing below %(amount)s.") % {"amount": formats.money(version.minimum_amount, currency)}
    yield ngettext(
        "At least %(n)d day between two messages about an invoice.",
        "At least %(n)d days between two messages about an invoice.",
        version.gap_days,
    ) % {"n": version.gap_days}
    yield ngettext(
        "The letter gives %(n)d day to pay.", "The letter gives %(n)d days to pay.", version.answer_days
    ) % {"n": version.answer_days}
    resumed = Resume(version.resume).label
    if version.cool_days:
        words = ngettext(
            "After a dispute %(n)d quiet day, then: %(step)s.",
            "After a dispute %(n)d quiet days, then: %(step)s.",
            version.cool_days,
        )
        yield words % {"n": version.cool_days, "step": resumed}
    else:
        yield _("After a dispute: %(step)s.") % {"step": resumed}
    if version.cap_messages:
        yield _limit(version, version.cap_messages)
    if version.working_days:
        yield _("Only on days on which the customer's country works.")
    if (version.hour_from, version.hour_until) != (0, 24):
        yield _("Between %(first)d:00 and %(last)d:00 on the customer's clock.") % {
            "first": version.hour_from,
            "last": version.hour_until,
        }
    if version.bank_days:
        yield ngettext(
            "Nothing goes when the bank account was not read for more than %(n)d day.",
            "Nothing goes when the bank account was not read for more than %(n)d days.",
            version.bank_days,
        ) % {"n": version.bank_days}
    yield _release(version, currency)


def _release(version: PlanVersion, currency: str) -> str:
    if version.release == Release.ABOVE and version.release_above is not None:
        amount = formats.money(version.release_above, currency)
        return _("A person releases messages of %(amount)s and more.") % {"amount": amount}
    if version.release == Release.SAMPLE:
        return _("A person releases %(n)d of a hundred messages, drawn anew each day.") % {
            "n": version.release_percent
        }
    return Release(version.release).label + "."


def conditions(step: Step, currency: str) -> str:
    """How a step is taken when not by e-mail, what goes along, and under which conditions; empty without any."""
    parts = [str(StepChannel(step.channel).label)] if step.channel != StepChannel.EMAIL else []
    parts += [str(Attachment(name).label) for name in step.attach if name in Attachment.values]
    if step.from_amount:
        parts.append(_("from %(amount)s") % {"amount": formats.money(step.from_amount, currency)})
    if step.from_count:
        parts.append(
            ngettext("from %(n)d invoice on", "from %(n)d invoices on", step.from_count)
            % {"n": step.from_count}
        )
    if step.countries:
        parts.append(", ".join(step.countries))
    if step.segments:
        parts.append(", ".join(str(Segment(code).label) for code in step.segments if code in Segment.values))
    return " · ".join(parts)
