"""`manage.py intake`: its JSON, its exit codes, its words."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from ledger.intake import sentences
from ledger.models import ImportBatch, Invoice
from tests.factories import Cast
from tests.ledger.intake_helpers import FILES, VAT

KEYS = {"path", "format", "documents", "created", "updated", "unchanged", "rejected", "rejects", "totals"}


def intake(*args: Any, **options: Any) -> tuple[int, Any]:
    """Run the command; its exit code and its JSON."""
    out = io.StringIO()
    code = 0
    try:
        call_command("intake", *map(str, args), json=True, stdout=out, **options)
    except SystemExit as end:
        code = int(str(end.code))
    return code, json.loads(out.getvalue())


def test_json_has_the_agreed_shape(cast: Cast) -> None:
    code, answer = intake(FILES / "facturas.csv", FILES / "invoice.xml", entity="ACM")
    assert code == 0
    assert [set(file) for file in answer["files"]] == [KEYS, KEYS]
    first, second = answer["files"]
    assert (first["format"], first["documents"], first["created"]) == ("csv", 4, 4)
    assert first["totals"] == {"EUR": "3691.11"}
    assert (second["format"], second["totals"]) == ("ubl", {"EUR": "242.00"})


def test_rejected_rows_give_exit_code_1_and_are_listed(cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Number;Customer;Date;Amount\n1;A;2026-01-01;5\n2;A;2026-02-30;5\n")
    code, answer = intake(tmp_path / "a.csv", entity="ACM")
    (file,) = answer["files"]
    assert (code, file["created"], file["rejected"]) == (1, 1, 1)
    (reject,) = file["rejects"]
    assert (reject["at"], reject["code"]) == ("line 3, column Date", "not_a_date")
    assert "2026-02-30" in reject["message"]


def test_unreadable_files_give_exit_code_2_and_the_others_go_in(cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Number;Customer;Date;Amount\n1;A;2026-01-01;5\n")
    (tmp_path / "b.csv").write_bytes(b"\x00\x01\x02" * 100)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "c.csv").write_text("")
    code, answer = intake(tmp_path, tmp_path / "none.csv", entity="ACM")
    assert code == 2
    assert [file["created"] for file in answer["files"]] == [1, 0, 0, 0]
    found = [file["rejects"][0]["code"] for file in answer["files"][1:]]
    assert found == ["binary_file", "empty_file", "no_such_file"]


def test_a_dry_run_of_several_files_reports_what_the_real_one_does(cast: Cast) -> None:
    paths = [FILES / "invoice.xml", FILES / "credit_note.xml", FILES / "invoice.xml", FILES / "facturas.csv"]
    dry = intake(*paths, entity="ACM", dry_run=True)
    assert Invoice.objects.count() == ImportBatch.objects.count() == 0
    real = intake(*paths, entity="ACM")
    assert dry[1]["dry_run"]
    assert (dry[0], dry[1]["files"]) == (real[0], real[1]["files"])
    assert [file["unchanged"] for file in real[1]["files"]] == [0, 0, 1, 0]


def test_without_entity_the_only_one_is_taken_and_several_must_be_named(cast: Cast) -> None:
    code, answer = intake(FILES / "facturas.csv")
    assert code == 2
    assert answer["files"][0]["rejects"][0]["code"] == "entity_unclear"
    assert intake(FILES / "facturas.csv", entity="ACM")[0] == 0


def test_the_entity_of_an_e_invoice_is_told_by_its_seller(cast: Cast, tmp_path: Path) -> None:
    type(cast.other).objects.filter(pk=cast.other.pk).update(tax_id="FR 55")
    vat = VAT.format("FR55")
    text = (FILES / "invoice.xml").read_text(encoding="utf-8")
    marker = "<cac:AccountingSupplierParty><cac:Party>"
    (tmp_path / "a.xml").write_text(text.replace(marker, marker + vat), encoding="utf-8")
    assert intake(tmp_path / "a.xml")[0] == 0
    assert Invoice.objects.get(number="E-100").entity == cast.other


def test_an_unknown_entity_and_no_entity_at_all_are_errors_in_words(db: None) -> None:
    with pytest.raises(CommandError, match="no legal entity yet") as caught:
        intake(FILES / "facturas.csv")
    assert caught.value.returncode == 2
    with pytest.raises(CommandError, match="no legal entity XYZ"):
        intake(FILES / "facturas.csv", entity="XYZ")


def test_words_for_people_name_places_and_counts(cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Number;Customer;Date;Amount\n1;A;2026-01-01;5\n2;A;2026-02-30;5\n")
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("intake", str(tmp_path / "a.csv"), entity="ACM", stdout=out)
    said = out.getvalue()
    assert "2 documents: 1 created, 0 updated, 0 unchanged, 1 rejected. 5.00 EUR" in said
    assert "line 3, column Date" in said


def test_every_code_in_use_has_its_sentence() -> None:
    import re

    folder = Path(sentences.__file__).parent
    source = "\n".join(
        path.read_text(encoding="utf-8") for path in folder.glob("*.py") if path.name != "sentences.py"
    )
    used = set(
        re.findall(
            r'(?:BadCell|Unreadable|notices\.add|Reject)\(\s*(?:[\w.]+(?:\([^)]*\))?,\s*)?"(\w+)"', source
        )
    )
    assert len(used) > 25
    assert used <= set(sentences.ALL)
