"""What the viewsets of this room share."""

from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from accounts.requests import Door


class ReadOnly(ListModelMixin, RetrieveModelMixin, Door):
    """A list and its rows."""
