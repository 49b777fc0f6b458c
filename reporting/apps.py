from django.apps import AppConfig


class ReportingConfig(AppConfig):
    """Registers reporting with Django."""

    name = "reporting"
    verbose_name = "reporting"
    default_auto_field = "django.db.models.BigAutoField"
