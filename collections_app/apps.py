from importlib import import_module

from django.apps import AppConfig


class CollectionsConfig(AppConfig):
    """Registers collections_app with Django."""

    name = "collections_app"
    verbose_name = "collections"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to the rooms below."""
        import_module("collections_app.listeners")
        import_module("collections_app.books_interest")
        import_module("collections_app.books_segments")
