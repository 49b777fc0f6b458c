"""Letters of a stage: to the customer in their language, once per stay, and told when there is no address."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.events import timeline
from disputes import services
from disputes.models import Dispute
from ledger.models import Contact
from mailroom.models import Letter
from tests.disputes.conftest import open_one, settle_constraints
from tests.factories import AT, Cast

HOUR = timedelta(hours=1)


def with_sends(cast: Cast, *sends: tuple[str, str]) -> None:
    """The price route sends these on entering the stage of sales."""
    version = open_one(cast).route_version
    data = services.read_route(version)
    stage = next(one for one in data["stages"] if one["code"] == "ask_sales")
    for one in data["stages"]:
        one["sends"] = []
    stage["sends"] = [{"text": text, "to": to} for text, to in sends]
    services.write_version(route=version.route, data=data, by=cast.alice, at=AT, activate=True)
    services.switch_letters(route=version.route, on=True, by=cast.alice, at=AT)


def at_sales(cast: Cast, **more: Any) -> Dispute:
    dispute = open_one(cast, **more)
    return services.make_move(dispute=dispute, move_code="ask_sales", by=cast.alice, at=AT + HOUR)


@pytest.mark.parametrize(
    ("language", "says"),
    [("es", "hemos recibido su incidencia"), ("fr", "nous avons bien reçu"), ("en", "we have received")],
)
def test_the_customer_is_written_to_in_their_language(catalogue: Cast, language: str, says: str) -> None:
    with_sends(catalogue, ("dispute.received", "customer"))
    Contact.objects.filter(customer=catalogue.norte).update(language=language)
    dispute = at_sales(catalogue, statement="Boxes <b>missing</b>")
    letter = Letter.objects.get()
    assert (letter.to_address, letter.language) == ("payables@c-001.example", language)
    assert says in letter.subject and dispute.ref in letter.subject  # noqa: PT018
    assert (letter.about_stream, letter.about_id) == ("dispute", dispute.pk)
    number = dispute.lines.get().invoice.number
    assert number in letter.body_text
    assert "Boxes <b>missing</b>" in letter.body_text
    assert "Boxes &lt;b&gt;missing" in letter.body_html
    assert "{{" not in letter.body_text + letter.subject
    told = timeline("dispute", dispute.pk).get(kind="dispute.letter")
    assert told.data["letter"] == letter.pk
    settle_constraints()


def test_a_letter_goes_once_per_stay_and_again_in_the_next(catalogue: Cast) -> None:
    with_sends(catalogue, ("dispute.answered", "customer"), ("dispute.answered", "salesperson"))
    dispute = at_sales(catalogue)
    assert {letter.to_address for letter in Letter.objects.all()} == {
        "payables@c-001.example",
        catalogue.sam.email,
    }
    services.make_move(
        dispute=dispute,
        move_code="back_to_triage",
        by=catalogue.alice,
        at=AT + 2 * HOUR,
        fields={"note": "x"},
    )
    dispute.refresh_from_db()
    services.make_move(dispute=dispute, move_code="ask_sales", by=catalogue.alice, at=AT + 3 * HOUR)
    assert Letter.objects.count() == 4


def test_without_an_address_nothing_is_sent_and_the_timeline_says_so(catalogue: Cast) -> None:
    with_sends(catalogue, ("dispute.rejected", "customer"), ("dispute.credit_announced", "coordinator"))
    Contact.objects.filter(customer=catalogue.norte).update(email="")
    dispute = at_sales(catalogue)
    assert [letter.to_address for letter in Letter.objects.all()] == [catalogue.alice.email]
    kinds = [event.kind for event in timeline("dispute", dispute.pk)]
    assert kinds.count("dispute.not_sent") == 1
    assert kinds.count("dispute.letter") == 1
