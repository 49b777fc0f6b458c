import django_stubs_ext
from django.apps import AppConfig

# Lets Django's generic classes be written with their parameters (`ModelForm[User]`) at run time too.
django_stubs_ext.monkeypatch()


class LibConfig(AppConfig):
    """Makes the template tags of lib known to Django."""

    name = "lib"
