from django.apps import AppConfig


class CollectionsConfig(AppConfig):
    """Registers collections_app with Django."""

    name = "collections_app"
    verbose_name = "collections"
    default_auto_field = "django.db.models.BigAutoField"
