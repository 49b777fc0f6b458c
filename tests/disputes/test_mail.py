"""A mail becomes a dispute: read, understood, shown beside the form, applied by a person, kept as evidence, once."""

from decimal import Decimal
from email.message import EmailMessage
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from disputes import services
from disputes.errors import IllegalAct
from disputes.mail.proposing import propose
from disputes.models import Dispute, Evidence, Reason, TakenMail
from ledger.models import Customer, Invoice
from mailroom.inbound.reading import LARGEST, UnreadableMail, read_eml, read_text
from tests.disputes.race import both
from tests.disputes.test_pages import as_, text
from tests.factories import AT, ON, Cast, make_invoice

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001"
    "0005fe02fea7350000000049454e44ae426082"
)


def eml(
    body: str, *, sender: str = "Ana <payables@c-001.example>", files: bool = False, **headers: str
) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, "billing@acme.example"
    mail["Subject"] = headers.get("subject", "Factura incorrecta")
    mail["Date"] = "Mon, 16 Mar 2026 08:30:00 +0100"
    if headers.get("message_id", "x"):
        mail["Message-ID"] = headers.get("message_id", "<one@c-001.example>")
    mail.set_content(body)
    if files:
        mail.add_attachment(PNG, maintype="image", subtype="png", filename="pallet.png")
    return mail.as_bytes()


def take(cast: Cast, data: bytes, by: User | None = None) -> TakenMail:
    return services.take_mail(entity=cast.entity, letter=read_eml(data), raw=data, by=by or cast.alice, at=AT)


def pasted(cast: Cast, words: str) -> TakenMail:
    return services.take_mail(entity=cast.entity, letter=read_text(words), raw=b"", by=cast.alice, at=AT)


def test_a_mail_is_read_with_its_files() -> None:
    letter = read_eml(eml("El precio de la F-1 no es el pactado.", files=True))
    assert (letter.identity, letter.address, letter.sender) == (
        "one@c-001.example",
        "payables@c-001.example",
        "Ana",
    )
    assert letter.text == "El precio de la F-1 no es el pactado."
    assert [(one.name, one.data) for one in letter.files] == [("pallet.png", PNG)]
    assert letter.sent_at is not None


def test_a_mail_in_html_is_read_without_its_tags() -> None:
    mail = EmailMessage()
    mail["From"] = "a@b.example"
    mail.set_content(
        "<head><style>p {}</style></head><p>Falta un palet</p><script>x()</script>", subtype="html"
    )
    assert read_eml(mail.as_bytes()).text == "Falta un palet"


def test_a_pasted_mail_is_known_by_its_words() -> None:
    words = "De: Ana Gil <ana@norte.example>\nAsunto: Precio\n\nEl precio no es correcto."
    letter = read_text(words)
    assert (letter.address, letter.sender, letter.subject) == ("ana@norte.example", "Ana Gil", "Precio")
    assert letter.identity == read_text(words.replace("\n", "\r\n") + "\n\n").identity
    assert letter.identity != read_text(words + "!").identity


@pytest.mark.parametrize("data", [b"", b"\x00\xff" * 50, b"hello", b"%PDF-1.4", b"x" * (LARGEST + 1)])
def test_what_is_no_mail_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(UnreadableMail):
        read_eml(data)


@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_are_read_or_refused(data: bytes, headed: bool) -> None:
    head = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n" if headed else b""
    try:
        letter = read_eml(head + data)
    except UnreadableMail:
        return
    assert "\x00" not in letter.text + letter.subject + letter.identity


@pytest.mark.parametrize(
    ("sender", "sure"), [("Ana <payables@c-001.example>", "sure"), ("Luis <luis@c-001.example>", "likely")]
)
def test_it_finds_customer_invoice_amount_and_reason_and_says_why(
    catalogue: Cast, sender: str, sure: str
) -> None:
    invoice = make_invoice(catalogue.norte, number="F-2026-00123")
    make_invoice(catalogue.sur, number="F-2026-00124")
    body = "Buenos días:\nLa factura 2026/123 lleva un precio incorrecto: sobran 45,60 €.\nSaludos"
    found = propose(catalogue.alice, take(catalogue, eml(body, sender=sender)), ON)
    assert (found.customer, found.invoices) == (catalogue.norte, [invoice])
    assert (found.amount, found.reason) == (Decimal("45.60"), "price")
    assert found.marks["customer"].sure == sure
    assert "123" in found.marks["invoices"].quote
    assert "45,60" in found.marks["amount"].quote
    assert found.marks["reason"].quote


