from django.apps import AppConfig


class MailroomConfig(AppConfig):
    """Registers mailroom with Django."""

    name = "mailroom"
    verbose_name = "mailroom"
    default_auto_field = "django.db.models.BigAutoField"
