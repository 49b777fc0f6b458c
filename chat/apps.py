from importlib import import_module

from django.apps import AppConfig


class ChatConfig(AppConfig):
    """Registers chat with Django and lets the rooms follow the disputes."""

    name = "chat"
    verbose_name = "chat"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the listeners, give the conversation to the evidence packs, what is unread to the queue, and
        what was said to the palette."""
        import_module("chat.listeners")
        import_module("chat.packing")
        import_module("chat.marks")
        for name in ("letters", "sms", "bridge", "own_letters", "digest"):
            import_module(f"chat.reach.{name}")
        import_module("chat.reach.hearing")
        import_module("chat.mail.letters")
        import_module("chat.palette")
        import_module("chat.push.listeners")
        import_module("chat.push.carrier")
        import_module("chat.reach.means")
