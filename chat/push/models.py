"""The browsers that may be notified, what they show now, and who wants nothing to be read on a lock screen."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

ENDPOINT_LIMIT = 1000


class PushDevice(models.Model):
    """A browser, on a phone or a desktop, that one person allowed to notify them."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="push_devices")
    endpoint = models.CharField(
        max_length=ENDPOINT_LIMIT,
        unique=True,
        error_messages={"unique": _("This browser is known already.")},
    )
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=50)
    name = models.CharField(_("device"), max_length=80)
    user_agent = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    # When its person last opened the app with it.
    seen_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    # Since when every attempt failed.
    failed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        ordering = ("-seen_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(endpoint__regex=r"^https?://[^/]+/"),
                name="push_endpoint_is_an_address",
                violation_error_message=_("A push service has an https address."),
            ),
            models.CheckConstraint(
                condition=~Q(p256dh="") & ~Q(auth=""),
                name="push_device_has_its_keys",
                violation_error_message=_("Without its keys nothing can be sent to a browser."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PushShown(models.Model):
    """A notification that a device was sent and nobody took back yet."""

    device = models.ForeignKey(PushDevice, models.CASCADE, related_name="shown")
    tag = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "tag"], name="push_shown_once_per_device")]
        indexes = [models.Index(fields=["tag"], name="push_shown_by_tag")]

    def __str__(self) -> str:
        return f"{self.tag} on {self.device_id}"


class PrivatePush(models.Model):
    """Notifications of this person, or about this legal entity, tell no names and no amounts."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="private_push"
    )
    entity = models.OneToOneField(
        "accounts.LegalEntity", models.CASCADE, null=True, blank=True, related_name="private_push"
    )
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, entity=None) | Q(user=None, entity__isnull=False),
                name="private_push_of_one",
                violation_error_message=_("Private is either a person or a legal entity."),
            ),
        ]

    def __str__(self) -> str:
        return f"private {self.user_id or self.entity_id}"
