"""Mail that belongs to no conversation waits for a person, who says where it belongs."""

from pathlib import Path
from typing import Any

import pytest

from disputes import services
from disputes.errors import IllegalAct
from disputes.models import Dispute, Evidence, TakenMail
from disputes.selectors import mails_waiting
from ledger.models import Contact
from mailroom import services as mailroom
from mailroom.choices import Doubt, InboundSource, InboundStatus
from mailroom.inbound.reading import read_eml
from mailroom.models import BlockedSender, InboundMail
from tests.disputes.test_mail import eml
from tests.disputes.test_pages import as_, text
from tests.factories import AT, Cast

STRANGER = "Luis <luis@elsewhere.example>"


@pytest.fixture(autouse=True)
def files_of_their_own(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


def came(cast: Cast, sender: str = STRANGER, message_id: str = "<m1@x.example>", **fields: Any) -> TakenMail:
    data = eml(
        "Falta un palet de la F-1.\n\nOn 3/11/2025, Acme wrote:\n> ¿Todo bien?",
        sender=sender,
        message_id=message_id,
        **fields,
    )
    mail = mailroom.receive(raw=data, source=InboundSource.API, at=AT)
    taken = services.take_inbound(mail=mail, doubt=Doubt.UNKNOWN_SENDER, at=AT)
    assert taken is not None
    return taken


def test_it_waits_with_the_reason_and_whole(catalogue: Cast) -> None:
    mail = came(catalogue)
    assert (mail.came, mail.doubt, mail.entity) == (True, Doubt.UNKNOWN_SENDER, catalogue.entity)
    assert "> ¿Todo bien?" in mail.text
    assert mail.inbound is not None
    assert mail.inbound.status == InboundStatus.WAITING
    page = text(as_(catalogue.alice).get("/disputes/mails/"))
    assert "came by e-mail" in page
    assert "Nobody here knows this sender." in page
    assert mails_waiting(catalogue.alice) == 1
    assert mails_waiting(catalogue.sofia) == mails_waiting(catalogue.mallory) == 0


def test_it_waits_where_the_senders_customer_is(catalogue: Cast) -> None:
    mail = came(catalogue, "Zoé <payables@f-001.example>")
    assert mail.entity == catalogue.other


def test_twice_is_once_and_one_taken_in_by_hand_is_the_same(catalogue: Cast) -> None:
    data = eml("Hola", sender=STRANGER)
    by_hand = services.take_mail(
        entity=catalogue.entity, letter=read_eml(data), raw=data, by=catalogue.alice, at=AT
    )
    mail = mailroom.receive(raw=data, source=InboundSource.API, at=AT)
    for _again in range(2):
        services.take_inbound(mail=mail, doubt=Doubt.NO_THREAD, at=AT)
    by_hand.refresh_from_db()
    assert (TakenMail.objects.count(), by_hand.inbound) == (1, mail)
    services.settle_mail(mail=by_hand, dispute=None, by=catalogue.alice, at=AT)
    mail.refresh_from_db()
    assert mail.status == InboundStatus.SETTLED


def test_it_is_attached_to_a_dispute_with_its_files(dispute: Dispute, catalogue: Cast) -> None:
    mail, alice = came(catalogue, files=True), as_(catalogue.alice)
    page = text(alice.get(f"/disputes/mails/{mail.pk}/?q={dispute.number}"))
    assert dispute.ref in page
    sent = alice.post(f"/disputes/mails/{mail.pk}/", {"act": "attach", "dispute": dispute.pk})
    assert sent.headers["Location"] == f"/disputes/{dispute.pk}/"
    names = sorted(Evidence.objects.filter(dispute=dispute).values_list("name", flat=True))
    assert names == ["Factura incorrecta.eml", "pallet.png"]
    inbound = InboundMail.objects.get()
    assert (inbound.status, inbound.about_stream, inbound.about_id) == ("settled", "dispute", dispute.pk)
    assert alice.get(f"/disputes/mails/{mail.pk}/").status_code == 302
    with pytest.raises(IllegalAct):
        services.attach_mail(mail=mail, dispute=dispute, by=catalogue.carl, at=AT)


def test_the_senders_customer_brings_its_disputes_without_a_search(dispute: Dispute, catalogue: Cast) -> None:
    mail = came(catalogue, f"Ana <payables@{dispute.customer.code.lower()}.example>")
    assert dispute.ref in text(as_(catalogue.alice).get(f"/disputes/mails/{mail.pk}/"))


def test_the_sender_becomes_a_contact(catalogue: Cast) -> None:
    mail, alice = came(catalogue), as_(catalogue.alice)
    assert "Comercial Norte" in text(alice.get(f"/disputes/mails/{mail.pk}/?customer=norte"))
    body = {"act": "know", "customer": catalogue.norte.pk}
    assert alice.post(f"/disputes/mails/{mail.pk}/", body).status_code == 302
    contact = Contact.objects.get(email="luis@elsewhere.example")
    assert (contact.customer, contact.name) == (catalogue.norte, "Luis")
    foreign = {"act": "know", "customer": catalogue.foreign.pk}
    assert alice.post(f"/disputes/mails/{mail.pk}/", foreign).status_code == 404


def test_a_blocked_sender_is_put_aside_and_refused_from_then_on(catalogue: Cast) -> None:
    mail, alice = came(catalogue), as_(catalogue.alice)
    assert alice.post(f"/disputes/mails/{mail.pk}/", {"act": "block"}).status_code == 302
    assert BlockedSender.objects.get().address == "luis@elsewhere.example"
    mail.refresh_from_db()
    assert mail.settled_by == catalogue.alice
    assert mailroom.raw_of(InboundMail.objects.get()) != b""


def test_the_api_does_all_of_it(dispute: Dispute, catalogue: Cast) -> None:
    carl = as_(catalogue.carl)

    def post(mail: TakenMail, what: str, **body: Any) -> Any:
        return carl.post(f"/api/v1/taken-mails/{mail.pk}/{what}/", body, content_type="application/json")

    first, second = came(catalogue), came(catalogue, message_id="<m2@x.example>")
    assert carl.get(f"/api/v1/taken-mails/{first.pk}/").json()["doubt"] == "unknown_sender"
    assert post(first, "contact", customer=catalogue.norte.pk).status_code == 201
    assert post(first, "contact", customer=catalogue.foreign.pk).status_code == 400
    attached = post(first, "attach", dispute=dispute.pk)
    assert (attached.status_code, attached.json()["dispute"]) == (200, dispute.pk)
    assert post(first, "attach", dispute=dispute.pk).status_code == 409
    assert post(second, "block").status_code == 200
    assert post(second, "block").status_code == 409


@pytest.mark.parametrize("who", ["mallory", "sofia", "eva", "fin"])
def test_nobody_else_sees_or_settles_it(who: str, dispute: Dispute, catalogue: Cast) -> None:
    mail, client = came(catalogue), as_(getattr(catalogue, who))
    assert client.get(f"/disputes/mails/{mail.pk}/").status_code == 404
    for act in ("attach", "know", "block", "aside"):
        assert (
            client.post(f"/disputes/mails/{mail.pk}/", {"act": act, "dispute": dispute.pk}).status_code == 404
        )
        assert client.post(f"/api/v1/taken-mails/{mail.pk}/{act}/").status_code in (403, 404)
    mail.refresh_from_db()
    assert mail.settled_at is None
    assert not BlockedSender.objects.exists()
