from django.apps import AppConfig


class ChatConfig(AppConfig):
    """Registers chat with Django."""

    name = "chat"
    verbose_name = "chat"
    default_auto_field = "django.db.models.BigAutoField"
