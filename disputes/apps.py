from importlib import import_module

from django.apps import AppConfig


class DisputesConfig(AppConfig):
    """Registers disputes with Django and its listeners with the relay."""

    name = "disputes"
    verbose_name = "disputes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the listeners, and let the palette find what is here."""
        import_module("disputes.listeners")
        import_module("disputes.palette")
