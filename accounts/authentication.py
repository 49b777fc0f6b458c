"""How the API knows who is asking: `Authorization: Token KEY`."""

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from accounts import tokens
from accounts.models import ApiToken, User
from lib import clock


class TokenAuthentication(BaseAuthentication):
    """A key instead of a session; a read-only key may only read."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """The person and their token; None when no key was sent."""
        key = tokens.key_of(request._request)
        if not key:
            return None
        token = tokens.find(key, at=clock.now())
        if token is None:
            raise AuthenticationFailed(_("This token is not valid (any more)."))
        if token.read_only and request.method not in SAFE_METHODS:
            raise PermissionDenied(_("This token may only read."))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """What a refused client is told to send."""
        return "Token"


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[misc, no-untyped-call]
    """Describes the token in the OpenAPI schema."""

    target_class = "accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """The scheme as OpenAPI writes it."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token KEY`, with a key from /api/v1/tokens/.",
        }
