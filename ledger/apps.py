from importlib import import_module

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Registers ledger with Django and its listeners with the relay."""

    name = "ledger"
    verbose_name = "ledger"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the listeners, and let the palette find what is here."""
        import_module("ledger.listeners")
        import_module("ledger.palette")
