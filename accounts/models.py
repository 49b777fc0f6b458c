"""People, legal entities, departments, roles, absences and tokens."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.calendars import Calendar, Closure
from accounts.choices import Density, Language, Role, Theme
from accounts.events import Event, Stream
from accounts.reach.models import ReachRule, ReachWishes

__all__ = [
    "Absence",
    "ApiToken",
    "BooksCheck",
    "Calendar",
    "Closure",
    "Department",
    "Event",
    "IdempotentAnswer",
    "LegalEntity",
    "Membership",
    "ReachRule",
    "ReachWishes",
    "Stream",
    "User",
]


class LegalEntity(models.Model):
    """A company of the group: it issues the invoices and owns everything below it."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=200)
    country = models.CharField(_("country"), max_length=2)
    currency = models.CharField(_("currency"), max_length=3)
    language = models.CharField(_("language"), max_length=5, choices=Language.choices, default=Language.ES)
    time_zone = models.CharField(_("time zone"), max_length=50, default="Europe/Madrid")
    tax_id = models.CharField(_("tax id"), max_length=40, blank=True)
    iban = models.CharField("IBAN", max_length=34, blank=True)
    settings = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("legal entity")
        verbose_name_plural = _("legal entities")
        ordering = ("code",)
        constraints = [
            models.CheckConstraint(condition=Q(country__regex="^[A-Z]{2}$"), name="entity_country_is_iso"),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="entity_currency_is_iso"),
        ]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Makes people, known by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person; without a password nobody can sign in as them."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person for whom every door of the machine room is open."""
        return self.create_user(email, password, is_superuser=True, is_staff=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who works with Zanjar."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    language = models.CharField(_("language"), max_length=5, choices=Language.choices, default=Language.ES)
    time_zone = models.CharField(_("time zone"), max_length=50, default="Europe/Madrid")
    theme = models.CharField(_("theme"), max_length=10, choices=Theme.choices, default=Theme.SYSTEM)
    density = models.CharField(
        _("density"), max_length=12, choices=Density.choices, default=Density.COMFORTABLE
    )
    shortcuts_on = models.BooleanField(_("single-key shortcuts"), default=True)
    question_mails = models.BooleanField(_("questions by e-mail"), default=True, db_default=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    is_demo = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique_in_any_case",
                violation_error_message=_("Somebody with this e-mail address already exists."),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """The name, for libraries that ask this way."""
        return self.name


class Department(models.Model):
    """A team that can hold a dispute: logistics, pricing, quality, billing..."""

    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="departments")
    code = models.SlugField(_("code"), max_length=30)
    name = models.CharField(_("name"), max_length=100)
    # A partner company (a carrier, a laboratory): its people are guests and see nothing of other companies.
    outside = models.BooleanField(_("partner company"), default=False, db_default=False)
    # Who gets what is late here, and what nobody of the team can take.
    lead = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="leads", verbose_name=_("lead")
    )

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(fields=["entity", "code"], name="department_code_unique_per_entity")
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """What a person is in a legal entity."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    entity = models.ForeignKey(LegalEntity, models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="memberships"
    )

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "entity", "role"], name="membership_unique_per_user_entity_role"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.user_id}@{self.entity_id}"


class Absence(models.Model):
    """Days on which a deputy answers for a person."""

    user = models.ForeignKey(User, models.CASCADE, related_name="absences")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    deputy = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="deputises")

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="absence_ends_after_it_starts",
                violation_error_message=_("The last day cannot be before the first."),
            ),
            models.CheckConstraint(
                condition=Q(deputy__isnull=True) | ~Q(deputy=F("user")),
                name="absence_deputy_is_somebody_else",
                violation_error_message=_("Choose somebody else as the deputy."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.starts_on} - {self.ends_on}"


class ApiToken(models.Model):
    """A key for programs. Only its digest is kept; the key itself is shown once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=8)
    read_only = models.BooleanField(_("may only read"), default=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.name


class IdempotentAnswer(models.Model):
    """What was answered to a POST with an `Idempotency-Key`, so that a retry gets the same answer."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_unique_per_user")
        ]
        # The sweeper forgets old answers.
        indexes = [models.Index(fields=["created_at"], name="idempotent_by_age")]

    def __str__(self) -> str:
        return self.key


class BooksCheck(models.Model):
    """One check of the books: when, how long, and what was found."""

    asked_at = models.DateTimeField()
    # Nobody: the nightly job, or the command.
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    seconds = models.DecimalField(max_digits=9, decimal_places=3, null=True, blank=True)
    ok = models.BooleanField(null=True)
    checks = models.PositiveSmallIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    # Legal entity (as text; "" for what belongs to none) -> how many findings.
    counts = models.JSONField(default=dict)
    # The first findings; the command lists them all.
    findings = models.JSONField(default=list)
    # Why a check could not be made.
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("check of the books")
        verbose_name_plural = _("checks of the books")
        constraints = [
            models.UniqueConstraint(
                fields=["finished_at"],
                condition=Q(finished_at=None),
                nulls_distinct=False,
                name="books_one_check_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None, ok=None)
                | Q(finished_at__isnull=False, started_at__isnull=False, ok__isnull=False),
                name="books_finished_with_a_verdict",
            ),
            models.CheckConstraint(
                condition=~Q(ok=True) | Q(found=0, error=""), name="books_right_means_nothing_found"
            ),
        ]
        # The last one, on every page of an administrator.
        indexes = [models.Index(fields=["-finished_at"], name="books_by_time")]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M}"
