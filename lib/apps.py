import django_stubs_ext
from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

# Lets Django's generic classes be written with their parameters (`ModelForm[User]`) at run time too.
django_stubs_ext.monkeypatch()


class LibConfig(AppConfig):
    """Makes the template tags of lib known to Django, and the checks of the books known to lib."""

    name = "lib"

    def ready(self) -> None:
        """Let every room register its checks."""
        autodiscover_modules("books")
