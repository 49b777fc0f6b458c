"""Closed lists of the accounts room."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person is in one legal entity."""

    ADMIN = "admin", _("Administrator")
    CREDIT_MANAGER = "credit_manager", _("Credit manager")
    COLLECTOR = "collector", _("Collector")
    SALES = "sales", _("Salesperson")
    EXPERT = "expert", _("Expert")
    FINANCE = "finance", _("Finance")
    PARTNER = "partner", _("Partner")


class Language(models.TextChoices):
    """The languages every text exists in."""

    ES = "es", "Español"
    FR = "fr", "Français"
    EN = "en", "English"


class Theme(models.TextChoices):
    """How the pages look."""

    SYSTEM = "system", _("As the system")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Density(models.TextChoices):
    """How tall the rows of lists are."""

    COMFORTABLE = "comfortable", _("Comfortable")
    COMPACT = "compact", _("Compact")


class CalendarSide(models.TextChoices):
    """Whose working hours a calendar tells."""

    OURS = "ours", _("Ours")
    CUSTOMER = "customer", _("Customers")
