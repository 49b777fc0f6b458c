"""Two people at once. Each was seen to fail without the lock it names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from collections_app.errors import ContentiousError
from collections_app.models import LegalFile, LegalStep
from tests.contentious.conftest import Desk
from tests.disputes.race import both
from tests.factories import Cast

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_invoice_comes_into_one_file(cast: Cast, tmp_path: Path) -> None:
    """`open_file` locks the invoices."""
    desk = Desk(cast, tmp_path)
    invoice = desk.bill()
    results: list[Any] = both(
        "ledger_invoice", invoice.pk, lambda: desk.open(invoice), lambda: desk.open(invoice)
    )
    assert [one.code for one in results if isinstance(one, ContentiousError)] == ["file_invoice_pursued"]
    assert LegalFile.objects.count() == 1


def test_a_file_is_taken_one_way(cast: Cast, tmp_path: Path) -> None:
    """`act` locks the file: it does not go to the agency and to the court at once."""
    desk = Desk(cast, tmp_path)
    file = desk.notified()
    results: list[Any] = both(
        "collections_app_legalfile",
        file.pk,
        lambda: desk.act(file, "hand_over", agency="Recobros"),
        lambda: desk.act(file, "file", court="Madrid"),
    )
    assert [one.code for one in results if isinstance(one, ContentiousError)] == ["file_status"]
    assert LegalStep.objects.filter(file=file).count() == 3