def test_an_unknown_writer_is_found_by_invoice_or_by_name(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.sur, number="F-2026-00777")
    mail = take(catalogue, eml("Factura F-2026-00777: falta mercancía", sender="x@gmail.com"))
    found = propose(catalogue.alice, mail, ON)
    assert (found.customer, found.invoices) == (catalogue.sur, [invoice])
    assert found.marks["customer"].sure == "likely"
    named = propose(catalogue.alice, pasted(catalogue, "Somos Distribuciones Sur y no pagamos."), ON)
    assert (named.customer, named.marks["customer"].sure) == (catalogue.sur, "perhaps")
    nothing = propose(catalogue.alice, pasted(catalogue, "Hola, ¿qué tal?"), ON)
    assert (nothing.customer, nothing.invoices, nothing.marks) == (None, [], {})


def test_nobody_is_shown_customers_that_are_not_theirs(catalogue: Cast) -> None:
    make_invoice(catalogue.norte, number="F-2026-00123")
    mail = take(catalogue, eml("Factura F-2026-00123"), by=catalogue.sofia)
    found = propose(catalogue.sofia, mail, ON)
    assert (found.customer, found.invoices) == (None, [])


def test_the_form_is_filled_opened_and_everything_becomes_evidence(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte, number="F-2026-00123")
    body = "La factura F-2026-00123 lleva un precio incorrecto: sobran 45,60 €."
    alice = as_(catalogue.alice)
    file = SimpleUploadedFile("mail.eml", eml(body, files=True))
    sent = alice.post("/disputes/mails/", {"file": file})
    mail = TakenMail.objects.get()
    assert sent.headers["Location"] == f"/disputes/new/?mail={mail.pk}"
    page = text(alice.get(sent.headers["Location"]))
    assert 'value="45.60"' in page
    assert "the sender is a contact" in page
    assert "pallet.png" in page
    data = {
        "act": "open", "mail": mail.pk, "customer": catalogue.norte.pk, "invoice": invoice.pk, "reason": "price",
        f"mode-{invoice.pk}": "amount", f"amount-{invoice.pk}": "45.60", "statement": body,
    }  # fmt: skip
    assert alice.post("/disputes/new/", data).status_code == 302
    dispute = Dispute.objects.get()
    mail.refresh_from_db()
    assert (dispute.opened_via, dispute.amount, mail.dispute) == ("mail", Decimal("45.60"), dispute)
    assert bytes(mail.raw) == b""
    assert sorted(Evidence.objects.values_list("name", flat=True)) == ["Factura incorrecta.eml", "pallet.png"]
    again = alice.post("/disputes/mails/", {"file": SimpleUploadedFile("mail.eml", eml(body, files=True))})
    assert again.headers["Location"] == "/disputes/mails/"
    listed = text(alice.get("/disputes/mails/"))
    assert "taken in already" in listed
    assert dispute.ref in listed
    assert alice.get(f"/disputes/new/?mail={mail.pk}").status_code == 404


def test_it_is_put_aside_once_and_strangers_see_nothing(catalogue: Cast) -> None:
    mail = take(catalogue, eml("Hola"))
    for who in (catalogue.mallory, catalogue.sofia):
        assert as_(who).get(f"/disputes/new/?mail={mail.pk}").status_code == 404
        assert as_(who).post(f"/disputes/mails/{mail.pk}/aside/").status_code == 404
        assert as_(who).get(f"/api/v1/taken-mails/{mail.pk}/").status_code == 404
    for who in (catalogue.eva, catalogue.fin):
        assert as_(who).get("/disputes/mails/").status_code == 403
        assert as_(who).post("/disputes/mails/", {"text": "Hola"}).status_code == 403
    assert TakenMail.objects.count() == 1
    assert as_(catalogue.alice).post(f"/disputes/mails/{mail.pk}/aside/").status_code == 302
    with pytest.raises(IllegalAct, match="Alice has dealt with"):
        services.settle_mail(mail=mail, dispute=None, by=catalogue.carl, at=AT)


