"""A push service, and people with phones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import User
from chat.models import PushDevice
from chat.push import services
from disputes import services as disputes
from disputes.models import Dispute, Question
from tests.chat.conftest import make_dispute
from tests.factories import AT, Cast
from tests.push.sink import Phone, Sink, running_sink


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    """The push service; its host may be reached although it is not public."""
    with running_sink() as one:
        settings.PUSH_INSIDE = [one.host]
        yield one


@pytest.fixture
def dispute(cast: Cast) -> Dispute:
    """A live dispute."""
    return make_dispute(cast)


@pytest.fixture
def question(cast: Cast, dispute: Dispute) -> Question:
    """What Sam is asked."""
    return ask(cast, dispute)


def ask(cast: Cast, dispute: Dispute, **more: Any) -> Question:
    """Alice asks Sam."""
    facts = {"kind": "yes_no", "text": "Did you agree the price?", **more}
    return disputes.ask_question(dispute=dispute, asked_of=cast.sam, by=cast.alice, at=AT, **facts)


def add_device(user: User, sink: Sink, phone: Phone, name: str = "Phone") -> PushDevice:
    """The person allows notifications on that phone."""
    return services.subscribe(
        user=user,
        endpoint=f"{sink.url}/send/{phone.keys['auth']}",
        name=name,
        user_agent="Test",
        at=AT,
        **phone.keys,
    )
