from importlib import import_module

from django.apps import AppConfig

from config import checks


class PorchConfig(AppConfig):
    """Makes the commands `up` and `doctor`, and the system checks, known to Django."""

    name = "config"
    label = "porch"

    def ready(self) -> None:
        """The checks registered themselves on import; mail providers are heard."""
        assert checks.OURS
        import_module("config.mail_hooks").connect()
