"""Form widgets that a busy page can afford."""

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import escape
from django.utils.safestring import SafeString


class PlainSelect(forms.Select):
    """A drop-down without groups, written in one pass: Django's own renders a template for each choice.

    For fields that may be left empty: to know whether `required` makes sense, Django reads the choices first.
    """

    def use_required_attribute(self, initial: Any) -> bool:
        """Never."""
        return False

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """The drop-down with the choice that is in force."""
        chosen = "" if value is None else str(value)
        options = "".join(
            f'<option value="{escape(key)}"{" selected" if str(key) == chosen else ""}>{escape(words)}</option>'
            for key, words in self.choices
        )
        given = flatatt({**self.attrs, **(attrs or {}), "name": name})
        return SafeString(f"<select{given}>{options}</select>")


class PlainText(forms.TextInput):
    """A line of text, written without a template."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """The field with what it holds."""
        shown = self.format_value(value)
        given = {**self.attrs, **(attrs or {}), "type": self.input_type, "name": name}
        return SafeString(f"<input{flatatt(given if shown is None else {**given, 'value': shown})}>")