def test_a_fault_is_told_on_the_page_and_the_pasted_text_stays(catalogue: Cast) -> None:
    answer = as_(catalogue.alice).post("/disputes/mails/", {"file": SimpleUploadedFile("x.eml", b"hello")})
    assert answer.status_code == 422
    assert "This is no e-mail" in text(answer)
    assert as_(catalogue.alice).post("/disputes/mails/", {"text": " "}).status_code == 422


def test_the_api_takes_proposes_and_opens(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte, number="F-2026-00123")
    client, url = as_(catalogue.carl), "/api/v1/taken-mails/"

    def post(path: str, body: dict[str, Any]) -> Any:
        return client.post(path, body, content_type="application/json")

    words = "From: payables@c-001.example\n\nF-2026-00123: wrong price"
    taken = post(url, {"entity": catalogue.entity.pk, "text": words})
    assert taken.status_code == 201
    assert post(url, {"entity": catalogue.entity.pk, "text": words}).status_code == 200
    one = f"{url}{taken.json()['id']}/"
    proposal = client.get(f"{one}proposal/").json()
    assert (proposal["customer"], proposal["invoices"], proposal["reason"]) == (
        catalogue.norte.pk,
        [invoice.pk],
        "price",
    )
    assert proposal["marks"]["customer"]["sure"] == "sure"
    body = {
        "customer": catalogue.norte.pk, "reason": "price", "lines": [{"invoice": invoice.pk, "amount": "10.00"}],
    }  # fmt: skip
    opened = post(f"{one}dispute/", body)
    assert (opened.status_code, opened.json()["refused_files"]) == (201, [])
    assert post(f"{one}dispute/", body).status_code == 409
    assert Dispute.objects.get().amount == Decimal("10.00")
    assert post(f"{one}aside/", {}).status_code == 409


def opened_from(mail: TakenMail, invoice: Invoice, by: User, cast: Cast) -> Dispute:
    return services.open_from_mail(
        mail=mail,
        customer=Customer.objects.select_related("entity").get(pk=cast.norte.pk),
        lines=[services.LineInput(invoice.pk, Decimal(100))],
        reason=Reason.objects.get(entity=cast.entity, code="price"),
        by=by,
        at=AT,
    )


@pytest.mark.django_db(transaction=True)
def test_two_people_open_from_one_mail_and_one_dispute_comes(catalogue: Cast) -> None:
    """The invoice's lock decides, and for other invoices that of the entity's numbers: the mail is read after them."""
    invoice = make_invoice(catalogue.norte)
    mail = take(catalogue, eml("Hola"))
    results = both(
        "ledger_invoice",
        invoice.pk,
        lambda: opened_from(mail, invoice, catalogue.alice, catalogue),
        lambda: opened_from(mail, invoice, catalogue.carl, catalogue),
    )
    assert sorted(type(one).__name__ for one in results) == ["Dispute", "IllegalAct"]
    assert Dispute.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_opened_from_and_put_aside_at_once_one_wins(catalogue: Cast) -> None:
    """Without the lock of the mail both find it unsettled, and the second writes over the first."""
    invoice = make_invoice(catalogue.norte)
    mail = take(catalogue, eml("Hola"))
    results = both(
        "disputes_takenmail",
        mail.pk,
        lambda: opened_from(mail, invoice, catalogue.alice, catalogue),
        lambda: services.settle_mail(mail=mail, dispute=None, by=catalogue.carl, at=AT),
    )
    assert len([one for one in results if isinstance(one, IllegalAct)]) == 1
    mail.refresh_from_db()
    assert (mail.dispute is not None) is Dispute.objects.exists()
