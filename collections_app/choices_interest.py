"""The closed lists of late interest: parameters of the law, terms of contracts, debit notes, waivers."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class RateKind(TextChoices):
    """What a dated parameter says."""

    REFERENCE = "reference", _("Reference rate of the central bank (%)")
    MARGIN = "margin", _("Points the law adds to it")
    LEGAL = "legal", _("Legal interest rate, professional creditors (%)")
    TIMES = "times", _("Times the legal rate below which no contract may go")
    FLAT_SUM = "flat_sum", _("Flat sum for recovery costs")


# Parameters that a central bank or a state sets anew for every half-year.
BY_HALF_YEAR = (RateKind.REFERENCE, RateKind.LEGAL)


class TermsBasis(TextChoices):
    """What a contract says about late interest."""

    LAW = "law", _("As the law says")
    RATE = "rate", _("A fixed rate a year")
    MARGIN = "margin", _("Points above the reference rate")
    NONE = "none", _("No interest and no costs")


class RateBasis(TextChoices):
    """Where the rate of an explanation line comes from."""

    LAW = "law", pgettext_lazy("interest rate", "by law")
    CONTRACT = "contract", pgettext_lazy("interest rate", "by contract")
    FLOOR = "floor", pgettext_lazy("interest rate", "lowest rate the law allows")


class InLetters(TextChoices):
    """What reminders say about interest."""

    OFF = "off", _("Nothing")
    MENTION = "mention", _("That it runs")
    AMOUNTS = "amounts", _("The amounts to the day")


class NoteKind(TextChoices):
    """A debit note, or the document that cancels one."""

    DEBIT = "debit", _("Debit note")
    COUNTER = "counter", _("Cancellation of a debit note")


class WaiverState(TextChoices):
    """What became of a waiver; only the first may still change."""

    ASKED = "asked", pgettext_lazy("waiver", "To approve")
    GRANTED = "granted", pgettext_lazy("waiver", "Waived")
    REFUSED = "refused", pgettext_lazy("waiver", "Refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("waiver", "Taken back")
