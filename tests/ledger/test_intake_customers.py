"""Lists of customers: recognised, brought in, up to date, and taken back."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ledger.choices import BatchStatus
from ledger.intake.batch import import_file
from ledger.intake.customers_reader import is_customer_header
from ledger.intake.job import Job
from ledger.intake.undo import undo_import
from ledger.models import Contact, Customer, ImportBatch, MappingProfile
from lib.clock import now
from tests.factories import Cast
from tests.ledger.intake_helpers import bring, codes, numbers
from tests.ledger.test_intake_pages import browser
from tests.ledger.test_undo import content
from tests.ledger.workbooks import workbook

HEADER = (
    "Código;Razón social;NIF;Correo electrónico;Teléfono;País;Plazo de pago;Límite de crédito;Segmento;Comercial;"
    "Persona de contacto;Email contacto;Código postal;Población"
)
ROWS = (
    "C-001;Comercial Norte, S.A.;A28000000;;;ES;60;1.000,00;Clave;sofia@acm.example;;;;",
    "200;Talleres Oeste;B12345674;info@oeste.example;600 100 200;es;30;5.000,50;;nobody@acm.example;Ana Paz;"
    "ana@oeste.example;28001;Madrid",
    "0200;Talleres Oeste otra vez;;;;;;;;;;;;",
    "201;Ferretería;;no-es-correo;;;;;;;;;;",
    ";;;;;;;;;;;;;",
    "C-002;Distribuciones Sur, S.L.;;;;ES;;;;;;;;",
)


def listed(folder: Path, *rows: str, header: str = HEADER) -> Path:
    """A list as a file."""
    path = folder / "clientes.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_customers_are_made_brought_up_to_date_and_left_alone(cast: Cast, tmp_path: Path) -> None:
    result = bring(cast.entity, listed(tmp_path, *ROWS))
    assert (result.format, numbers(result)) == ("customers", (1, 1, 1, 2))
    assert codes(result) == [(4, "duplicate_in_file"), (5, "not_an_email")]
    made = Customer.objects.get(code="200")
    assert (made.name, made.tax_id, made.country, made.terms_days, made.credit_limit, made.address) == (
        "Talleres Oeste",
        "B12345674",
        "ES",
        30,
        Decimal("5000.50"),
        "28001 Madrid",
    )
    contact = Contact.objects.get(customer=made)
    assert (contact.name, contact.email, contact.phone, contact.is_billing) == (
        "Ana Paz",
        "ana@oeste.example",
        "600 100 200",
        True,
    )
    cast.norte.refresh_from_db()
    assert (cast.norte.tax_id, cast.norte.terms_days, cast.norte.segment, cast.norte.salesperson) == (
        "A28000000",
        60,
        "key",
        cast.sofia,
    )
    assert cast.norte.contacts.count() == 1
    changes = ImportBatch.objects.get(pk=result.batch_id).changes.filter(customer=cast.norte)
    assert dict(changes.values_list("field", "before"))["terms_days"] == ""
    assert {notice.code for notice in result.notices} >= {"salesperson_unknown", "blank_lines"}


def test_the_same_list_twice_changes_nothing(cast: Cast, tmp_path: Path) -> None:
    path = listed(tmp_path, *ROWS)
    bring(cast.entity, path)
    before = content()
    assert numbers(bring(cast.entity, path)) == (0, 0, 3, 2)
    assert content() == before
    assert MappingProfile.objects.count() == 1


def test_a_list_of_customers_can_be_undone(cast: Cast, tmp_path: Path) -> None:
    before = content()
    job = Job(path=listed(tmp_path, *ROWS), entity=cast.entity, at=now(), day=now().date())
    batch = ImportBatch.objects.get(pk=import_file(job).batch_id)
    assert content() != before
    undo_import(batch=batch, by=cast.alice, at=now())
    assert content() == before


def test_a_workbook_of_customers_is_one_too(cast: Cast, tmp_path: Path) -> None:
    rows: list[Any] = [
        ("Customer number", "Company", "E-mail", "Phone", "City"),
        (7, "Uno GmbH", "a@uno.example", 5, "Ulm"),
    ]
    result = bring(cast.entity, workbook(tmp_path / "c.xlsx", {"S": rows}))
    assert (result.format, numbers(result)) == ("customers", (1, 0, 0, 0))
    assert Customer.objects.get(code="7").email == "a@uno.example"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("number;name;language;email;phone;vat_id;address_street_1;person_name_1", True),
        ("Kundennummer;Firma;PLZ;Ort;Land;E-Mail", True),
        ("Code client;Raison sociale;SIREN;Courriel", True),
        ("Number;Customer;Date;Amount", False),
        ("Nº Factura;Cód. cliente;Cliente;NIF;Fecha factura;Vencimiento", False),
        ("number;client_name;client_number;date;due;currency;position_total", False),
        ("a;b;c", False),
    ],
)
def test_a_list_of_customers_is_told_by_its_header(header: str, expected: bool) -> None:
    assert is_customer_header(header.split(";")) is expected


def test_the_wizard_shows_customers_before_they_are_written(
    cast: Cast, tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    client = browser(cast.alice)
    data = ("\n".join([HEADER, *ROWS]) + "\n").encode()
    client.post(
        reverse("ledger:imports"), {"entity": cast.entity.pk, "upload": SimpleUploadedFile("c.csv", data)}
    )
    batch = ImportBatch.objects.get()
    page = client.get(reverse("ledger:import", args=[batch.pk])).content.decode()
    assert "List of customers" in page
    assert "Talleres Oeste" in page
    changed = client.get(reverse("ledger:import", args=[batch.pk]) + "?show=changed").content.decode()
    assert "Payment terms in days" in changed
    assert not Customer.objects.filter(code="200").exists()
    assert client.post(reverse("ledger:import_confirm", args=[batch.pk])).status_code == 302
    batch.refresh_from_db()
    assert (batch.status, batch.created, batch.updated) == (BatchStatus.PARTLY, 1, 1)
