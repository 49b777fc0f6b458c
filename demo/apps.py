from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Registers the demo company's command with Django."""

    name = "demo"
    verbose_name = "demo"
