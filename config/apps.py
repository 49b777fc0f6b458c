from django.apps import AppConfig

from config import checks


class PorchConfig(AppConfig):
    """Makes the commands `up` and `doctor`, and the system checks, known to Django."""

    name = "config"
    label = "porch"

    def ready(self) -> None:
        """The checks registered themselves on import."""
        assert checks.OURS
