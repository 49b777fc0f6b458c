"""The papers: the formal notice by post and e-mail, the court files of Spain and France, the calculation."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.utils.translation import override
from pypdf import PdfReader

from accounts import services as people
from collections_app.contentious.claim import claim_of
from collections_app.contentious.court import court_file
from collections_app.contentious.parties import missing
from collections_app.contentious.sheets import interest_sheet, invoice_sheet
from collections_app.errors import ContentiousError
from collections_app.models import LegalFile
from collections_app.services import contentious
from collections_app.services.contentious_notice import send_formal_notice
from ledger.models import Customer
from lib import formats
from mailroom import services as mailroom
from mailroom.choices import LetterStatus
from mailroom.models import Letter
from mailroom.services.carrying import envelope_of, pdf_of
from tests.contentious.conftest import D, Desk
from tests.factories import AT, ON, make_invoice, pay

pytestmark = pytest.mark.django_db
DEADLINE = ON + timedelta(days=10)
ES = {
    "court": "Juzgado de Primera Instancia que por turno corresponda de Madrid",
    "creditor_tax_id": "B12345674",
    "creditor_address": "Calle del Puerto 1\n39001 Santander",
    "debtor_tax_id": "A58818501",
    "debtor_address": "Calle Mayor 12\n28013 Madrid",
    "ground": "Suministro de herramientas según pedidos {de} enero.",
    "negotiation": "Propuesta de pago aplazado de 1 de febrero, sin respuesta.",
    "signer": "Marta Gil",
    "capacity": "representante legal",
    "place": "Santander",
}
FR = {
    "court": "tribunal des activités économiques de Lyon",
    "creditor_tax_id": "732 829 320",
    "creditor_address": "1 rue du Port, 69002 Lyon",
    "creditor_registry": "SAS au capital de 10 000 €, RCS Lyon",
    "debtor_tax_id": "552 100 554",
    "debtor_address": "2 rue Haute, 69001 Lyon",
    "ground": "Livraisons de matériel selon commandes.",
    "signer": "Hélène Roux",
    "capacity": "présidente",
    "place": "Lyon",
}


def text_of(pdf: bytes) -> str:
    """The words, with one blank between them."""
    pages = (page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    return re.sub(r"\s+", " ", " ".join(pages))


def euros(amount: Decimal) -> str:
    """As a Spanish paper writes it."""
    with override("es"):
        return re.sub(r"\s", " ", formats.money(amount))


def with_address(customer: Customer, address: str = "Calle Mayor 12\n28013 Madrid") -> None:
    Customer.objects.filter(pk=customer.pk).update(address=address)


def send(desk: Desk, file: LegalFile, **more: Any) -> LegalFile:
    facts = {"deadline": DEADLINE, "channels": ["post", "email"], "by": desk.cast.alice, "on": ON, "at": AT}
    return send_formal_notice(file_id=file.pk, **(facts | more))


def set_facts(desk: Desk, file: LegalFile, facts: dict[str, str]) -> LegalFile:
    return contentious.set_facts(file_id=file.pk, facts=facts, by=desk.cast.alice, at=AT)


# --- the formal notice -----------------------------------------------------------------------------------


def test_the_notice_goes_by_registered_post_and_by_mail_with_the_law(desk: Desk) -> None:
    with_address(desk.cast.norte)
    invoice = desk.bill("400.00", late=45)
    file = send(desk, desk.open(invoice))
    step = file.steps.get(act="notify")
    assert step.letter is not None
    assert step.paper_letter is not None
    paper = text_of(pdf_of(step.paper_letter))
    claim = claim_of(file, ON)
    for words in (
        "CORREO CERTIFICADO CON ACUSE DE RECIBO",
        "artículo 1100 del Código Civil",
        "Ley 3/2004",
        "artículos 812 y siguientes",
        invoice.number,
        "40,00 €",
        euros(claim.total),
    ):
        assert words in paper
    assert step.paper_letter.paper["registered"] is True
    names = [one.name for one in envelope_of(step.letter, AT).files]
    assert f"{file.ref}.pdf" in names
    assert (file.status, file.deadline) == ("notified", DEADLINE)


def test_the_notice_is_refused_when_it_says_another_sum_or_finds_no_address(desk: Desk) -> None:
    file = desk.open(desk.bill("400.00"))
    for more, code in (
        ({"channels": ["email"], "expected": D("1.00")}, "changed_meanwhile"),
        ({}, "file_no_postal"),
        ({"channels": []}, "file_channel"),
        ({"deadline": ON}, "file_deadline"),
    ):
        with pytest.raises(ContentiousError) as refused:
            send(desk, file, **more)
        assert refused.value.code == code
    assert not Letter.objects.exists()


def test_paper_that_waits_asks_for_what_is_open_when_it_is_printed_or_not_at_all(desk: Desk) -> None:
    with_address(desk.cast.norte)
    one, two = desk.bill("400.00"), desk.bill("300.00")
    files = [send(desk, desk.open(invoice), channels=["post"]) for invoice in (one, two)]
    for letter in Letter.objects.all():
        mailroom.deliver(letter_id=letter.pk, at=AT)
    pay(one, "400.00")
    pay(two, "100.00")
    batch = mailroom.make_batch(entity=desk.cast.entity, by=desk.cast.alice, at=AT)
    assert batch.count == 1
    gone, printed = (file.steps.get(act="notify").paper_letter for file in files)
    assert gone is not None
    assert printed is not None
    assert gone.status == LetterStatus.WITHDRAWN
    assert "200,00" in text_of(pdf_of(printed))


# --- the court -----------------------------------------------------------------------------------------


def test_what_is_missing_is_listed_and_never_guessed(desk: Desk) -> None:
    file = desk.notified()
    assert {"court", "debtor_tax_id", "signer", "ground"} <= {one.name for one in missing(file)}
    with pytest.raises(ContentiousError, match=r"Court, .*Who signs"):
        court_file(file, claim_of(file, ON))


def test_the_monitorio_has_parties_debt_interest_and_the_prayer(desk: Desk) -> None:
    invoice = desk.bill("1000.00", late=45)
    pay(invoice, "200.00")
    file = desk.act(desk.notified(invoice), "track", tracking="CD0123")
    file = set_facts(desk, file, ES)
    assert not missing(file)
    claim = claim_of(file, ON)
    pdf = court_file(file, claim)
    text = text_of(pdf)
    for words in (
        "AL Juzgado de Primera Instancia que por turno corresponda de Madrid",
        "PETICIÓN INICIAL DE PROCESO MONITORIO",
        "Acme Ibérica, S.L.",
        "B12345674",
        "A58818501",
        "28013 Madrid",
        "no está sujeto a límite de cuantía",
        "pedidos {de} enero",
        invoice.number,
        "CD0123",
        "SUPLICO",
        "OTROSÍ DIGO",
        "Documento n.º 1",
        "Marta Gil",
    ):
        assert words in text
    for amount in (claim.principal, claim.interest, claim.costs, claim.total):
        assert euros(amount) in text
    # The same file on the same day is the same paper.
    assert court_file(file, claim) == pdf


def test_the_injonction_speaks_french_law(desk: Desk) -> None:
    cast = desk.cast
    people.give_role(user=cast.alice, entity=cast.other, role="credit_manager", at=AT)
    vars(cast.alice).pop("_scope", None)
    invoice = make_invoice(cast.foreign, "450.00")
    file = contentious.open_file(
        customer=cast.foreign,
        currency="EUR",
        invoices=[invoice.pk],
        law=contentious.law_of(cast.foreign),
        by=cast.alice,
        on=ON,
        at=AT,
    )
    assert file.law == "FR"
    desk.act(file, "notify", deadline=DEADLINE)
    file = set_facts(desk, file, FR)
    text = text_of(court_file(file, claim_of(file, ON)))
    for words in (
        "Président du tribunal des activités économiques de Lyon",
        "REQUÊTE EN INJONCTION DE PAYER",
        "552 100 554",
        "art. 1405, 1°, CPC",
        "D441-5",
        "BORDEREAU DES PIÈCES",
        "Pièce n° 1",
        "450,00 €",
        "Fait à Lyon",
    ):
        assert words in text.replace("\u202f", " ")


def test_the_calculation_and_the_data_of_an_invoice(desk: Desk) -> None:
    invoice = desk.bill("1000.00", late=45)
    file = desk.open(invoice)
    claim = claim_of(file, ON)
    text = text_of(interest_sheet(file, claim))
    assert invoice.number in text
    assert f"{claim.interest}".replace(".", ",") in text
    sheet = text_of(invoice_sheet(file, claim.lines[0], ON))
    assert invoice.number in sheet
    assert "1.000,00" in sheet
