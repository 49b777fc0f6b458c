from django.apps import AppConfig


class PorchConfig(AppConfig):
    """Makes the commands `up` and `doctor` known to Django."""

    name = "config"
    label = "porch"
