from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Registers ledger with Django."""

    name = "ledger"
    verbose_name = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
