from django.apps import AppConfig


class LibConfig(AppConfig):
    """Makes the template tags of lib known to Django."""

    name = "lib"
