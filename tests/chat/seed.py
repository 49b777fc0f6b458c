"""Fills an empty database with a live dispute and signs two people in; prints what a client needs, as JSON."""

import json

import django

django.setup()

from accounts.models import User  # noqa: E402
from chat.models import Room  # noqa: E402
from tests.chat.conftest import make_dispute  # noqa: E402
from tests.chat.ear import cookie_of  # noqa: E402
from tests.factories import make_cast  # noqa: E402


def main() -> None:
    """Make the people and the dispute."""
    cast = make_cast()
    room = Room.objects.get(dispute=make_dispute(cast))
    people: dict[str, User] = {"alice": cast.alice, "sam": cast.sam}
    cookies = {name: cookie_of(user) for name, user in people.items()}
    print(json.dumps({"room": room.pk, "start": room.last_seq, "cookies": cookies}))  # noqa: T201


if __name__ == "__main__":
    main()
