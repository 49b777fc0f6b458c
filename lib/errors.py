"""The errors that services raise: sentences fit for the person who reads them."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise


class DomainError(Exception):
    """A rule said no. Doors answer 409 and show the sentence."""

    status = 409

    def __init__(self, message: str | Promise, *, code: str = "rule", **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(DomainError):
    """The person may see the thing but not do this to it. Doors answer 403."""

    status = 403

    def __init__(self, message: str | Promise, *, code: str = "not_allowed", **facts: Any) -> None:
        super().__init__(message, code=code, **facts)


class Unprocessable(DomainError):
    """The shape is right, the content cannot be used. Doors answer 422."""

    status = 422

    def __init__(self, message: str | Promise, *, code: str = "unprocessable", **facts: Any) -> None:
        super().__init__(message, code=code, **facts)


class FieldErrors(Unprocessable):
    """Some fields are missing or wrong (422). `fields` maps a field's name to its sentence."""

    def __init__(self, fields: Mapping[str, str | Promise]) -> None:
        self.fields = {name: str(sentence) for name, sentence in fields.items()}
        super().__init__(" ".join(self.fields.values()), code="invalid_fields", fields=self.fields)
